"""One lead to a list, 200 requests a second, over what the same disk takes for a commit."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence

import psycopg

from benchmarks.leads import Body, make_leads
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Service

SUBJECT = "single"
REQUESTS_A_SECOND = 200
COMMITS = 200
PARTS = 2

Commit = Callable[[], float]


async def measure(rig: Rig) -> list[Line]:
    """In turns: commits of a row, and requests that come whether or not the last one is answered."""
    commit = _make_commit(rig)
    commits: list[float] = []
    answers: list[float | None] = []
    requests = rig.options.count(6, 1) * REQUESTS_A_SECOND
    async with rig.serve() as service:
        list_id = await service.create_list()
        for part in range(PARTS):
            await service.wait_until_completed(list_id)
            commits += await asyncio.to_thread(lambda: [commit() for _ in range(COMMITS)])
            leads = [make_leads(part * 100_000 + number, 1, rig.options.data) for number in range(requests)]
            answers += await _load(service, list_id, leads)
    taken = [answer for answer in answers if answer is not None]
    p50, p99 = _percentile(taken, 50), _percentile(taken, 99)
    commit_p50, commit_p99 = _percentile(commits, 50), _percentile(commits, 99)
    return [
        rig.line(SUBJECT, "the database's own commit, p50", commit_p50, "ms"),
        rig.line(SUBJECT, "one lead, 200 requests a second, p50", p50, "ms"),
        rig.line(SUBJECT, "  over the commit, p50", p50 - commit_p50, "ms", at_most(5)),
        rig.line(SUBJECT, "the database's own commit, p99", commit_p99, "ms"),
        rig.line(SUBJECT, "one lead, 200 requests a second, p99", p99, "ms"),
        rig.line(SUBJECT, "  over the commit, p99", p99 - commit_p99, "ms", at_most(25)),
        rig.line(SUBJECT, f"  refused, of {len(answers):,}", len(answers) - len(taken), "", at_most(0)),
    ]


async def _load(service: Service, list_id: str, bodies: Sequence[Body]) -> list[float | None]:
    """The milliseconds of each answer, from the moment its request was due; None for what was refused."""
    begin = time.perf_counter() + 0.1
    path = f"/lead-lists/{list_id}/leads"

    async def add(number: int) -> float | None:
        due = begin + number / REQUESTS_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        status, _, _ = await service.send(path, bodies[number].data, 202, 503)
        return None if status == 503 else (time.perf_counter() - due) * 1000

    return await asyncio.gather(*map(add, range(len(bodies))))


def _make_commit(rig: Rig) -> Commit:
    """A function that commits one row to a table of its own, and tells the milliseconds that took."""
    store = rig.make_database("commit")
    insert = "INSERT INTO t (lead) VALUES ('" + "x" * 300 + "')"
    connection: sqlite3.Connection | psycopg.Connection
    if store.url is None:
        connection = sqlite3.connect(
            store.folder / "commit.db", isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
    else:
        connection = psycopg.connect(store.url, autocommit=True)
    connection.execute("CREATE TABLE t (lead TEXT)")

    def commit() -> float:
        begin = time.perf_counter()
        connection.execute(insert)
        return (time.perf_counter() - begin) * 1000

    return commit


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
