"""Taking a file of leads in: it is read into rows that are kept in the database, a few at a time."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path, PurePath
from typing import BinaryIO

import msgspec

from leadyard.actions.audit import record
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.directory import UnreadableFile
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, Refused
from leadyard.domain.import_rows import Guess, guess_table, row_identity
from leadyard.domain.imports import (
    CHARACTERS_AT_ONCE,
    MAX_FILE_NAME_CHARACTERS,
    ROWS_AT_ONCE,
    Import,
    NewListPlan,
    RowVerdict,
    StagedRow,
)
from leadyard.files.tables import OpenRows, Row, open_rows
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import users as user_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.imports import ReceivedFile
from leadyard.storage.suppression import find_erased

SENT_AT_ONCE = 4
"""How many files a user sends to a process at once: each is on its disk until it is read."""
READ_AT_ONCE = 2
"""How many files a process reads at once; the others wait until they are all there."""
LOST_AFTER = timedelta(days=1)
_PREFIX, _SUFFIX = "import-", ".upload"


class TooManyFiles(LeadyardError):
    """The user is sending as many files as they can (503)."""

    def __init__(self) -> None:
        detail = f"You are sending {SENT_AT_ONCE} files already. Wait until one of them is there."
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


class FileDrop:
    """A file that is being written, in a folder of ours; nothing of it is in memory."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file = file

    async def write(self, part: bytes) -> None:
        """Writes on."""
        self.size += len(part)
        await asyncio.to_thread(self._file.write, part)

    async def finish(self) -> None:
        """Makes sure that whoever opens the file sees all of it."""
        await asyncio.to_thread(self._file.flush)


class StagedFile(msgspec.Struct, frozen=True):
    """A file whose rows are all kept, before anybody sees it."""

    row_id: int
    id: str
    received: ReceivedFile
    guess: Guess


class Intake(msgspec.Struct, frozen=True):
    """Where files come in. `folder` is where they lie while they are read."""

    database: Database
    folder: Path
    max_bytes: int
    places: asyncio.Semaphore = msgspec.field(default_factory=lambda: asyncio.Semaphore(READ_AT_ONCE))
    sending: Counter[int] = msgspec.field(default_factory=Counter)

    @asynccontextmanager
    async def open_drop(self, caller: Caller) -> AsyncIterator[FileDrop]:
        """A file to write what comes to; it is gone when the block ends. Raises TooManyFiles."""
        if self.sending[caller.user_id] >= SENT_AT_ONCE:
            raise TooManyFiles
        self.sending[caller.user_id] += 1
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await asyncio.to_thread(self._forget_lost, LOST_AFTER)
            descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=self.folder)
            with os.fdopen(descriptor, "wb") as file:
                try:
                    yield FileDrop(file, Path(name))
                finally:
                    os.unlink(name)
        finally:
            self.sending[caller.user_id] -= 1
            if not self.sending[caller.user_id]:
                del self.sending[caller.user_id]

    async def stage(self, caller: Caller, drop: FileDrop, file_name: str, encoding: str | None) -> StagedFile:
        """Reads a file and keeps its rows. Raises Refused for one that cannot be read, or has no rows."""
        async with self.places:
            name = PurePath(file_name.replace("\\", "/")).name[-MAX_FILE_NAME_CHARACTERS:] or "leads"
            async with self.database.write() as tx:
                owner = await user_rows.get_user(tx, caller.user_id)
                plan = NewListPlan(PurePath(name).stem or name, owner.email)
                row_id, public_id = await import_rows.add_import(tx, caller, name, plan)
            try:
                received, guess = await self._keep_rows(caller, row_id, drop, encoding)
            except BaseException:
                await self.discard(row_id)
                raise
            return StagedFile(row_id, public_id, received, guess)

    async def forget_lost(self) -> None:
        """Deletes what a process that was killed has left of files; at the start, before any comes in.

        At once where there is no other process, elsewhere when it is a day old.
        """
        await asyncio.to_thread(self._forget_lost, timedelta() if self.database.is_sqlite else LOST_AFTER)

    def _forget_lost(self, age: timedelta) -> None:
        before = time.time() - age.total_seconds()
        for path in self.folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= before:
                    path.unlink()

    async def discard(self, row_id: int) -> None:
        """Forgets a file that nobody will see."""
        async with self.database.write() as tx:
            await import_rows.empty_import(tx, row_id)

    async def _keep_rows(
        self, caller: Caller, row_id: int, drop: FileDrop, encoding: str | None
    ) -> tuple[ReceivedFile, Guess]:
        guess: Guess | None = None
        row_count = batch_count = 0
        async with _open_batches(drop.path, encoding) as (source, batches):
            while rows := await asyncio.to_thread(next, batches, None):
                guess = guess or await asyncio.to_thread(guess_table, rows)
                async with self.database.write() as tx:
                    await _keep_batch(tx, caller, row_id, batch_count, rows)
                row_count += len(rows)
                batch_count += 1
        if guess is None:
            raise Refused(_unreadable("There is nothing in the file."))
        kind, encoding, delimiter = source.kind, source.encoding, source.delimiter
        return ReceivedFile(drop.size, kind, encoding, delimiter, row_count, batch_count), guess


async def finish_upload(tx: Tx, caller: Caller, staged: StagedFile) -> Import:
    """Lets an import be seen from the commit on, with its columns as such files had them before."""
    guess = staged.guess
    known = await import_rows.recall_mapping(tx, caller.account_id, guess.fingerprint)
    if known is not None and len(known) == guess.width:
        guess = guess._replace(columns=known)
    await import_rows.finish_receiving(tx, staged.row_id, staged.received, guess)
    await record(tx, caller, AuditAction.IMPORT_UPLOADED, staged.id, rows=staged.received.row_count)
    return await import_rows.get_import(tx, staged.row_id)


async def _keep_batch(tx: Tx, caller: Caller, row_id: int, number: int, rows: list[StagedRow]) -> None:
    """Stores some rows, but nothing of whom was erased; an erasure waits for whoever has begun to write."""
    if not await import_rows.touch(tx, row_id):
        raise Refused(_unreadable("The upload took too long."))
    await empty_erased(tx, caller.workspace_id, rows)
    await batch_rows.add_batch(tx, row_id, number, rows)


async def empty_erased(tx: Tx, workspace_id: int, rows: list[StagedRow]) -> None:
    """Takes everything out of rows that tell of somebody who was erased."""
    for place in await find_erased(tx, workspace_id, (row_identity(row.cells) for row in rows)):
        rows[place] = StagedRow(rows[place].number, [], RowVerdict.ERASED)


@asynccontextmanager
async def _open_batches(
    path: Path, encoding: str | None
) -> AsyncIterator[tuple[OpenRows, Iterator[list[StagedRow]]]]:
    stack = ExitStack()
    try:
        try:
            source = await asyncio.to_thread(stack.enter_context, open_rows(path, encoding))
            yield source, _split(source.rows)
        except UnreadableFile as error:
            raise Refused(_unreadable(str(error))) from None
        except UnicodeError:
            raise Refused(_unreadable("The file is not in this encoding.")) from None
    finally:
        await asyncio.to_thread(stack.close)


def _split(rows: Iterator[Row]) -> Iterator[list[StagedRow]]:
    """Rows in batches that fit in memory whatever is in them."""
    batch: list[StagedRow] = []
    characters = 0
    for number, cells in rows:
        batch.append(StagedRow(number, cells))
        characters += sum(map(len, cells))
        if len(batch) == ROWS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _unreadable(why: str) -> Fault:
    return Fault(ErrorCode.UNSUPPORTED_VALUE, why, "")
