"""Jobs in Procrastinate's tables on PostgreSQL, run by any number of processes and machines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from leadyard.domain.lead_lists import Chunk
from leadyard.storage import jobs as job_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects.postgresql import driver_connection
from leadyard.worker.dispatcher import Handler, retry_seconds

TASK = "process_leads"
HEARTBEAT_SECONDS = 3.0
DEAD_AFTER_SECONDS = 12.0
RESCUE_EVERY_SECONDS = 4.0
POLL_SECONDS = 2.0
RESTART_SECONDS = 2.0
MAX_PRIORITY = 2**31 - 1

log = structlog.get_logger()


class RunAgain(Exception):
    """Tells Procrastinate that a job is not finished, and when it should run again."""

    def __init__(self, at: datetime) -> None:
        super().__init__("some leads of the chunk wait")
        self.at = at


class _RetryStrategy(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, RunAgain):
            return RetryDecision(retry_at=exception.at)
        delay = timedelta(seconds=retry_seconds(job.attempts + 1))
        return RetryDecision(retry_at=datetime.now(UTC) + delay)


class DistributedDispatcher:
    """The dispatcher of an installation on PostgreSQL. `conninfo` is a libpq connection string."""

    def __init__(self, conninfo: str) -> None:
        connector = PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)
        self._app = App(connector=connector)
        self._handler: Handler | None = None
        register = self._app.task(name=TASK, queue=job_rows.QUEUE, pass_context=True, retry=_RetryStrategy())
        register(self._perform)

    async def enqueue(self, tx: Tx, chunks: Sequence[Chunk], *, pending: int) -> None:
        """Defers the jobs in one statement on the caller's connection; a tag is a negative priority."""
        clock = await job_rows.find_lowest_tag(tx)
        jobs = [
            Job(
                queue=job_rows.QUEUE,
                lock=None,
                queueing_lock=None,
                task_name=TASK,
                priority=-min(clock + pending + 1 + place, MAX_PRIORITY),
                task_kwargs={
                    "list_id": chunk.list_id,
                    "addition_id": chunk.addition_id,
                    "first_sequence": chunk.first_sequence,
                    "last_sequence": chunk.last_sequence,
                },
            )
            for place, chunk in enumerate(chunks)
        ]
        connection = await driver_connection(tx.conn)
        await self._app.job_manager.batch_defer_jobs_async(jobs, connection=connection)

    async def list_orphans(self, tx: Tx, unchanged_since: datetime) -> list[int]:
        """Row ids of lists that have work but no job."""
        return await job_rows.list_orphans(tx, unchanged_since)

    async def run(self, database: Database, handler: Handler, slots: int, stop: asyncio.Event) -> None:
        """Runs jobs until `stop` is set. A lost database ends Procrastinate's worker: it is begun again."""
        self._handler = handler
        while not stop.is_set():
            try:
                async with self._app.open_async():
                    await self._run_worker(slots, stop)
            except (ConnectorException, psycopg.Error, OSError) as error:
                log.warning("worker_lost_database", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RESTART_SECONDS)

    async def _run_worker(self, slots: int, stop: asyncio.Event) -> None:
        """Runs until `stop` is set or one of the two tasks fails; begun jobs end by themselves."""
        worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[job_rows.QUEUE],
                concurrency=slots,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
            )
        )
        rescue = asyncio.create_task(self._rescue_forever())
        stopping = asyncio.create_task(stop.wait())
        tasks = (worker, rescue, stopping)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _rescue_forever(self) -> None:
        """Gives the jobs of workers that have no heartbeat any more to others."""
        manager = self._app.job_manager
        while True:
            await asyncio.sleep(RESCUE_EVERY_SECONDS)
            stalled = await manager.get_stalled_jobs(
                queue=job_rows.QUEUE, seconds_since_heartbeat=DEAD_AFTER_SECONDS
            )
            for job in stalled:
                log.warning("job_rescued", job_id=job.id)
                await manager.retry_job(job)

    async def _perform(self, context: JobContext, /, **arguments: Any) -> None:
        assert self._handler is not None
        attempts = context.job.attempts + 1
        run_at = await self._handler(Chunk(**arguments), attempts)
        if run_at is not None:
            raise RunAgain(run_at)
