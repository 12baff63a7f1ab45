"""Behind PgBouncer in transaction mode: each transaction may be on another connection of the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import text
from tests.support.installation import TEST_KEY, Service, add_leads, create_list
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import ServerAddress

from leadyard.actions.exports import EXPORTS_AT_ONCE
from leadyard.app import build
from leadyard.settings import Settings
from leadyard.storage.database import Database

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
STATEMENT_SECONDS = 7.0
LIMIT = "SELECT current_setting('statement_timeout')"


@pytest.fixture
async def pooled(settings: Settings, postgres_server: ServerAddress) -> AsyncIterator[Settings]:
    """The settings of an installation that shares two connections of the server's."""
    name = (settings.database_url or "").partition("@/")[2].partition("?")[0]
    with pgbouncer(postgres_server, connections=2) as pooler:
        yield msgspec.structs.replace(settings, database_url=pooler.url(name))


@ON_POSTGRESQL
async def test_lists_are_filled_and_processed_behind_a_pooler(pooled: Settings) -> None:
    installations = [build(pooled, STATEMENT_SECONDS) for _ in range(2)]
    services = [Service(each) for each in installations]
    exporting = asyncio.Semaphore(EXPORTS_AT_ONCE)

    async def fill(number: int) -> None:
        service = services[number % 2]
        async with service.client(TEST_KEY) as client:
            made = await create_list(client, "email", options={"enrich": True})
            for part in range(8):
                leads = [{"email": f"{number}-{part}-{place}@acme.example"} for place in range(20)]
                key = f"{number}-{part}"
                for _ in range(2):
                    answer = await add_leads(client, made["id"], "email", leads, Idempotency_Key=key)
                    assert answer.status_code == 202, answer.text
            found = await service.until_completed(client, made["id"])
            assert found["progress"]["done"] == 160
            async with exporting:
                export = await client.get(f"/lead-lists/{made['id']}/export?format=csv")
            assert export.text.count("@acme.example") >= 160

    await asyncio.gather(*(fill(number) for number in range(4)))
    for service, installation in zip(services, installations, strict=True):
        await service.finish()
        await installation.close()


@ON_POSTGRESQL
async def test_nothing_that_is_set_or_prepared_is_left_to_others_behind_a_pooler(pooled: Settings) -> None:
    limited, unlimited = build(pooled, STATEMENT_SECONDS), build(pooled)
    try:
        for _ in range(12):
            for read in (read_limit, read_limit_at_once):
                assert await read(limited.database) == "7s"
                assert await read(unlimited.database) == "0"
    finally:
        await limited.close()
        await unlimited.close()


async def read_limit(database: Database) -> str:
    """How long a statement may take. Only of transactions that commit does psycopg prepare statements."""
    async with database.write() as tx:
        return str((await tx.conn.execute(text(LIMIT))).scalar_one())


async def read_limit_at_once(database: Database) -> str:
    """The same, by the other way to read."""
    (found,) = await database.read_at_once([(LIMIT, {})])
    return str(found.rows[0][0])
