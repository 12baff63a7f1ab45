"""The people of a file, batch by batch; those of a large file from a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from leadyard.actions.directory_files import Batch, open_directory_file
from leadyard.domain.directory import BadCell, BadRow, DirectoryPerson, UnreadableFile, read_person
from leadyard.files.elsewhere import read_elsewhere

LARGE_FILE_BYTES = 16_000_000
"""About 100,000 rows. Two processors work on more; less takes no longer than a process takes to start."""


class ReadBatch(msgspec.Struct):
    """The people of a batch and all its bad rows in the order of the file; `done` of `total` is read."""

    people: list[DirectoryPerson]
    bad_rows: list[BadRow]
    done: int
    total: int


class _End(msgspec.Struct):
    """What the other process sends last: nothing, or why the file cannot be read on."""

    complaint: str | None = None


class OpenPeople(msgspec.Struct):
    """A file whose columns suffice; its batches are read one by one."""

    batches: Iterator[ReadBatch]
    unknown_columns: tuple[str, ...]


@contextmanager
def open_people(path: Path, large_file_bytes: int = LARGE_FILE_BYTES) -> Iterator[OpenPeople]:
    """Opens a file. It and its batches raise OSError and UnreadableFile."""
    with open_directory_file(path) as file:
        if path.stat().st_size < large_file_bytes:
            yield OpenPeople(map(_read_batch, file.batches), file.unknown_columns)
            return
    with read_elsewhere(_send_batches, str(path)) as receiver:
        yield OpenPeople(_receive(receiver), file.unknown_columns)


def _read_batch(batch: Batch) -> ReadBatch:
    people = []
    bad_rows = list(batch.bad_rows)
    for line, cells in batch.rows:
        try:
            people.append(read_person(cells))
        except BadCell as error:
            bad_rows.append(BadRow(line, str(error)))
    return ReadBatch(people, sorted(bad_rows), batch.done, batch.total)


def _receive(receiver: Connection) -> Iterator[ReadBatch]:
    decode = msgspec.msgpack.Decoder(tuple[ReadBatch | None, _End | None]).decode
    while True:
        try:
            batch, end = decode(receiver.recv_bytes())
        except EOFError:
            raise UnreadableFile("The process that reads the file was ended: load the file again.") from None
        if batch is not None:
            yield batch
        if end is not None:
            if end.complaint is not None:
                raise UnreadableFile(end.complaint)
            return


def _send_batches(path: str, sender: Connection) -> None:
    """What the other process does. Whoever interrupts the load ends it by closing the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    encode = msgspec.msgpack.Encoder().encode
    end = _End()
    try:
        try:
            with open_directory_file(Path(path)) as file:
                for batch in file.batches:
                    sender.send_bytes(encode((_read_batch(batch), None)))
        except UnreadableFile as error:
            end = _End(str(error))
        sender.send_bytes(encode((None, end)))
    except BrokenPipeError:
        return
