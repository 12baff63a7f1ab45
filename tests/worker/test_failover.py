"""A streaming replica: it reads what may be long, and takes over when the primary is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.support.databases import create_database
from tests.support.fleet import prepare, serving, until
from tests.support.installation import TEST_KEY, Client, Service, add_leads, create_list, make_settings
from tests.support.postgres import PostgresServer, ServerAddress
from tests.support.standby import execute, following, kill, require_standbys

from leadyard.app import build
from leadyard.storage.database import Database

NAME = "leadyard"
ADDED = 25
SENDERS = 3


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    """A server with an empty database."""
    require_standbys()
    with PostgresServer() as server:
        create_database(server, NAME)
        yield server


def url_of_both(primary: PostgresServer, standby: ServerAddress) -> str:
    """As libpq takes several hosts."""
    return primary.url(NAME).replace("&port", f",{standby.folder}&port")


async def test_nothing_acknowledged_is_lost_when_the_standby_is_promoted(
    tmp_path: Path, primary: PostgresServer
) -> None:
    await prepare(make_settings(tmp_path, primary.url(NAME)))
    with following(primary) as standby:
        settings = make_settings(tmp_path, url_of_both(primary, standby))
        with serving(settings) as (process, url):
            headers = {"Authorization": f"Bearer {TEST_KEY}"}
            async with Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
                lists = [await create_list(client, "email") for _ in range(SENDERS)]
                taken: list[str] = []
                before = asyncio.Event()
                senders = [asyncio.create_task(send(client, made["id"], taken, before)) for made in lists]
                await before.wait()
                kill(primary)
                execute(standby, "SELECT pg_promote()")
                await asyncio.gather(*senders)
                after = await create_list(client, "email", [{"email": "after@acme.example"}])
                assert await completed(client, after["id"]) == 1
            assert process.terminate(20) == 0
        found = execute(standby, "SELECT json_agg(key) FROM lead_list_entries", NAME)
        assert isinstance(found, list)
        assert set(taken) <= set(found)
        assert len(found) == len(set(found)) == ADDED * SENDERS + 1


async def send(client: Client, list_id: str, taken: list[str], before: asyncio.Event) -> None:
    """Adds leads one by one, each until it is acknowledged; notes those that were."""
    for number in range(ADDED):
        email = f"{list_id}-{number}@acme.example"
        while True:
            try:
                answer = await add_leads(client, list_id, "email", [{"email": email}])
            except httpx2.TransportError:
                continue
            if answer.status_code == 202:
                break
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)
        taken.append(email)
        if len(taken) > ADDED * SENDERS / 3:
            before.set()


async def completed(client: Client, list_id: str) -> int:
    """Waits for a list to be done; how many leads of it are."""

    async def is_completed() -> bool:
        return bool((await client.get(f"/lead-lists/{list_id}")).json()["status"] == "completed")

    await until(is_completed, 40)
    return int((await client.get(f"/lead-lists/{list_id}")).json()["progress"]["done"])


async def test_replica_reads_what_it_has_and_never_less(tmp_path: Path, primary: PostgresServer) -> None:
    await prepare(make_settings(tmp_path, primary.url(NAME)))
    with following(primary) as standby:
        urls = {"READ_DATABASE_URL": standby.url(NAME)}
        installation = build(make_settings(tmp_path, primary.url(NAME), **urls))
        service = Service(installation)
        async with service.client(TEST_KEY) as client:
            made = await create_list(client, "email", [{"email": "first@acme.example"}])
            export = f"/lead-lists/{made['id']}/export?format=ndjson"
            assert await is_read_from_replica(installation.database)
            assert await is_read_from_replica(installation.database)
            assert (await client.get(export)).text.count("@acme.example") >= 1
            execute(standby, "SELECT pg_wal_replay_pause()")
            await add_leads(client, made["id"], "email", [{"email": "second@acme.example"}])
            with capture_logs() as told:
                assert "second@acme.example" in (await client.get(export)).text
            assert ("replica_left_aside", "behind") in [(line["event"], line.get("reason")) for line in told]
            assert not await is_read_from_replica(installation.database)
        await service.finish()
        await installation.close()


async def test_promoted_or_absent_replica_is_not_read(tmp_path: Path, primary: PostgresServer) -> None:
    await prepare(make_settings(tmp_path, primary.url(NAME)))
    with following(primary) as standby:
        execute(standby, "SELECT pg_promote()")
        for read_url, reason in (
            (standby.url(NAME), "promoted"),
            (f"postgresql://nobody@/none?host={tmp_path}", "away"),
        ):
            settings = make_settings(tmp_path, primary.url(NAME), READ_DATABASE_URL=read_url)
            database = build(settings).database
            with capture_logs() as told:
                assert not await is_read_from_replica(database)
            assert [line["reason"] for line in told] == [reason]
            await database.close()


async def is_read_from_replica(database: Database) -> bool:
    """Whether what takes long is."""
    async with database.read_much() as tx:
        return bool((await tx.conn.execute(text("SELECT pg_is_in_recovery()"))).scalar_one())
