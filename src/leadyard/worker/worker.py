"""A worker: runs chunks and upkeep until it is told to stop."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.retention import KEPT_UNLESS_TOLD, Keeping
from leadyard.pipeline.process_leads import Pipeline, give_up, process_leads
from leadyard.worker.beginning import Part, run_all
from leadyard.worker.dispatcher import Dispatcher, pause
from leadyard.worker.imports import Importer
from leadyard.worker.upkeep import run_upkeep
from leadyard.worker.webhooks import Courier

CHUNK_DEADLINE_SECONDS = 600.0
RESTART_SECONDS = 2.0
MAX_CHUNK_ATTEMPTS = 25
"""Begun this often without an end, a chunk is given up: its leads fail and their hold is released.
Deploys, waiting leads and lost databases count too, so the number is large."""

_JOBS = Counter("leadyard_job_runs_total", "Runs of jobs, by how they ended.", ["outcome"])
_SECONDS = Histogram("leadyard_job_seconds", "Seconds that a run took.")

log = structlog.get_logger()


class Worker(msgspec.Struct, frozen=True):
    """Runs the pipeline on what the dispatcher brings, at most `slots` chunks at once.

    The courier carries messages to webhooks meanwhile, the importer adds the rows of files to lists.
    """

    pipeline: Pipeline
    dispatcher: Dispatcher
    slots: int
    courier: Courier | None = None
    importer: Importer | None = None
    keeping: Keeping = KEPT_UNLESS_TOLD

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; then begun leads are finished and the rest is handed back."""
        parts: list[Part] = [self._dispatch, self._keep_up]
        if self.courier is not None:
            parts.append(self.courier.run)
        if self.importer is not None:
            parts.append(self.importer.run)
        await run_all(parts, stop)

    async def _keep_up(self, stop: asyncio.Event) -> None:
        await run_upkeep(self.pipeline.database, self.dispatcher, self.pipeline.desk, self.keeping, stop)

    async def _dispatch(self, stop: asyncio.Event) -> None:
        """Keeps the dispatcher running, whatever ends it: nobody else would notice that no job is done."""

        async def handle(chunk: Chunk, attempts: int) -> datetime | None:
            return await self._handle(chunk, attempts, stop)

        while not stop.is_set():
            try:
                await self.dispatcher.run(self.pipeline.database, handle, self.slots, stop)
            except DatabaseAway as error:
                log.warning("worker_lost_database", error=type(error).__name__)
            except Exception:
                log.exception("dispatcher_failed")
            await pause(RESTART_SECONDS, stop)

    async def _handle(self, chunk: Chunk, attempts: int, stop: asyncio.Event) -> datetime | None:
        outcome = "failed"
        with _SECONDS.time():
            try:
                run_at = await self._run(chunk, attempts, stop)
                outcome = "done" if run_at is None else "later"
            finally:
                _JOBS.labels("given_up" if attempts > MAX_CHUNK_ATTEMPTS else outcome).inc()
        return run_at

    async def _run(self, chunk: Chunk, attempts: int, stop: asyncio.Event) -> datetime | None:
        if attempts > MAX_CHUNK_ATTEMPTS:
            log.error("chunk_given_up", list_id=chunk.list_id, first=chunk.first_sequence)
            await give_up(self.pipeline, chunk)
            return None
        try:
            async with asyncio.timeout(CHUNK_DEADLINE_SECONDS):
                return await process_leads(self.pipeline, chunk, stop)
        except (DatabaseAway, TimeoutError):
            raise
        except Exception:
            log.exception("chunk_raised", list_id=chunk.list_id, first=chunk.first_sequence)
            raise
