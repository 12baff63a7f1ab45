"""Jobs in a table of the same SQLite file, run by the process that has it open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import Chunk
from leadyard.storage import chunks as chunk_rows
from leadyard.storage.chunks import ClaimedChunk
from leadyard.storage.database import Database, Tx
from leadyard.worker.dispatcher import Handler, retry_seconds

POLL_SECONDS = 1.0

log = structlog.get_logger()


class EmbeddedDispatcher:
    """The dispatcher of an installation that is one process."""

    def __init__(self) -> None:
        self._wake = asyncio.Event()

    async def enqueue(self, tx: Tx, chunks: Sequence[Chunk], *, pending: int) -> None:
        """Adds rows to the caller's transaction, whose commit wakes the worker."""
        await chunk_rows.add_chunks(tx, chunks, pending=pending)
        tx.after_commit.append(self._wake.set)

    async def list_orphans(self, tx: Tx, unchanged_since: datetime) -> list[int]:
        """Row ids of lists that have work but no chunk."""
        return await chunk_rows.list_orphans(tx, unchanged_since)

    async def run(self, database: Database, handler: Handler, slots: int, stop: asyncio.Event) -> None:
        """Runs chunks until `stop` is set. What a killed process had claimed is free again at the start."""
        async with database.write() as tx:
            await chunk_rows.free_chunks(tx)
        running: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            self._wake.clear()
            while len(running) < slots and (claimed := await self._claim(database)):
                running.add(asyncio.create_task(self._run_one(database, handler, claimed)))
            waking = asyncio.create_task(self._wake.wait())
            timeout = await self._seconds_to_next(database) if len(running) < slots else None
            await asyncio.wait(
                {*running, waking, stopping}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            waking.cancel()
            running = {task for task in running if not task.done()}
        await asyncio.gather(*running, stopping)

    async def _claim(self, database: Database) -> ClaimedChunk | None:
        try:
            async with database.write() as tx:
                return await chunk_rows.claim_chunk(tx)
        except DatabaseAway:
            return None

    async def _seconds_to_next(self, database: Database) -> float:
        try:
            async with database.read() as tx:
                due = await chunk_rows.find_next_due(tx)
                seconds = POLL_SECONDS if due is None else (due - tx.now).total_seconds()
        except DatabaseAway:
            return POLL_SECONDS
        return min(max(seconds, 0.01), POLL_SECONDS)

    async def _run_one(self, database: Database, handler: Handler, claimed: ClaimedChunk) -> None:
        again = timedelta(seconds=retry_seconds(claimed.attempts))
        run_at: datetime | None = None
        is_failed = False
        try:
            run_at = await handler(claimed.chunk, claimed.attempts)
        except Exception as error:
            log.warning("chunk_failed", attempts=claimed.attempts, error=type(error).__name__)
            is_failed = True
        while True:
            try:
                async with database.write() as tx:
                    if is_failed:
                        await chunk_rows.put_back_chunk(tx, claimed.id, tx.now + again)
                    elif run_at is not None:
                        await chunk_rows.put_back_chunk(tx, claimed.id, run_at)
                    else:
                        await chunk_rows.finish_chunk(tx, claimed.id)
            except DatabaseAway:
                await asyncio.sleep(POLL_SECONDS)
            else:
                self._wake.set()
                return
