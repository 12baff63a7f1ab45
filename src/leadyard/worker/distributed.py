"""Jobs in Procrastinate's tables on PostgreSQL, run by any number of processes and machines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from msgspec.structs import asdict
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from leadyard.domain.additions import FewLeads
from leadyard.domain.errors import DatabaseAway, DatabaseTooSlow
from leadyard.domain.lead_lists import Chunk, tag_chunks
from leadyard.domain.statistics import QueueState
from leadyard.storage import jobs as job_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects.postgresql import driver_connection
from leadyard.storage.dialects.postgresql_connections import is_pooled, suit_connection, with_defaults
from leadyard.storage.dialects.results import Statement
from leadyard.worker.dispatcher import Handler, retry_seconds

TASK = "process_leads"
DEAD_AFTER_SECONDS = 12.0
LOST_AFTER_SECONDS = 660.0
"""Longer than a chunk's deadline: nobody has a job that was begun before that."""
POLL_SECONDS = 1.0
CONNECTION_SECONDS = 10.0
MAX_PRIORITY = 2**31 - 1

log = structlog.get_logger()


class _RetryStrategy(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        delay = timedelta(seconds=retry_seconds(job.attempts + 1))
        return RetryDecision(retry_at=datetime.now(UTC) + delay)


def _new_job(arguments: dict[str, Any], *, priority: int, scheduled_at: datetime | None = None) -> Job:
    return Job(
        queue=job_rows.QUEUE,
        lock=None,
        queueing_lock=None,
        task_name=TASK,
        priority=priority,
        task_kwargs=arguments,
        scheduled_at=scheduled_at,
    )


class DistributedDispatcher:
    """The dispatcher of an installation on PostgreSQL. `conninfo` is a libpq connection string.

    A worker without a heartbeat for `dead_after` seconds is taken for dead, and its jobs go to others.
    """

    def __init__(self, conninfo: str, dead_after: float = DEAD_AFTER_SECONDS) -> None:
        self._dead_after = dead_after
        connector = PsycopgConnector(
            conninfo=with_defaults(conninfo),
            configure=suit_connection,
            min_size=1,
            max_size=4,
            timeout=CONNECTION_SECONDS,
        )
        self._app = App(connector=connector)
        self._handler: Handler | None = None
        register = self._app.task(name=TASK, queue=job_rows.QUEUE, pass_context=True, retry=_RetryStrategy())
        register(self._perform)

    async def enqueue(
        self, tx: Tx, chunks: Sequence[Chunk], *, pending: int, due: datetime | None = None
    ) -> None:
        """Defers the jobs in one statement on the caller's connection; a tag is a negative priority."""
        clock = await job_rows.find_lowest_tag(tx)
        tags = tag_chunks(chunks, pending, clock)
        jobs = [
            _new_job(asdict(chunk), priority=-min(tag, MAX_PRIORITY), scheduled_at=due)
            for chunk, tag in zip(chunks, tags, strict=True)
        ]
        connection = driver_connection(tx.conn)
        try:
            await self._app.job_manager.batch_defer_jobs_async(jobs, connection=connection)
        except ConnectorException as error:
            raise error.__cause__ or error from None

    def find_open_job(self, few: FewLeads) -> Statement:
        """A job that nobody has begun, nor is about to."""
        return job_rows.open_job_statement(few)

    def join(self, job_id: int, last_sequence: int) -> Statement:
        """Its arguments change, which Procrastinate reads when a worker takes it."""
        return job_rows.join_statement(job_id, last_sequence)

    async def drop(self, tx: Tx, list_row_id: int) -> None:
        """Removes the jobs of a list that have not begun."""
        await job_rows.drop_jobs(tx, list_row_id)

    async def measure(self, tx: Tx) -> QueueState:
        """How many there are, and for how long the oldest has waited."""
        return await job_rows.measure_queue(tx)

    async def list_orphans(self, tx: Tx, unchanged_since: datetime) -> list[int]:
        """Row ids of lists that have work but no job."""
        return await job_rows.list_orphans(tx, unchanged_since)

    async def list_strays(self, tx: Tx) -> list[int]:
        """Row ids of lists that are not there although there are jobs of them."""
        return await job_rows.list_strays(tx)

    async def run(self, database: Database, handler: Handler, slots: int, stop: asyncio.Event) -> None:
        """Runs jobs until `stop` is set, or Procrastinate's worker ends because its database was lost."""
        self._handler = handler
        # Procrastinate's pool would try for half a minute, whatever `stop` says.
        async with database.read() as tx:
            hears = not await is_pooled(tx.conn)
        try:
            async with self._app.open_async():
                await self._run_worker(database, slots, stop, hears=hears)
        except (ConnectorException, psycopg.Error, OSError) as error:
            has_given_up = isinstance(error.__cause__ or error, psycopg.errors.QueryCanceled)
            raise (DatabaseTooSlow if has_given_up else DatabaseAway)() from error

    async def _run_worker(self, database: Database, slots: int, stop: asyncio.Event, *, hears: bool) -> None:
        """Runs until `stop` is set or one of the two tasks fails; begun jobs end by themselves.

        Without what `hears` of new jobs, as behind a pooler, they are looked for.
        """
        worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[job_rows.QUEUE],
                concurrency=slots,
                install_signal_handlers=False,
                delete_jobs="always",
                listen_notify=hears,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=self._dead_after / 4,
                stalled_worker_timeout=self._dead_after,
            )
        )
        rescue = asyncio.create_task(self._rescue_forever(database))
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

    async def _rescue_forever(self, database: Database) -> None:
        """Gives the jobs of workers that have no heartbeat any more to others."""
        dead_after = timedelta(seconds=self._dead_after)
        lost_after = timedelta(seconds=LOST_AFTER_SECONDS)
        while True:
            await asyncio.sleep(self._dead_after / 3)
            async with database.write() as tx:
                rescued = await job_rows.put_back_stalled(tx, dead_after=dead_after, lost_after=lost_after)
            if rescued:
                log.warning("jobs_rescued", jobs=rescued)

    async def _perform(self, context: JobContext, /, **arguments: Any) -> None:
        assert self._handler is not None
        attempts = context.job.attempts + 1
        with structlog.contextvars.bound_contextvars(job_id=context.job.id):
            run_at = await self._handler(Chunk(**arguments), attempts)
        if run_at is not None:
            # A job of its own: a wait that was planned is no failed attempt. Should the process end in
            # between, the chunk is there twice, which does no harm.
            priority = context.job.priority
            job = _new_job(arguments, priority=priority, scheduled_at=run_at)
            await self._app.job_manager.batch_defer_jobs_async([job])
