"""The rows of a file with people, in batches: CSV in UTF-8, or Parquet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from leadyard.domain.directory import COLUMNS, BadRow, UnreadableFile
from leadyard.domain.phone_numbers import SEPARATOR
from leadyard.files.delimited import Lines, is_blank

BATCH_ROWS = 5_000
DELIMITERS = ",;\t"
MAX_HEADER_BYTES = 65_536
PARQUET_BUFFER_BYTES = 1_048_576

_PARQUET_MAGIC = b"PAR1"


class Batch(NamedTuple):
    """Rows with the line each begins on, and rows that could not be read.

    A row maps the known columns to its texts; bytes that are no UTF-8 are lone surrogates in them. `done` of
    `total` is how far the file is read, in bytes (CSV) or rows (Parquet).
    """

    rows: list[tuple[int, dict[str, str]]]
    bad_rows: list[BadRow]
    done: int
    total: int


class OpenFile(NamedTuple):
    """A file whose columns are known to suffice; its batches are read one by one."""

    batches: Iterator[Batch]
    unknown_columns: tuple[str, ...]


class _Header(NamedTuple):
    places: dict[int, str]
    unknown: tuple[str, ...]
    width: int


@contextmanager
def open_directory_file(path: Path) -> Iterator[OpenFile]:
    """Opens a file; what it is, its first bytes tell. Raises OSError and UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(MAX_HEADER_BYTES)
        file.seek(0)
        if head.startswith(_PARQUET_MAGIC):
            yield _open_parquet(file)
        else:
            yield _open_csv(file, head, path.stat().st_size)


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC


def _read_header(names: Sequence[str]) -> _Header:
    """Which columns stand where. Raises UnreadableFile for columns that cannot identify anybody."""
    columns = [_column(name) for name in names]
    places = {place: column for place, column in enumerate(columns) if column in COLUMNS}
    repeated = [column for column, count in Counter(places.values()).items() if count > 1]
    if repeated:
        raise UnreadableFile(f"The column {repeated[0]} is there twice: rename or remove one.")
    known = set(places.values())
    by_title = {"title"} <= known and known & {"company_name", "company_domain"}
    if not known & {"linkedin_url", "email"} and not (by_title and known & {"first_name", "last_name"}):
        raise UnreadableFile(
            "No column identifies people: there must be linkedin_url or email, or else title with "
            "company_name or company_domain and first_name or last_name. A CSV file must be UTF-8."
        )
    unknown = [name for place, name in enumerate(names) if place not in places and name.strip()]
    return _Header(places, tuple(dict.fromkeys(map(_printable, unknown))), len(names))


def _column(name: str) -> str:
    """A column's name as COLUMNS has it: in small letters, with underscores for spaces."""
    return "_".join(name.lower().split())


def _printable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _open_csv(file: BinaryIO, head: bytes, total: int) -> OpenFile:
    lines = Lines(io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline=""))
    reader = csv.reader(lines, delimiter=_find_delimiter(head))
    try:
        header = _read_header(next(reader, []))
    except csv.Error as error:
        raise UnreadableFile("The first line is not the header of a CSV file.") from error
    return OpenFile(_read_csv(file, lines, header, reader, total), header.unknown)


def _find_delimiter(head: bytes) -> str:
    """The delimiter with which the header has the most columns that are known."""
    text = head.decode("utf-8-sig", "replace")

    def known_columns(delimiter: str) -> int:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(_column(name) in COLUMNS for name in names)

    return max(DELIMITERS, key=known_columns)


def _read_csv(
    file: BinaryIO, lines: Lines, header: _Header, reader: Iterator[list[str]], total: int
) -> Iterator[Batch]:
    rows: list[tuple[int, dict[str, str]]] = []
    bad_rows: list[BadRow] = []
    while True:
        line = lines.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            bad_rows.append(BadRow(line, "a cell is too long: is a quote not closed?"))
            continue
        if len(cells) == header.width:
            row = {column: cells[place] for place, column in header.places.items()}
            if not is_blank(cells):
                rows.append((line, row))
        elif not is_blank(cells):
            bad_rows.append(BadRow(line, _wrong_width(len(cells), header.width, line, lines.count)))
        if len(rows) + len(bad_rows) >= BATCH_ROWS:
            yield Batch(rows, bad_rows, file.tell(), total)
            rows, bad_rows = [], []
    yield Batch(rows, bad_rows, total, total)


def _wrong_width(count: int, width: int, first_line: int, last_line: int) -> str:
    reason = f"{count:,} cells where the header has {width:,}"
    return reason if first_line == last_line else f"{reason}, up to line {last_line}: is a quote not closed?"


def _open_parquet(file: BinaryIO) -> OpenFile:
    # Not at the top: it takes longer to import than all else, and only this needs it.
    from pyarrow import ArrowException, parquet  # noqa: PLC0415

    try:
        opened = parquet.ParquetFile(file, buffer_size=PARQUET_BUFFER_BYTES)
    except (ArrowException, OSError) as error:
        raise UnreadableFile("The file begins like Parquet, but cannot be read as such.") from error
    header = _read_header(opened.schema_arrow.names)
    return OpenFile(_read_parquet(opened, header), header.unknown)


def _read_parquet(opened: Any, header: _Header) -> Iterator[Batch]:
    from pyarrow import ArrowException  # noqa: PLC0415

    total = opened.metadata.num_rows
    done = 0
    names = {opened.schema_arrow.names[place]: column for place, column in header.places.items()}
    try:
        for part in opened.iter_batches(BATCH_ROWS, columns=list(names)):
            texts = [_read_column(part.column(name)) for name in names]
            rows = [
                (number, dict(zip(names.values(), cells, strict=True)))
                for number, cells in enumerate(zip(*texts, strict=True), done + 1)
                if not is_blank(cells)
            ]
            done += part.num_rows
            yield Batch(rows, [], done, total)
    except (ArrowException, OSError, UnicodeError) as error:
        raise UnreadableFile(f"The Parquet file cannot be read beyond row {done:,}.") from error


def _read_column(column: Any) -> list[str]:
    """A column's values as texts. Strings are read as bytes: nothing in Parquet makes them UTF-8."""
    from pyarrow import binary, types  # noqa: PLC0415

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_string(column.type) or types.is_large_string(column.type):
        column = column.cast(binary())
    return [_to_text(value) for value in column.to_pylist()]


def _to_text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - a number that is not there is NaN to pandas
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return msgspec.json.encode(value).decode()
    if isinstance(value, list):
        return SEPARATOR.join(map(_to_text, value))
    return str(value)
