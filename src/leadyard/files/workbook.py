"""Rows of an XLSX workbook, read by a process of its own that may not take more than so much memory.

A few bytes of a workbook can stand for any number of cells; whoever sends such a one ends that process only.
"""

from __future__ import annotations

import resource
import signal
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from leadyard.domain.directory import UnreadableFile
from leadyard.files.elsewhere import read_elsewhere

MAX_INFLATED_BYTES = 512 * 1024**2
MAX_MEMORY_BYTES = 3 * 1024**3
MAX_PROCESSOR_SECONDS = 120
MAX_MEMBERS = 10_000
ROWS_AT_ONCE = 500
MAX_ROW_SIZE = 1_000_000
SIZE_AT_ONCE = 4_000_000
"""Characters and cells of rows: what the other process sends is in this one's memory, which has no limit."""

_TOO_LARGE = "The workbook is too large when it is unpacked: save the sheet as CSV and take that."
_TOO_LONG = "A row of the workbook has more than a million characters."
_UNREADABLE = "The file begins like an Excel workbook, but cannot be read as one: save it again, or as CSV."


class _Part(msgspec.Struct):
    """What the other process sends: some rows with the number of the first, last of all why it ended."""

    first: int = 0
    rows: list[list[str]] = []
    is_end: bool = False
    complaint: str | None = None


def require_bounded(path: Path, max_inflated_bytes: int) -> None:
    """Raises UnreadableFile for what is no workbook of this kind, or is too large when it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        raise UnreadableFile(_UNREADABLE) from None
    if not any(member.filename.lower() == "xl/workbook.xml" for member in members):
        raise UnreadableFile("The file is a ZIP archive, but no XLSX workbook: save it as XLSX or CSV.")
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > max_inflated_bytes:
        raise UnreadableFile(_TOO_LARGE)


@contextmanager
def open_workbook(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The rows of the first visible sheet that has any, each with its number in the sheet."""
    with read_elsewhere(_send_rows, str(path), MAX_INFLATED_BYTES) as receive:
        yield _receive_rows(receive)


def _receive_rows(receive: Callable[[], bytes]) -> Iterator[tuple[int, list[str]]]:
    decode = msgspec.msgpack.Decoder(_Part).decode
    while True:
        try:
            part = decode(receive())
        except EOFError:
            raise UnreadableFile(_TOO_LARGE) from None
        yield from enumerate(part.rows, part.first)
        if part.complaint is not None:
            raise UnreadableFile(part.complaint)
        if part.is_end:
            return


def _send_rows(path: str, max_inflated_bytes: int, sender: Connection) -> None:
    """What the other process does. Whoever interrupts it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_PROCESSOR_SECONDS, MAX_PROCESSOR_SECONDS))
    encode = msgspec.msgpack.Encoder().encode
    try:
        for part in _read_parts(path, max_inflated_bytes):
            sender.send_bytes(encode(part))
    except BrokenPipeError:
        return


def _read_parts(path: str, max_inflated_bytes: int) -> Iterator[_Part]:
    number = 1
    try:
        require_bounded(Path(path), max_inflated_bytes)
        with CalamineWorkbook.from_path(path) as workbook:
            rows: list[list[str]] = []
            size = 0
            for row in _read_sheet(workbook):
                row_size = len(row) + sum(map(len, row))
                if row_size > MAX_ROW_SIZE:
                    yield _Part(number, rows, complaint=_TOO_LONG)
                    return
                rows.append(row)
                size += row_size
                if len(rows) == ROWS_AT_ONCE or size > SIZE_AT_ONCE:
                    yield _Part(number, rows)
                    number += len(rows)
                    rows, size = [], 0
        yield _Part(number, rows, is_end=True)
    except UnreadableFile as error:
        yield _Part(complaint=str(error))
    except (CalamineError, OSError, ValueError):
        yield _Part(complaint=_UNREADABLE)
    except MemoryError:
        yield _Part(complaint=_TOO_LARGE)


def _read_sheet(workbook: CalamineWorkbook) -> Iterator[list[str]]:
    """The rows of the first sheet that is seen and holds anything, from the sheet's first row on."""
    for place, sheet in enumerate(workbook.sheets_metadata):
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet:
            found = workbook.get_sheet_by_index(place)
            if found.start is not None:
                yield from map(_to_texts, found.iter_rows())
                return


def _to_texts(row: Iterable[Any]) -> list[str]:
    return list(map(_to_text, row))


def _to_text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
