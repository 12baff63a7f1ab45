"""Fixtures that every test can ask for. What needs a database runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings as hypothesis_settings
from tests.support.databases import DatabaseMaker
from tests.support.installation import LIVE_KEY, TEST_KEY, Client, Service, add_live_key, make_settings
from tests.support.postgres import ServerAddress
from tests.support.served import Served, serve
from tests.support.workbench import Workbench, open_workbench

from leadyard.app import Leadyard, build
from leadyard.settings import Settings

pytest_plugins = ["tests.support.plugin"]

hypothesis_settings.register_profile("leadyard", deadline=None, max_examples=50, derandomize=True)
hypothesis_settings.register_profile("deep", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("LEADYARD_TEST_HYPOTHESIS", "leadyard"))


def _set_up(settings: Settings) -> None:
    async def run() -> None:
        installation = build(settings)
        await installation.prepare()
        async with installation.database.write() as tx:
            await add_live_key(tx, installation)
        await installation.database.close()

    asyncio.run(run())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, one account, its admin and the two keys."""
    folder = tmp_path_factory.mktemp("template")
    _set_up(make_settings(folder))
    path = folder / "leadyard.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def database_maker(postgres_server: ServerAddress) -> Iterator[DatabaseMaker]:
    """What makes the databases of the tests on PostgreSQL."""
    with closing(DatabaseMaker(postgres_server)) as maker:
        yield maker


@pytest.fixture(scope="session")
def postgres_template(database_maker: DatabaseMaker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with what `sqlite_template` has, made once for all workers of the run; its name."""
    folder = tmp_path_factory.mktemp("template")
    return database_maker.prepare_template(
        "leadyard_template", lambda url: _set_up(make_settings(folder, url))
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The database that this run of the test is on."""
    return str(request.param)


@pytest.fixture
def overrides() -> dict[str, Any]:
    """The settings that a test has changed, by `with_settings`."""
    return {}


@pytest.fixture
def settings(
    database_kind: str, tmp_path: Path, overrides: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings of an installation of its own, set up, for one test."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "leadyard.db")
        yield msgspec.structs.replace(make_settings(tmp_path), **overrides)
        return
    maker: DatabaseMaker = request.getfixturevalue("database_maker")
    name = f"test_{os.getpid()}_{os.urandom(4).hex()}"
    url = maker.create(name, request.getfixturevalue("postgres_template"))
    yield msgspec.structs.replace(make_settings(tmp_path, url), **overrides)
    maker.drop(name)


@pytest.fixture
async def installation(settings: Settings) -> AsyncIterator[Leadyard]:
    """The parts of an installation, in this process."""
    built = build(settings)
    yield built
    await built.database.close()


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[Workbench]:
    """The parts of an installation, and an account of their own, in the hands of the test."""
    async with open_workbench(settings) as opened:
        yield opened


@pytest.fixture
async def service(installation: Leadyard) -> AsyncIterator[Service]:
    """The API and a worker in this process; the worker is started by `await service.work()`.

    Every test ends with the queue empty: what it leaves is processed here, and must come to an end.
    """
    running = Service(installation)
    yield running
    await running.finish()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    """A client with the admin's test key, straight into the application."""
    async with service.client(TEST_KEY) as http:
        yield http


@pytest.fixture
async def live_client(service: Service) -> AsyncIterator[Client]:
    """A client with the admin's live key."""
    async with service.client(LIVE_KEY) as http:
        yield http


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`leadyard serve` in a process of its own, for the tests of a module."""
    with serve(tmp_path_factory.mktemp("served")) as running:
        yield running
