"""Workers that die by SIGKILL, wherever it hurts: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url
from tests.support.crash_child import LEADS, PEOPLE, SLUGS, Point, Task
from tests.support.crashes import CrashChild
from tests.support.databases import create_database, drop_database
from tests.support.installation import make_settings
from tests.support.postgres import ServerAddress
from tests.support.workbench import ALL_STEPS, linkedin_leads, open_workbench

from leadyard.settings import Settings

MOST_POINTS = 40


@dataclass(frozen=True, slots=True)
class Trial:
    """One copy of the database, and what it says."""

    environment: dict[str, str]
    query: Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashChild]:
    """One child for all these tests: what takes it long is to import."""
    started = CrashChild(tmp_path_factory.mktemp("child") / "child.log", "tests.support.crash_child")
    yield started
    started.close()


@pytest.fixture
async def source(settings: Settings) -> Settings:
    """An installation with a list of leads to do, that nobody is connected to."""
    async with open_workbench(settings) as bench:
        await bench.create(linkedin_leads(*SLUGS), ALL_STEPS)
        await bench.create([], ALL_STEPS)
    return settings


@contextmanager
def copied(source: Settings, tmp_path: Path, server: ServerAddress | None) -> Iterator[Trial]:
    """A copy of the installation for one crash."""
    environment = {
        "LEADYARD_DATA_DIR": str(tmp_path / "trial"),
        "LEADYARD_SECRET_KEY": make_settings(tmp_path).secret_key or "",
    }
    if server is None:
        folder = tmp_path / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(source.data_path / "leadyard.db", folder / "leadyard.db")

        def ask_sqlite(statement: str) -> list[tuple[Any, ...]]:
            with sqlite3.connect(folder / "leadyard.db") as connection:
                rows = connection.execute(statement).fetchall()
            connection.close()
            return rows

        yield Trial(environment, ask_sqlite)
        return
    name = f"{make_url(source.url).database}_trial"
    url = create_database(server, name, make_url(source.url).database)

    def ask_postgresql(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(server.conninfo(name)) as connection:
            return connection.execute(statement.encode()).fetchall()

    yield Trial({**environment, "LEADYARD_DATABASE_URL": url}, ask_postgresql)
    drop_database(server, name)


def require_all_done_and_paid_once(trial: Trial) -> None:
    """Requires what an undisturbed run comes to."""
    found = len(PEOPLE)
    assert trial.query("SELECT status, count(*) FROM lead_list_entries GROUP BY status") == [("done", LEADS)]
    outcomes = trial.query(
        "SELECT count(*) FROM lead_list_entries WHERE findings LIKE '%unavailable%' OR findings IS NULL"
    )
    assert outcomes == [(0,)]
    lists = trial.query(
        "SELECT status, entry_count, queued, processing, done, failed FROM lead_lists ORDER BY id"
    )
    assert lists == [("completed", LEADS, 0, 0, LEADS, 0), ("completed", 0, 0, 0, 0, 0)]
    charges = trial.query(
        "SELECT reason, count(*), CAST(sum(amount) AS bigint) FROM credit_entries "
        "WHERE amount < 0 GROUP BY reason ORDER BY reason"
    )
    assert charges == [
        ("email_revealed", found, -1000 * found),
        ("email_validated", found, -1000 * found),
        ("person_found", found, -500 * found),
        ("phone_revealed", found, -1000 * found),
    ]
    spent = trial.query("SELECT email_held, phone_held, email_spent, phone_spent FROM additions ORDER BY id")
    assert spent == [(0, 0, 2500 * found, 1000 * found), (0, 0, 0, 0)]
    unsound = trial.query(
        "SELECT b.kind, b.balance, b.held FROM credit_balances b WHERE b.held <> 0 OR b.balance <> "
        "(SELECT coalesce(sum(c.amount), 0) FROM credit_entries c "
        "WHERE c.workspace_id = b.workspace_id AND c.kind = b.kind)"
    )
    assert unsound == []


def find_server(database_kind: str, request: pytest.FixtureRequest) -> ServerAddress | None:
    """The server of the run, if this run of the test needs it."""
    return request.getfixturevalue("postgres_server") if database_kind == "postgresql" else None


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_worker_killed_at_any_commit_loses_nothing_and_pays_nothing_twice(
    source: Settings,
    child: CrashChild,
    tmp_path: Path,
    point: Point,
    database_kind: str,
    request: pytest.FixtureRequest,
) -> None:
    server = find_server(database_kind, request)
    for number in count(1):
        with copied(source, tmp_path, server) as trial:
            status = child.run(Task(trial.environment, point, number, is_unlucky=True))
            if status == 0:
                require_all_done_and_paid_once(trial)
                break
            assert status == -signal.SIGKILL
            assert child.run(Task(trial.environment)) == 0
            require_all_done_and_paid_once(trial)
        assert number < MOST_POINTS
    # Claims, flushes while others are under way, the flush of the one that waited, ends of chunks.
    assert number > 5


@pytest.mark.parametrize("answer", [1, 6, 21, LEADS + 2 * len(PEOPLE)])
def test_worker_killed_between_answer_and_flush_loses_nothing_and_pays_nothing_twice(
    source: Settings,
    child: CrashChild,
    tmp_path: Path,
    answer: int,
    database_kind: str,
    request: pytest.FixtureRequest,
) -> None:
    with copied(source, tmp_path, find_server(database_kind, request)) as trial:
        assert child.run(Task(trial.environment, "answer", answer)) == -signal.SIGKILL
        assert child.run(Task(trial.environment)) == 0
        require_all_done_and_paid_once(trial)


def test_worker_killed_again_and_again_gets_there(
    source: Settings,
    child: CrashChild,
    tmp_path: Path,
    database_kind: str,
    request: pytest.FixtureRequest,
) -> None:
    with copied(source, tmp_path, find_server(database_kind, request)) as trial:
        for answer in (3, 30, 7):
            child.run(Task(trial.environment, "answer", answer, is_unlucky=answer == 30))
        assert child.run(Task(trial.environment)) == 0
        require_all_done_and_paid_once(trial)
