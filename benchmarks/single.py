"""One lead to a list, 200 requests a second, over what the same disk takes for a commit."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence

import psycopg

from benchmarks.leads import Body, make_leads
from benchmarks.reading import STEPS
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Service

SUBJECT = "single"
REQUESTS_A_SECOND = 200
COMMITS = 200
PARTS = 2

Commit = Callable[[], float]


async def measure(rig: Rig) -> list[Line]:
    """To a list without steps, of whose leads nothing is left to be done, and to one with all of them."""
    commits, kept = await _measure_list(rig, PARTS)
    commit_p50, commit_p99 = _percentile(commits, 50), _percentile(commits, 99)
    return [
        rig.line(SUBJECT, "the database's own commit, p50", commit_p50, "ms"),
        rig.line(SUBJECT, "the database's own commit, p99", commit_p99, "ms"),
        *_lines(rig, "200 requests a second", commits, kept),
        *_lines(rig, "200 to a list with all steps", *await _measure_list(rig, 1, **STEPS)),
    ]


def _lines(rig: Rig, name: str, commits: Sequence[float], answers: Sequence[float | None]) -> list[Line]:
    taken = [answer for answer in answers if answer is not None]
    lines: list[Line] = []
    for percent, most in ((50, 5), (99, 25)):
        took, commit = _percentile(taken, percent), _percentile(commits, percent)
        lines += [
            rig.line(SUBJECT, f"one lead, {name}, p{percent}", took, "ms"),
            rig.line(SUBJECT, f"{name}, p{percent} over the commit", took - commit, "ms", at_most(most)),
        ]
    refused = rig.line(
        SUBJECT, f"{name}, refused of {len(answers):,}", len(answers) - len(taken), "", at_most(0)
    )
    return [*lines, refused]


async def _measure_list(rig: Rig, parts: int, **steps: bool) -> tuple[list[float], list[float | None]]:
    """In turns: commits of a row, and requests that come whether or not the last one is answered."""
    commit = _make_commit(rig)
    commits: list[float] = []
    answers: list[float | None] = []
    requests = rig.options.count(6, 1) * REQUESTS_A_SECOND
    async with rig.serve() as service:
        list_id = await service.create_list(**steps)
        for part in range(parts):
            await service.wait_until_completed(list_id)
            commits += await asyncio.to_thread(lambda: [commit() for _ in range(COMMITS)])
            leads = [make_leads(part * 100_000 + number, 1, rig.options.data) for number in range(requests)]
            answers += await _load(service, list_id, leads)
    return commits, answers


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
