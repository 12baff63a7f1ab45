"""Files of leads, written batch by batch: CSV, NDJSON, XLSX and Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from leadyard.domain.export_columns import cell_text, defuse


class ExportFormat(StrEnum):
    """The kinds of files."""

    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"
    PARQUET = "parquet"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
_TO_QUOTE = re.compile(r'[",\r\n]')
_QUOTE, _QUOTED = '"', '""'


class ExportFile(Protocol):
    """A file in the making. Each call returns the bytes that are ready."""

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""

    def finish(self) -> Iterator[bytes]:
        """Ends the file."""

    def close(self) -> None:
        """Leaves nothing behind, also of a file that was not finished."""


class CsvFile:
    """Text by RFC 4180. Unless it is `raw`, no cell begins like a formula."""

    def __init__(self, columns: Sequence[str], *, is_raw: bool) -> None:
        self._is_raw = is_raw
        self._header: Sequence[Sequence[str]] = [columns]

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""
        texts: list[Sequence[str]] = [[cell_text(value) for value in row] for row in rows]
        texts = [*self._header, *texts]
        self._header = []
        if not self._is_raw:
            texts = [[defuse(text) for text in row] for row in texts]
        return "".join(map(write_row, texts)).encode()

    def finish(self) -> Iterator[bytes]:
        """The header, if there were no rows."""
        yield self.add([])

    def close(self) -> None:
        """Nothing is open."""


def write_row(texts: Sequence[str]) -> str:
    """A line of CSV (RFC 4180), quoted where it has to be.

    The library looks at each character by itself: for the data of a wide lead that takes eight times as long.
    """
    cells = [f'"{text.replace(_QUOTE, _QUOTED)}"' if _TO_QUOTE.search(text) else text for text in texts]
    # A single cell that is empty is no empty line.
    return (",".join(cells) or '""') + "\r\n"


class NdjsonFile:
    """One JSON object a line."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""
        objects = (dict(zip(self._columns, row, strict=True)) for row in rows)
        return msgspec.json.Encoder().encode_lines(objects)

    def finish(self) -> Iterator[bytes]:
        """Nothing follows the last line."""
        yield b""

    def close(self) -> None:
        """Nothing is open."""


def open_file(kind: ExportFormat, columns: Sequence[str], *, is_raw: bool) -> ExportFile:
    """A new file with these columns."""
    if kind is ExportFormat.CSV:
        return CsvFile(columns, is_raw=is_raw)
    if kind is ExportFormat.NDJSON:
        return NdjsonFile(columns)
    # What writes the others is not loaded until somebody wants one: Parquet's takes 30 MB of memory.
    if kind is ExportFormat.XLSX:
        from leadyard.actions.xlsx_file import XlsxFile  # noqa: PLC0415

        return XlsxFile(columns)
    from leadyard.actions.parquet_file import ParquetFile  # noqa: PLC0415

    return ParquetFile(columns)
