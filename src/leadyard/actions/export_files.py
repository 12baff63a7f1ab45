"""Files of leads, written batch by batch: CSV, NDJSON, XLSX and Parquet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import IO, Any, Protocol

import msgspec
import pyarrow
import pyarrow.parquet
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


class _Outlet(io.RawIOBase):
    """Where the writer of Parquet writes to: it asks where it is, and must not notice what was taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class ParquetFile:
    """Columns of text, one row group for each batch."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
        self._outlet = _Outlet()
        self._writer = pyarrow.parquet.ParquetWriter(self._outlet, self._schema, compression="zstd")
        self._is_finished = False

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""
        if rows:
            columns = [[cell_text(value) or None for value in column] for column in zip(*rows, strict=True)]
            arrays = [pyarrow.array(column, pyarrow.string()) for column in columns]
            self._writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self._schema))
        return self._outlet.take()

    def finish(self) -> Iterator[bytes]:
        """The footer."""
        self._is_finished = True
        self._writer.close()
        yield self._outlet.take()

    def close(self) -> None:
        """Ends a file that was not finished."""
        if not self._is_finished:
            self._writer.close()


def open_file(kind: ExportFormat, columns: Sequence[str], *, is_raw: bool) -> ExportFile:
    """A new file with these columns."""
    if kind is ExportFormat.CSV:
        return CsvFile(columns, is_raw=is_raw)
    if kind is ExportFormat.XLSX:
        return XlsxFile(columns)
    return NdjsonFile(columns) if kind is ExportFormat.NDJSON else ParquetFile(columns)
