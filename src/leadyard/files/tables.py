"""A file of leads, whatever it is: its rows with the numbers that a spreadsheet shows for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from leadyard.domain.directory import UnreadableFile
from leadyard.domain.import_columns import SAMPLE_ROWS, find_header, name_columns
from leadyard.files.delimited import SNIFFED_CHARACTERS, find_delimiter, is_blank, open_text, read_records
from leadyard.files.encodings import Encoding, detect_encoding
from leadyard.files.workbook import open_workbook

MAX_COLUMNS = 500
_ZIP_MAGIC = b"PK\x03\x04"
_BINARY_KINDS = (
    (b"\xd0\xcf\x11\xe0", "The file is an old Excel workbook (.xls), or has a password"),
    (b"PAR1", "The file is Parquet"),
    (b"%PDF", "The file is a PDF"),
    (b"\x1f\x8b", "The file is compressed"),
    (b"{\\rtf", "The file is a text document"),
)


class Row(NamedTuple):
    """A row with something in it, and its number in a spreadsheet: the first row of a file is 1."""

    number: int
    cells: list[str]


class OpenRows(msgspec.Struct, frozen=True):
    """All rows of a file, read one by one; `encoding` and `delimiter` are those of a file of text."""

    kind: str
    rows: Iterator[Row]
    encoding: str | None = None
    delimiter: str | None = None


class OpenTable(msgspec.Struct, frozen=True):
    """The columns of a file and its rows below their names; `sample` are the first of those rows."""

    names: list[str]
    header: Row | None
    sample: list[Row]
    rows: Iterator[Row]
    source: OpenRows


@contextmanager
def open_rows(path: Path, encoding: str | None = None) -> Iterator[OpenRows]:
    """Opens a file of text or an XLSX workbook. It and its rows raise OSError and UnreadableFile.

    The encoding of a text is found out, unless it is told: a name that Python knows.
    """
    with path.open("rb") as file:
        magic = file.read(8)
        if magic.startswith(_ZIP_MAGIC):
            with open_workbook(path) as rows:
                yield OpenRows("xlsx", _number_rows(rows))
            return
        for start, complaint in _BINARY_KINDS:
            if magic.startswith(start):
                raise UnreadableFile(f"{complaint}: save it as XLSX or CSV.")
        file.seek(0)
        yield _open_text(file, detect_encoding(file) if encoding is None else Encoding(encoding))


@contextmanager
def open_table(path: Path) -> Iterator[OpenTable]:
    """Opens a file and finds the names of its columns. Raises as `open_rows`, also for an empty file."""
    with open_rows(path) as source:
        head = list(islice(source.rows, SAMPLE_ROWS))
        if not head:
            raise UnreadableFile("There is nothing in the file.")
        place = find_header([row.cells for row in head])
        header = None if place is None else head[place]
        sample = head if place is None else head[place + 1 :]
        width = max(len(row.cells) for row in head)
        names = name_columns([] if header is None else header.cells, width)
        yield OpenTable(names, header, sample, chain(sample, source.rows), source)


def _open_text(file: BinaryIO, encoding: Encoding) -> OpenRows:
    head = open_text(file, encoding)
    start = head.read(SNIFFED_CHARACTERS)
    head.detach()
    file.seek(0)
    delimiter, is_declared = find_delimiter(start)
    text = open_text(file, encoding)
    if is_declared:
        text.readline()
    records = read_records(text, delimiter)
    return OpenRows("csv", _number_rows(enumerate(records, 1)), encoding.name, delimiter)


def _number_rows(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    """The rows that are not blank, without what is blank behind their last cell."""
    for number, cells in rows:
        if is_blank(cells):
            continue
        kept = list(cells)
        while not kept[-1].strip():
            kept.pop()
        if len(kept) > MAX_COLUMNS:
            raise UnreadableFile(f"Row {number:,} has more than {MAX_COLUMNS} cells: is it a file of leads?")
        yield Row(number, kept)
