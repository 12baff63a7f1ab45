"""Jobs in a table of the same SQLite file, run by the process that has it open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.statistics import QueueState
from leadyard.storage import chunks as chunk_rows
from leadyard.storage.chunks import ClaimedChunk
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.worker.dispatcher import Handler, pause, retry_seconds

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

    async def drop(self, tx: Tx, list_row_id: int) -> None:
        """Removes the chunks of a list that have not begun."""
        await chunk_rows.drop_chunks(tx, list_row_id)

    async def measure(self, tx: Tx) -> QueueState:
        """How many there are, and for how long the oldest has waited."""
        return await chunk_rows.measure_queue(tx)

    async def list_orphans(self, tx: Tx, unchanged_since: datetime) -> list[int]:
        """Row ids of lists that have work but no chunk."""
        return await chunk_rows.list_orphans(tx, unchanged_since)

    async def list_strays(self, tx: Tx) -> list[int]:
        """Row ids of lists that are not there although there are jobs of them."""
        return await chunk_rows.list_strays(tx)

    async def run(self, database: Database, handler: Handler, slots: int, stop: asyncio.Event) -> None:
        """Runs chunks until `stop` is set. What a killed process had claimed is free again at the start."""
        async with database.write() as tx:
            await chunk_rows.free_chunks(tx)
        running: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                timeout: float | None = POLL_SECONDS
                with suppress(DatabaseAway):
                    while len(running) < slots and (claimed := await self._claim(database)):
                        running.add(asyncio.create_task(self._run_one(database, handler, claimed, stop)))
                    timeout = await self._seconds_to_next(database) if len(running) < slots else None
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait(
                    {*running, waking, stopping}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                waking.cancel()
                running = {task for task in running if not task.done()}
            await asyncio.gather(*running)
        finally:
            for task in (*running, stopping):
                task.cancel()
            await asyncio.gather(*running, stopping, return_exceptions=True)

    async def _claim(self, database: Database) -> ClaimedChunk | None:
        async with database.write() as tx:
            return await chunk_rows.claim_chunk(tx)

    async def _seconds_to_next(self, database: Database) -> float:
        async with database.read() as tx:
            due = await chunk_rows.find_next_due(tx)
            seconds = POLL_SECONDS if due is None else (due - tx.now).total_seconds()
        return min(max(seconds, 0.01), POLL_SECONDS)

    async def _run_one(
        self, database: Database, handler: Handler, claimed: ClaimedChunk, stop: asyncio.Event
    ) -> None:
        """Runs a chunk and writes its end down, for as long as that takes; unless it is time to go."""
        structlog.contextvars.bind_contextvars(job_id=claimed.id)
        run_at: datetime | None = None
        has_failed = False
        try:
            run_at = await handler(claimed.chunk, claimed.attempts)
        except Exception as error:
            log.warning("chunk_failed", attempts=claimed.attempts, error=type(error).__name__)
            run_at = utc_now() + timedelta(seconds=retry_seconds(claimed.attempts))
            has_failed = True
        while True:
            try:
                return await self._leave(database, claimed.id, run_at, has_failed=has_failed)
            except Exception as error:
                log.warning("chunk_end_postponed", error=type(error).__name__)
            if stop.is_set():
                return None
            await pause(POLL_SECONDS, stop)

    async def _leave(
        self, database: Database, chunk_id: int, run_at: datetime | None, *, has_failed: bool
    ) -> None:
        async with database.write() as tx:
            if run_at is None:
                await chunk_rows.finish_chunk(tx, chunk_id)
            else:
                await chunk_rows.put_back_chunk(tx, chunk_id, run_at, has_failed=has_failed)
        self._wake.set()
