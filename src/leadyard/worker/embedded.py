"""Jobs in a table of the same SQLite file, run by the process that has it open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from leadyard.domain.additions import FewLeads
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.statistics import QueueState
from leadyard.storage import chunks as chunk_rows
from leadyard.storage.chunks import ClaimedChunk, EndedChunk
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.storage.dialects.results import Statement
from leadyard.storage.provider_shares import forget_shares
from leadyard.worker.dispatcher import Handler, retry_seconds

POLL_SECONDS = 1.0

log = structlog.get_logger()


class EmbeddedDispatcher:
    """The dispatcher of an installation that is one process."""

    def __init__(self) -> None:
        self._wake = asyncio.Event()

    async def enqueue(
        self, tx: Tx, chunks: Sequence[Chunk], *, pending: int, due: datetime | None = None
    ) -> None:
        """Adds rows to the caller's transaction, whose commit wakes the worker."""
        await chunk_rows.add_chunks(tx, chunks, pending=pending, due=due)
        tx.after_commit.append(self._wake.set)

    def find_open_job(self, few: FewLeads) -> Statement:
        """A chunk that nobody has begun."""
        return chunk_rows.open_chunk_statement(few)

    def join(self, job_id: int, last_sequence: int) -> Statement:
        """The chunk is due when it was."""
        return chunk_rows.join_statement(job_id, last_sequence)

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
        """Runs chunks until `stop` is set. What a killed process had taken is free again at the start."""
        async with database.write() as tx:
            await chunk_rows.free_chunks(tx)
            await forget_shares(tx)
        running: set[asyncio.Task[EndedChunk]] = set()
        ended: list[EndedChunk] = []
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                timeout: float | None = POLL_SECONDS
                with _postponed(ended):
                    claimed, timeout = await self._turn_over(database, ended, slots - len(running))
                    ended.clear()
                    running |= {asyncio.create_task(_run_one(handler, each)) for each in claimed}
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait(
                    {*running, waking, stopping}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                waking.cancel()
                ended += [task.result() for task in running if task.done()]
                running = {task for task in running if not task.done()}
            ended += await asyncio.gather(*running)
            with _postponed(ended):
                await self._turn_over(database, ended, 0)
        finally:
            for task in (*running, stopping):
                task.cancel()
            await asyncio.gather(*running, stopping, return_exceptions=True)

    async def _turn_over(
        self, database: Database, ended: Sequence[EndedChunk], free: int
    ) -> tuple[list[ClaimedChunk], float | None]:
        """Writes down which chunks have ended and takes others for the free slots, in one transaction.

        The second value is in how many seconds there may be one for a slot that stays free.
        """
        if not ended and not free:
            return [], None
        async with database.write() as tx:
            await chunk_rows.leave_chunks(tx, ended)
            claimed = await chunk_rows.claim_chunks(tx, free) if free else []
            if len(claimed) == free:
                return claimed, None
            due = await chunk_rows.find_next_due(tx)
            seconds = POLL_SECONDS if due is None else (due - tx.now).total_seconds()
        return claimed, min(max(seconds, 0.01), POLL_SECONDS)


@contextmanager
def _postponed(ended: Sequence[EndedChunk]) -> Iterator[None]:
    """Without a database the ends of chunks wait; a process that ends leaves them to the next one."""
    try:
        yield
    except DatabaseAway as error:
        if ended:
            log.warning("chunk_ends_postponed", chunks=len(ended), error=type(error).__name__)


async def _run_one(handler: Handler, claimed: ClaimedChunk) -> EndedChunk:
    structlog.contextvars.bind_contextvars(job_id=claimed.id)
    try:
        return EndedChunk(claimed.id, await handler(claimed.chunk, claimed.attempts))
    except Exception as error:
        log.warning("chunk_failed", attempts=claimed.attempts, error=type(error).__name__)
        run_at = utc_now() + timedelta(seconds=retry_seconds(claimed.attempts))
        return EndedChunk(claimed.id, run_at, has_failed=True)
