"""Makes a database in use, as SQL text, by the code that is imported: once for each released version.

    PYTHONPATH=SRC_OF_THE_VERSION:. python -m tests.support.make_upgrade_fixture tests/storage/upgrades/NAME

It asks for nothing but what the API and the worker have had since the first version. The lists are in every
state, and one is in the hands of a worker that was killed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import text
from tests.support.databases import temporary_database
from tests.support.installation import (
    TEST_KEY,
    Client,
    Service,
    add_leads,
    add_live_key,
    create_list,
    make_settings,
)
from tests.support.postgres import PostgresServer

from leadyard.app import build
from leadyard.settings import Settings

ALL_STEPS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
PROCESSING = "UPDATE lead_list_entries SET status = 'processing' WHERE list_id = :id AND sequence <= 2"
COUNT_PROCESSING = (
    "UPDATE lead_lists SET status = 'processing', queued = queued - 2, processing = 2 WHERE id = :id"
)


def linkedin(*slugs: str) -> list[dict[str, str]]:
    """Leads by their profile."""
    return [{"linkedin_url": f"linkedin.com/in/{slug}", "note": "Ünïcode 😀"} for slug in slugs]


async def fill(settings: Settings) -> None:
    """A database that was used, and is left as a killed service leaves it."""
    installation = build(settings)
    await installation.prepare()
    async with installation.database.write() as tx:
        await add_live_key(tx, installation)
    service = Service(installation)
    async with service.client(TEST_KEY) as client:
        leads = linkedin("jane", "jane", "nina-notfound", "noel-noemail", "phil-nophone")
        done = await create_list(client, "linkedin", leads, name="completed", options=ALL_STEPS)
        await service.until_completed(client, done["id"])
        waiting = await create_list(
            client, "linkedin", linkedin("una-unavailable", "jane"), name="waiting", options=ALL_STEPS
        )
        while not await service.query_one("SELECT count(*) FROM lead_list_entries WHERE not_before > 0"):
            await asyncio.sleep(0.01)
        await service.rest()
        await fill_unfinished(service, client)
        await fill_later_tables(service, client)
        assert (await client.get(f"/lead-lists/{waiting['id']}")).json()["progress"]["queued"] == 1
    await installation.database.close()


async def fill_unfinished(service: Service, client: Client) -> None:
    """Lists that nobody has begun, one that was begun, and two that were ended."""
    queued = await create_list(client, "linkedin", [], name="queued", options=ALL_STEPS)
    many = linkedin(*(f"person-{number}" for number in range(120)))
    await add_leads(client, queued["id"], "linkedin", many[:20])
    await add_leads(client, queued["id"], "linkedin", many, Idempotency_Key="once")
    title = [{"title": "CEO", "company_name": "Acme Inc"}]
    await create_list(client, "titles_and_company", title, name="titles", options={"enrich": True})
    await create_list(client, "email", [{"email": "ann@acme.example"}], name="plain")
    await create_list(client, "linkedin", linkedin("a", "b", "c"), name="processing", options=ALL_STEPS)
    row_id = await service.query_one("SELECT id FROM lead_lists WHERE name = 'processing'")
    async with service.installation.database.write() as tx:
        for statement in (PROCESSING, COUNT_PROCESSING):
            await tx.conn.execute(text(statement), {"id": row_id})
    for name in ("canceled", "deleted"):
        made = await create_list(client, "linkedin", linkedin("x", "y"), name=name, options=ALL_STEPS)
        if name == "canceled":
            await client.patch(f"/lead-lists/{made['id']}", json={"status": "canceled"})
        else:
            await client.delete(f"/lead-lists/{made['id']}")


async def fill_later_tables(service: Service, client: Client) -> None:
    """What came after the first version; a version without it answers 404."""
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/excluded-domains", {"excluded_domains": ["other.example"]}),
        ("/erasures", {"email": "zoe@acme.example"}),
        ("/email-validations", {"emails": [{"email": "ann@acme.example"}, {"email": "risky@acme.example"}]}),
        ("/people/enrichment-requests", {"leads": [{"linkedin_url": "linkedin.com/in/kim"}]}),
    ]
    for path, body in requests:
        await client.post(path, json=body)


def main() -> None:
    """Writes NAME.sqlite.sql and NAME.postgresql.sql."""
    target = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder))
        asyncio.run(fill(settings))
        with sqlite3.connect(Path(folder) / "leadyard.db") as connection:
            Path(f"{target}.sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
    with (
        tempfile.TemporaryDirectory() as folder,
        PostgresServer() as server,
        temporary_database(server) as name,
    ):
        url = server.url(name)
        asyncio.run(fill(make_settings(Path(folder), url)))
        command = ["pg_dump", "--inserts", "--no-owner", "--no-acl", "--no-comments", f"--dbname={url}"]
        dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        Path(f"{target}.postgresql.sql").write_text(_statements(dumped))


def _statements(dumped: str) -> str:
    """The statements alone: a driver knows no commands of psql, and comments name the server."""
    lines = [line for line in dumped.splitlines() if not line.startswith(("\\", "--"))]
    return "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    main()
