"""The people of a file, batch by batch; those of a large file, and of Parquet, from a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from leadyard.actions.directory_files import Batch, is_parquet, open_directory_file
from leadyard.domain.directory import BadCell, BadRow, DirectoryPerson, UnreadableFile, read_person
from leadyard.files.elsewhere import limit_memory, read_elsewhere

LARGE_FILE_BYTES = 16_000_000
"""About 100,000 rows. Two processors work on more; less takes no longer than a process takes to start."""


MAX_DATA_BYTES = 1_073_741_824
"""What the process may have that reads a file. A small file of Parquet can hold pages without end."""


class ReadBatch(msgspec.Struct, tag=True):
    """The people of a batch and all its bad rows in the order of the file; `done` of `total` is read."""

    people: list[DirectoryPerson]
    bad_rows: list[BadRow]
    done: int
    total: int


class _Begin(msgspec.Struct, tag=True):
    """What the other process sends first."""

    unknown_columns: tuple[str, ...]


class _End(msgspec.Struct, tag=True):
    """What it sends last: nothing, or why the file cannot be read, or not read on."""

    complaint: str | None = None


class OpenPeople(msgspec.Struct):
    """A file whose columns suffice; its batches are read one by one."""

    batches: Iterator[ReadBatch]
    unknown_columns: tuple[str, ...]


@contextmanager
def open_people(path: Path, large_file_bytes: int = LARGE_FILE_BYTES) -> Iterator[OpenPeople]:
    """Opens a file. It and its batches raise OSError and UnreadableFile."""
    if path.stat().st_size < large_file_bytes and not is_parquet(path):
        with open_directory_file(path) as file:
            yield OpenPeople(map(_read_batch, file.batches), file.unknown_columns)
        return
    with read_elsewhere(_send_batches, str(path)) as receive:
        begin = _receive(receive)
        assert isinstance(begin, _Begin)
        yield OpenPeople(_receive_batches(receive), begin.unknown_columns)


def _read_batch(batch: Batch) -> ReadBatch:
    people = []
    bad_rows = list(batch.bad_rows)
    for line, cells in batch.rows:
        try:
            people.append(read_person(cells))
        except BadCell as error:
            bad_rows.append(BadRow(line, str(error)))
    return ReadBatch(people, sorted(bad_rows), batch.done, batch.total)


_decode = msgspec.msgpack.Decoder(_Begin | ReadBatch | _End).decode


def _receive_batches(receive: Callable[[], bytes]) -> Iterator[ReadBatch]:
    while not isinstance(told := _receive(receive), _End):
        assert isinstance(told, ReadBatch)
        yield told


def _receive(receive: Callable[[], bytes]) -> _Begin | ReadBatch | _End:
    try:
        told: _Begin | ReadBatch | _End = _decode(receive())
    except EOFError:
        raise UnreadableFile("The process that reads the file was ended: load the file again.") from None
    if isinstance(told, _End) and told.complaint is not None:
        raise UnreadableFile(told.complaint)
    return told


def _send_batches(path: str, sender: Connection) -> None:
    """What the other process does. Whoever interrupts the load ends it by closing the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(MAX_DATA_BYTES)
    encode = msgspec.msgpack.Encoder().encode
    end = _End()
    try:
        try:
            with open_directory_file(Path(path)) as file:
                sender.send_bytes(encode(_Begin(file.unknown_columns)))
                for batch in file.batches:
                    sender.send_bytes(encode(_read_batch(batch)))
        except UnreadableFile as error:
            end = _End(str(error))
        except MemoryError:
            end = _End("To read the file takes more memory than a file may take.")
        sender.send_bytes(encode(end))
    except BrokenPipeError:
        return
