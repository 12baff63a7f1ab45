"""Databases in use, made by the code of each version, are brought up to date and go on.

How they are made: `tests/support/make_upgrade_fixture.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.support.databases import temporary_database
from tests.support.installation import (
    TEST_KEY,
    Client,
    Service,
    add_leads,
    create_list,
    make_settings,
)
from tests.support.postgres import ServerAddress

from leadyard.app import build
from leadyard.settings import Settings
from leadyard.storage.migrate import find_revision, latest_revision
from leadyard.worker.reconciliation import Reconciliation

FOLDER = Path(__file__).parent / "upgrades"
VERSIONS = sorted({path.name.partition(".")[0] for path in FOLDER.glob("*.sql")})


@pytest.fixture(params=VERSIONS)
def used(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of an installation whose database was made by an earlier version."""
    statements = (FOLDER / f"{request.param}.{database_kind}.sql").read_text()
    if database_kind == "sqlite":
        with closing(sqlite3.connect(tmp_path / "leadyard.db")) as connection:
            connection.executescript(statements)
        yield make_settings(tmp_path)
        return
    server: ServerAddress = request.getfixturevalue("postgres_server")
    with temporary_database(server) as name:
        with psycopg.connect(server.url(name), autocommit=True) as connection:
            connection.execute(statements)
        yield make_settings(tmp_path, server.url(name))


async def finish_everything(service: Service, client: Client) -> None:
    """Lets every list and batch end that the earlier version had begun, and nothing of them fail."""
    lists = (await client.get("/lead-lists")).json()["lead_lists"]
    assert [each["name"] for each in lists] == [
        "canceled",
        "processing",
        "plain",
        "titles",
        "queued",
        "waiting",
        "completed",
    ]
    for each in lists:
        ended = await service.until_completed(client, each["id"])
        progress = ended["progress"]
        assert progress["failed"] == 0
        if each["name"] != "canceled":
            assert progress["done"] == progress["total"] == len(ended["leads"]) > 0


async def test_database_of_each_version_is_migrated_and_goes_on(used: Settings) -> None:
    installation = build(used)
    before = await find_revision(installation.database)
    assert before is not None
    assert before < latest_revision()
    await installation.prepare()
    assert await find_revision(installation.database) == latest_revision()
    report = await Reconciliation(installation.database, installation.dispatcher).run()
    assert report.is_sound, report
    service = Service(installation)
    async with service.client(TEST_KEY) as client:
        queued = (await client.get("/lead-lists?name=queued")).json()["lead_lists"][0]["id"]
        known = {"linkedin_url": "linkedin.com/in/person-7"}
        added = await add_leads(client, queued, "linkedin", [known, {"linkedin_url": "linkedin.com/in/new"}])
        assert added.json() == {"total": 2, "total_added_to_lead_list": 1}
        made = await create_list(client, "linkedin", [known], options={"enrich": True})
        spent = (await client.get("/credits")).json()["email"]
        assert spent["held"] > 0
        await service.until_completed(client, made["id"])
        await client.delete(f"/lead-lists/{made['id']}")
        await finish_everything(service, client)
    await service.finish()
    report = await Reconciliation(installation.database, installation.dispatcher).run()
    assert report.is_sound, report
    await installation.database.close()
