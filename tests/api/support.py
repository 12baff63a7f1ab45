"""What the tests of the HTTP API share: expected errors, callers, walks over pages, raw requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from tests.support.installation import PATIENCE_SECONDS, Client, Service

from leadyard.domain.accounts import Mode, Role, User
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.retention import Keeping
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import credits as ledger
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.credits import Asker
from leadyard.storage.database import Tx
from leadyard.worker.retention import delete_old_leads

ALL_OPTIONS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"

STATUSES_AND_TITLES = {
    "missing_field": (400, "Missing Field"),
    "unsupported_value": (400, "Unsupported Value"),
    "unauthorized": (401, "Unauthorized"),
    "insufficient_credits": (402, "Insufficient Credits"),
    "forbidden": (403, "Forbidden"),
    "not_found": (404, "Not Found"),
    "person_not_found": (404, "Person Not Found"),
    "unavailable_for_legal_reasons": (451, "Unavailable For Legal Reasons"),
    "method_not_allowed": (405, "Method Not Allowed"),
    "conflict": (409, "Conflict"),
    "gone": (410, "Gone"),
    "payload_too_large": (413, "Payload Too Large"),
    "unsupported_media_type": (415, "Unsupported Media Type"),
    "idempotency_key_in_use": (409, "Idempotency Key In Use"),
    "idempotency_key_reused": (422, "Idempotency Key Reused"),
    "too_many_requests": (429, "Too Many Requests"),
    "internal_server_error": (500, "Internal Server Error"),
    "service_unavailable": (503, "Service Unavailable"),
}


def with_settings(**overrides: object) -> pytest.MarkDecorator:
    """Runs a test on an installation with these settings."""
    name = " ".join(f"{name}={value}" for name, value in overrides.items())
    return pytest.mark.parametrize("overrides", [overrides], ids=[name])


def error_body(code: str, detail: str, **source: str) -> dict[str, Any]:
    """The body of an answer with one error; `source` is pointer, parameter or header, if there is one."""
    _, title = STATUSES_AND_TITLES[code]
    item: dict[str, Any] = {"code": code, "title": title, "detail": detail}
    return {"object": "error", "_errors": [{**item, "source": source} if source else item]}


def require_error(answer: httpx2.Response, code: str, detail: str, **source: str) -> None:
    """The answer is exactly this one error, with its status."""
    assert (answer.status_code, answer.json()) == (
        STATUSES_AND_TITLES[code][0],
        error_body(code, detail, **source),
    )


def faults_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Where each fault of a 400 is, by its pointer, and what it says."""
    assert answer.status_code == 400, answer.text
    return [(error["source"]["pointer"], error["detail"]) for error in answer.json()["_errors"]]


def unsupported(field: str) -> str:
    """The text for a field whose value cannot be used."""
    return f"Unsupported value provided for field: {field}"


def missing(field: str) -> str:
    """The text for a field that is not there."""
    return f"Missing field from request: {field}"


async def post_text(client: Client, path: str, body: str | bytes, **headers: str) -> httpx2.Response:
    """The answer to a JSON text, sent as it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(path, content=body, headers={"Content-Type": "application/json", **named})


async def post_leads(client: Client, list_id: str, list_type: str, *leads: str | bytes) -> httpx2.Response:
    """The answer to adding leads whose JSON is given as text."""
    texts = [lead.encode() if isinstance(lead, str) else lead for lead in leads]
    body = b'{"type": "%s", "leads": [%s]}' % (list_type.encode(), b", ".join(texts))
    return await post_text(client, f"/lead-lists/{list_id}/leads", body)


async def read_entries(client: Client, list_id: str) -> list[dict[str, Any]]:
    """The entries of a list, at most 1,000."""
    answer = await client.get(f"/lead-lists/{list_id}?page[size]=1000")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["leads"])


async def start_batch(client: Client, path: str, body: Any) -> str:
    """Starts a batch, which must be accepted; returns its own path."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == answer.json()["_links"]["self"]["href"]
    return str(answer.headers["location"])


async def until_ended(service: Service, client: Client, path: str) -> dict[str, Any]:
    """Lets the worker run until the batch has ended; returns it with up to 1,000 results."""
    await service.work()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await client.get(f"{path}?page[size]=1000")
            if answer.json()["status"] not in ("queued", "processing"):
                assert "retry-after" not in answer.headers
                return dict(answer.json())
            assert int(answer.headers["retry-after"]) >= 1
            await asyncio.sleep(0.02)


async def spent(client: Client) -> tuple[float, float]:
    """The e-mail and phone credits spent since the installation was set up; none are held."""
    balances = (await client.get("/credits")).json()
    assert balances["email"]["held"] == balances["phone"]["held"] == 0
    return 100_000 - balances["email"]["balance"], 100_000 - balances["phone"]["balance"]


@asynccontextmanager
async def stranger(service: Service) -> AsyncIterator[Client]:
    """A client with the admin's test key of another account."""
    key = "ly_test_" + "s" * 38
    async with service.installation.database.write() as tx:
        account, workspaces = await account_rows.create_account(tx, "Stranger")
        admin = await user_rows.add_user(tx, account.row_id, "Stranger", "admin@stranger.example", Role.ADMIN)
        assert admin is not None
        for workspace_id in workspaces.values():
            await ledger.open_balances(tx, workspace_id)
        asker = Asker(workspaces[Mode.TEST])
        await ledger.grant_credits(tx, asker, CreditKind.EMAIL, 7_000, Reason.INITIAL_GRANT, None)
        await add_key(tx, service, workspaces[Mode.TEST], admin, key, Role.ADMIN)
    async with service.client(key) as client:
        yield client


@asynccontextmanager
async def member(service: Service) -> AsyncIterator[Client]:
    """A client with the test key of a member of the admin's account."""
    key = "ly_test_" + "m" * 38
    async with service.installation.database.write() as tx:
        user = await add_user(tx, "mia@acme.example")
        account = await account_rows.find_first_account(tx)
        assert account is not None
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.TEST)
        await add_key(tx, service, workspace_id, user, key, Role.MEMBER)
    async with service.client(key) as client:
        yield client


async def add_user(tx: Tx, email: str, role: Role = Role.MEMBER) -> User:
    """A new user of the admin's account."""
    account = await account_rows.find_first_account(tx)
    assert account is not None
    user = await user_rows.add_user(tx, account.row_id, email.partition("@")[0].title(), email, role)
    assert user is not None
    return user


async def add_key(tx: Tx, service: Service, workspace_id: int, user: User, key: str, role: Role) -> str:
    """Stores a key for a user; returns its public id."""
    new = NewKey(key[8:12], role, service.installation.digest(key), key[-4:])
    return await key_rows.add_api_key(tx, workspace_id, user.row_id, new)


async def execute(service: Service, statement: str, **parameters: Any) -> None:
    """One statement on the test's own database."""
    async with service.installation.database.write() as tx:
        await tx.conn.execute(text(statement), parameters)


async def delete_after_its_time(service: Service) -> None:
    """Deletes what has ended, as the worker does when the time of its leads is over."""
    await execute(service, "UPDATE lead_lists SET updated_at = updated_at - 86400001")
    keeping = Keeping(leads=timedelta(days=1), deleted_leads=timedelta(days=1))
    assert await delete_old_leads(service.installation.database, keeping) == 1


async def count_requests(client: Client, method: str, route: str, status: int) -> float:
    """How many requests the metrics have counted by method, route and status."""
    name = f'leadyard_http_requests_total{{method="{method}",route="{route}",status="{status}"}} '
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


@dataclass(frozen=True)
class Walk:
    """The pages met by following a link until there is none: the ids on each, and the last page."""

    pages: list[list[str]]
    last: dict[str, Any]

    @property
    def ids(self) -> list[str]:
        """All ids in the order met."""
        return [item for page in self.pages for item in page]


async def walk(client: Client, path: str, items: str, link: str = "next") -> Walk:
    """Follows `next` or `prev` from a path on."""
    pages: list[list[str]] = []
    href: str | None = path
    body: dict[str, Any] = {}
    while href is not None:
        assert len(pages) < 50, "a link leads round in circles"
        answer = await client.get(href)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        pages.append([item["id"] for item in body[items]])
        href = body["_links"].get(link, {}).get("href")
    return Walk(pages, body)


async def require_walks(client: Client, path: str, items: str, expected: Sequence[str]) -> None:
    """Forward and back, in pages of each small size, every item is met once and in order.

    `path` holds `page[size]={size}`.
    """
    for size in (1, 2, 3, len(expected), len(expected) + 1):
        forward = await walk(client, path.format(size=size), items)
        assert forward.ids == list(expected)
        assert all(len(page) == size for page in forward.pages[:-1])
        assert "next" not in forward.last["_links"]
        back = await walk(client, forward.last["_links"]["self"]["href"], items, "prev")
        assert [item for page in reversed(back.pages) for item in page] == list(expected)
        assert "prev" not in back.last["_links"]


def raw_scope(
    method: str, path: str, *, query: bytes = b"", headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a server says of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()
        ],
        "client": ("192.0.2.1", 40_000),
        "server": ("leadyard.example", 80),
    }


def receiving(messages: Sequence[Mapping[str, Any]]) -> Callable[[], Awaitable[Any]]:
    """How an application gets these messages, after which the caller is gone."""
    incoming = iter(messages)

    async def receive() -> Any:
        return next(incoming, {"type": "http.disconnect"})

    return receive


async def call_raw(
    service: Service,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Mapping[str, str] | None = None,
    messages: Sequence[Mapping[str, Any]] = ({"type": "http.request", "body": b"", "more_body": False},),
) -> httpx2.Response:
    """A request as a server hands it over, for what no client library lets through."""
    scope = raw_scope(method, path, query=query, headers=headers)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await service.api(scope, receiving(messages), send)  # type: ignore[arg-type]
    start, *parts = sent
    content = b"".join(part.get("body", b"") for part in parts)
    return httpx2.Response(start["status"], headers=start["headers"], content=content)


def parse_exactly(body: str) -> Any:
    """JSON with its numbers as they are written and its objects as lists of pairs."""
    return json.loads(body, parse_float=str, parse_int=str, object_pairs_hook=list)
