"""Files of leads, written batch by batch: CSV, NDJSON, XLSX and Parquet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import IO, Any, Protocol

import msgspec
import xlsxwriter

from leadyard.domain.export_columns import cell_text, defuse

MAX_CELL_LENGTH = 32_767
"""What a cell of a spreadsheet holds; XlsxWriter leaves longer ones out."""
READ_BYTES = 256 * 1024


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
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows(texts)
        return buffer.getvalue().encode()

    def finish(self) -> Iterator[bytes]:
        """The header, if there were no rows."""
        yield self.add([])

    def close(self) -> None:
        """Nothing is open."""


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


class XlsxFile:
    """A workbook of one sheet. Rows go to a file on disk at once; every cell is text, and none a formula."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
        self._book = xlsxwriter.Workbook(self._file, options)
        self._sheet = self._book.add_worksheet("Leads")
        self._sheet.freeze_panes(1, 0)
        self._count = 0
        self._is_finished = False
        self.add([columns])

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""
        for row in rows:
            for column, value in enumerate(row):
                if text := cell_text(value):
                    self._sheet.write_string(self._count, column, text[:MAX_CELL_LENGTH])
            self._count += 1
        return b""

    def finish(self) -> Iterator[bytes]:
        """The whole workbook, which is put together only now."""
        self._is_finished = True
        self._book.close()
        self._file.seek(0)
        while part := self._file.read(READ_BYTES):
            yield part

    def close(self) -> None:
        """Deletes what was written to disk."""
        if not self._is_finished:
            self._is_finished = True
            self._book.close()
        self._file.close()


def open_file(kind: ExportFormat, columns: Sequence[str], *, is_raw: bool) -> ExportFile:
    """A new file with these columns."""
    if kind is ExportFormat.CSV:
        return CsvFile(columns, is_raw=is_raw)
    if kind is ExportFormat.XLSX:
        return XlsxFile(columns)
    if kind is ExportFormat.NDJSON:
        return NdjsonFile(columns)
    # 30 MB of memory that a process spares until somebody wants such a file.
    from leadyard.actions.parquet_file import ParquetFile  # noqa: PLC0415

    return ParquetFile(columns)
