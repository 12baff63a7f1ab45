"""A worker that kills itself with SIGKILL at a chosen point: `python -m tests.support.crash_child`.

Each line of its input is the JSON of a `Task`; each line of its output is the exit status of the worker that
was forked for it, negative if a signal ended it. It ends with its input. The worker works on everything that
the database has to do and exits 0 when nothing is left.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import event, text
from tests.support.crashes import die, serve_tasks
from tests.support.stand_ins import Known, StandIn
from tests.support.workbench import make_desk

from leadyard.app import build
from leadyard.domain.entries import Step
from leadyard.pipeline.process_leads import Pipeline
from leadyard.settings import load_settings
from leadyard.storage.database import Database
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
        self._changing: set[int] = set()
        self._is_committed = False

    def watch(self, database: Database) -> None:
        engine = database.writer.sync_engine
        event.listen(engine, "before_cursor_execute", self._note_statement)
        event.listen(engine, "commit", self._note_commit)
        event.listen(engine, "checkin", self._note_end)

    def _note_statement(self, conn: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("UPDATE", "INSERT", "DELETE FROM chunks")):
            self._changing.add(id(conn))

    def _note_commit(self, conn: object) -> None:
        if id(conn) in self._changing:
            self._changing.discard(id(conn))
            self._reach("before commit")
            self._is_committed = True

    def _note_end(self, *_: object) -> None:
        if self._is_committed:
            self._is_committed = False
            self._reach("after commit", counted=self._task.point == "after commit")

    async def answer(self, step: Step, key: str) -> None:
        if (step, key) == (Step.ENRICH, SLUGS[BATCH_SIZE * 2]):
            await asyncio.sleep(0.25)  # longer than a flush waits: what came before is written by itself
        self._reach("answer")

    def _reach(self, point: Point, *, counted: bool = True) -> None:
        if point == self._task.point and counted:
            self._count += 1
            if self._count == self._task.number:
                die()


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
    database = Database(settings.url, dispatcher, digest=installation.digest)
    killer.watch(database)

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
