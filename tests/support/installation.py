"""An installation in the test's own process: the real application, database and worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from litestar.types import ASGIApp
from sqlalchemy import text

from leadyard.api.envelope import Envelope
from leadyard.app import Leadyard, make_application
from leadyard.domain.accounts import Mode, Role
from leadyard.settings import Settings, load_settings
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.database import Tx

ADMIN_EMAIL = "admin@acme.example"
TEST_KEY = "ly_test_" + "t" * 38
LIVE_KEY = "ly_live_" + "l" * 38
PATIENCE_SECONDS = 30.0

Client = httpx2.AsyncClient


def make_settings(folder: Path, url: str | None = None, **overrides: object) -> Settings:
    """Settings for tests: nothing leaves the machine, no rate limit, a fixed secret and a test key."""
    values: dict[str, object] = {
        "DATA_DIR": folder,
        "SECRET_KEY": "secret-of-the-tests-" + "s" * 32,
        "API_KEY": TEST_KEY,
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "EMAIL_DNS": "off",
        "RATE_LIMIT": 0,
        **overrides,
    }
    if url is not None:
        values["DATABASE_URL"] = url
    return load_settings({f"LEADYARD_{name}": str(value) for name, value in values.items()})


async def add_live_key(tx: Tx, installation: Leadyard) -> None:
    """Gives the admin the live key beside the test key."""
    account = await account_rows.find_first_account(tx)
    assert account is not None
    workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.LIVE)
    admin = await user_rows.get_admin(tx, account.row_id)
    new = NewKey("live", Role.ADMIN, installation.digest(LIVE_KEY), LIVE_KEY[-4:])
    await key_rows.add_api_key(tx, workspace_id, admin.row_id, new)


@cache
def _make_application() -> ASGIApp:
    """The routes, made once for all tests of a process: they know no installation."""
    return make_application()


class Service:
    """The application and a worker over one installation."""

    def __init__(self, installation: Leadyard) -> None:
        self.installation = installation
        self.api = Envelope(_make_application(), installation.services())
        self._stop = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def client(self, key: str | None) -> AsyncIterator[Client]:
        """A client with a key, straight into the application."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        transport = httpx2.ASGITransport(app=self.api, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with Client(transport=transport, base_url="http://leadyard.example", headers=headers) as http:
            yield http

    async def work(self) -> None:
        """Starts the worker, if it does not run."""
        if self._worker is None:
            self._stop = asyncio.Event()
            self._worker = asyncio.create_task(self.installation.worker().run(self._stop))

    async def rest(self) -> None:
        """Stops the worker in good order."""
        if self._worker is not None:
            self._stop.set()
            await self._worker
            self._worker = None

    async def until_completed(self, client: Client, list_id: str) -> dict[str, Any]:
        """Lets the worker run until the list has ended; returns it with its first leads."""
        await self.work()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = (await client.get(f"/lead-lists/{list_id}?page[size]=1000")).json()
                if found["status"] in ("completed", "canceled"):
                    return dict(found)
                await asyncio.sleep(0.02)

    async def finish(self) -> None:
        """Processes what the test left, and requires an empty queue and a sound ledger."""
        if self._worker is None and await self.count_jobs():
            await self.work()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.count_jobs():
                await asyncio.sleep(0.02)
        await self.rest()
        await self.require_sound_ledger()

    async def count_jobs(self) -> int:
        """Jobs that wait or run."""
        is_sqlite = self.installation.database.is_sqlite
        table = "chunks" if is_sqlite else "procrastinate_jobs"
        return int(await self.query_one(f"SELECT count(*) FROM {table}"))

    async def query_one(self, statement: str, **parameters: Any) -> Any:
        """One value from the database."""
        async with self.installation.database.read() as tx:
            return (await tx.conn.execute(text(statement), parameters)).scalar_one()

    async def query(self, statement: str, **parameters: Any) -> list[Any]:
        """Rows from the database."""
        async with self.installation.database.read() as tx:
            return list((await tx.conn.execute(text(statement), parameters)).all())

    async def require_sound_ledger(self) -> None:
        """The balance is the sum of its entries, and what is held is what unfinished additions hold."""
        wrong_balances = await self.query(
            "SELECT b.workspace_id, b.kind FROM credit_balances b WHERE b.balance < 0 OR b.balance <> "
            "(SELECT coalesce(sum(c.amount), 0) FROM credit_entries c "
            "WHERE c.workspace_id = b.workspace_id AND c.kind = b.kind)"
        )
        assert wrong_balances == []
        wrong_holds = await self.query(
            "SELECT b.workspace_id, b.kind, b.held FROM credit_balances b WHERE b.held <> "
            "(SELECT coalesce(sum(CASE WHEN b.kind = 'email' THEN a.email_held ELSE a.phone_held END), 0) "
            "FROM additions a JOIN lead_lists l ON l.id = a.list_id "
            "WHERE l.workspace_id = b.workspace_id)"
        )
        assert wrong_holds == []
        loose_holds = await self.query(
            "SELECT a.id FROM additions a JOIN lead_lists l ON l.id = a.list_id "
            "WHERE l.status IN ('completed', 'canceled') AND (a.email_held <> 0 OR a.phone_held <> 0)"
        )
        assert loose_holds == []


def list_body(list_type: str, leads: list[Any], **more: Any) -> dict[str, Any]:
    """The body of a new list."""
    return {"shared": True, "owner": ADMIN_EMAIL, "type": list_type, "leads": leads, **more}


async def create_list(
    client: Client, list_type: str, leads: list[Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A new list, which must be accepted."""
    answer = await client.post("/lead-lists", json=list_body(list_type, leads or [], **more))
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def add_leads(
    client: Client, list_id: str, list_type: str, leads: list[Any], **headers: str
) -> httpx2.Response:
    """The answer to adding leads."""
    body = {"type": list_type, "leads": leads}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/lead-lists/{list_id}/leads", json=body, headers=named)
