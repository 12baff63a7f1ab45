"""Files of leads as workbooks, written row by row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

import xlsxwriter

from leadyard.domain.export_columns import cell_text

MAX_CELL_LENGTH = 32_767
"""What a cell of a spreadsheet holds; XlsxWriter leaves longer ones out."""
READ_BYTES = 256 * 1024


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
