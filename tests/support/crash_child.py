"""A worker that kills itself with SIGKILL at a chosen point: `python -m tests.support.crash_child`.

Each line of its input is the JSON of a `Task`; each line of its output is the exit status of the worker that
was forked for it, negative if a signal ended it. It ends with its input. The worker works on everything that
the database has to do and exits 0 when nothing is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import text
from tests.support.crashes import die, serve_tasks
from tests.support.stand_ins import Known, StandIn
from tests.support.workbench import make_desk

from leadyard.app import build
from leadyard.domain.entries import Step
from leadyard.pipeline.process_leads import Pipeline
from leadyard.settings import load_settings
from leadyard.storage.database import Database, Tx
from leadyard.worker.distributed import DistributedDispatcher
from leadyard.worker.worker import Worker

DEAD_AFTER_SECONDS = 0.6
FIRST_WAIT_SECONDS = 0.1
BATCH_SIZE = 5
LEADS = 20
SLUGS = [f"{'nobody' if number % 5 == 4 else 'lead'}-{number}" for number in range(LEADS)]
PEOPLE = {
    slug: Known(f"p-{slug}", f"{slug}@found.example", ("+12125550100",))
    for slug in SLUGS
    if slug.startswith("lead")
}
UNLUCKY = "lead-7"

Point = Literal["never", "before commit", "after commit", "answer"]


class Task(msgspec.Struct, frozen=True):
    """The environment to work in, and where to die: at the n-th commit that changes leads, or n-th answer.

    `is_unlucky` makes the service unavailable for one lead at its first attempt, so that it waits.
    """

    environment: dict[str, str]
    point: Point = "never"
    number: int = 0
    is_unlucky: bool = False


class _Killer:
    """Counts what the task's point is about, and dies at its number."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._count = 0

    async def answer(self, step: Step, key: str) -> None:
        if (step, key) == (Step.ENRICH, SLUGS[BATCH_SIZE * 2]):
            await asyncio.sleep(0.25)  # longer than a flush waits: what came before is written by itself
        self.reach("answer")

    def reach(self, point: Point) -> None:
        """Dies, if this is what the task is about for the number-th time."""
        if point == self._task.point:
            self._count += 1
            if self._count == self._task.number:
                die()


class _WatchedDatabase(Database):
    """A database whose transactions that change something tell a killer of their commits."""

    killer: _Killer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction."""
        changes = "total_changes()" if self.is_sqlite else "pg_current_xact_id_if_assigned()"
        statement = f"SELECT {changes} AS number"
        async with super().write() as tx:
            before = (await tx.run(statement, {})).rows[0].number
            yield tx
            has_changed = (await tx.run(statement, {})).rows[0].number != before
            if has_changed:
                self.killer.reach("before commit")
        if has_changed:
            self.killer.reach("after commit")


async def _work(task: Task) -> None:
    settings = load_settings(task.environment)
    installation = build(settings)
    dispatcher = installation.dispatcher
    if not settings.is_sqlite:
        dispatcher = DistributedDispatcher(settings.url.replace("+psycopg", "", 1), DEAD_AFTER_SECONDS)
    killer = _Killer(task)
    service = StandIn(batch_size=BATCH_SIZE, concurrency=1, knows=PEOPLE, before_answer=killer.answer)
    if task.is_unlucky:
        service.failures[Step.ENRICH, UNLUCKY] = 1
    database = _WatchedDatabase(settings.url, dispatcher, digest=installation.digest)
    database.killer = killer

    def clock() -> datetime:
        # A lead waits for a second after its first attempt; not here.
        return datetime.now(UTC) - timedelta(seconds=1 - FIRST_WAIT_SECONDS)

    pipeline = Pipeline(database, make_desk(database, service, clock), clock)
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(pipeline, dispatcher, 2).run(stop))
    jobs = "chunks" if settings.is_sqlite else "procrastinate_jobs"
    count = text(f"SELECT count(*) FROM {jobs}")
    while True:
        async with database.read() as tx:
            if not (await tx.conn.execute(count)).scalar_one():
                break
        await asyncio.sleep(0.02)
    stop.set()
    await working
    await database.close()


if __name__ == "__main__":
    serve_tasks(Task, _work)
