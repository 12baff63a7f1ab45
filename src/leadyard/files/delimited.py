"""Rows of a file of text: with commas, semicolons, tabs or bars between its cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from leadyard.files.encodings import Encoding

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE_CHARACTERS = 1_000_000
MAX_RECORD_CHARACTERS = 2_000_000
"""A longer record has a quote that is not closed, or is there to fill the memory."""
MAX_REREAD_CHARACTERS = 500_000_000
"""How much is read again because of such quotes; then they are letters, in the rest of the text."""
SNIFFED_CHARACTERS = 65_536
SNIFFED_ROWS = 50

_DECLARED = re.compile(r'"?sep=([^"\r\n])"?\s*', re.IGNORECASE)


class Lines:
    """The lines of a text with their line breaks, counted; longer ones in parts of MAX_LINE_CHARACTERS."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.count = 0
        self._text = text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        self.count += len(line) < MAX_LINE_CHARACTERS or line.endswith(("\n", "\r"))
        return line


class _Record:
    """The lines of a text, of which those of the last record can be put back, to be read in another way."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.lines: list[str] = []
        self.is_at_end = False
        self.reread = 0
        self._size = 0
        self._source = Lines(text)
        self._put_back: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > MAX_RECORD_CHARACTERS:
            raise csv.Error
        try:
            line = self._put_back.popleft() if self._put_back else next(self._source)
        except StopIteration:
            self.is_at_end = True
            raise
        self.lines.append(line)
        self._size += len(line)
        return line

    def begin(self) -> None:
        """What is read from now on is another record."""
        self.lines.clear()
        self._size = 0

    def put_back(self) -> str:
        """Puts back all lines of the record but the first, which is returned."""
        first, *others = self.lines
        self.reread += self._size
        self._put_back.extendleft(reversed(others))
        self.is_at_end = False
        return first

    def is_open(self) -> bool:
        """Whether the text ended within quotes."""
        return self.is_at_end and sum(line.count('"') for line in self.lines) % 2 == 1


def is_blank(cells: Sequence[str]) -> bool:
    """Whether there is nothing but space in any cell."""
    return not any(map(str.strip, cells))


def open_text(file: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    """The file as text, with its line breaks as they are."""
    return io.TextIOWrapper(file, encoding.name, encoding.errors, newline="")


def read_records(text: io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    """The cells of each record, empty ones included, without NUL.

    A quote that is not closed would take the rest of the file for one cell: such a line is read as if
    quotes were letters, and what follows it as ever.
    """
    record = _Record(text)
    reader = csv.reader(record, delimiter=delimiter)
    while True:
        record.begin()
        if record.reread > MAX_REREAD_CHARACTERS:
            break
        try:
            cells = next(reader)
            is_sound = not record.is_open()
        except StopIteration:
            return
        except csv.Error:
            is_sound = False
        if not is_sound:
            cells = _split_line(record.put_back(), delimiter)
            reader = csv.reader(record, delimiter=delimiter)
        yield [cell.replace("\0", "") for cell in cells]
    for line in record:
        yield [cell.replace("\0", "") for cell in _split_line(line, delimiter)]
        record.begin()


def _split_line(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


def find_delimiter(head: str) -> tuple[str, bool]:
    """The delimiter of a text that begins like this, and whether the first line is there to declare it.

    It is the one that cuts the first rows into the same number of cells most often, and into the most.
    """
    if declared := _DECLARED.match(head.partition("\n")[0]):
        return declared[1], True
    return max(DELIMITERS, key=lambda delimiter: _fitness(head, delimiter)), False


def _fitness(head: str, delimiter: str) -> tuple[float, int]:
    widths = []
    for cells in read_records(io.StringIO(head, newline=""), delimiter):
        if not is_blank(cells):
            widths.append(len(cells))
        if len(widths) >= SNIFFED_ROWS:
            break
    if not widths:
        return 1.0, 0
    (width, count), *_ = sorted(Counter(widths).items(), key=lambda item: (-item[1], -item[0]))
    return (count / len(widths), width) if width > 1 else (0.0, 1)
