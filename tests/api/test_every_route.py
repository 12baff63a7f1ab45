"""Every route of the application, by every kind of caller who may not. One that is not listed here fails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx2
import pytest
from tests.api.support import (
    UNKNOWN_ID,
    add_user,
    error_body,
    execute,
    start_batch,
    stranger,
)
from tests.support.installation import ADMIN_EMAIL, LIVE_KEY, Client, Service, create_list

from leadyard.api.application import HANDLERS, make_routes
from leadyard.api.openapi.document import OPERATIONS
from leadyard.domain.accounts import SCOPES_OF, Mode, Role, Scope
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage.api_keys import NewKey

UNAUTHORIZED = error_body("unauthorized", "Missing or invalid API key.")
READS_WITHOUT_GET = {"POST /normalize"}
FILE = b"email\nfiled@acme.example\n"
LEADS = {"type": "email", "leads": [{"email": "new@acme.example"}]}


@dataclass(frozen=True)
class Route:
    """A route that needs a key: its scope, a body that is fine, and what it must not find of others.

    `needs` are the ids of its path, in order, as the world names them. Without any, there is nothing of
    others to ask for: the route answers about the caller's own workspace. What is of others is 404, but for
    the callers that `answers` names.
    """

    scope: Scope
    needs: tuple[str, ...] = ()
    body: Any = None
    query: str = ""
    file: bytes | None = None
    answers: Mapping[str, int] = field(default_factory=dict)


PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs/{}",
}
HOOK = "https://hooks.example/leadyard"
_NEW_LIST = {**LEADS, "shared": True, "owner": ADMIN_EMAIL}
_CANCEL = {"status": "canceled"}
_EXCLUDED_EMAILS = {"excluded_emails": ["who@acme.example"]}
_EXCLUDED_DOMAINS = {"excluded_domains": ["acme.example"]}

ROUTES = {
    "POST /lead-lists": Route(Scope.LISTS_WRITE, body=_NEW_LIST),
    "GET /lead-lists": Route(Scope.LISTS_READ),
    "GET /lead-lists/{}": Route(Scope.LISTS_READ, ("list",)),
    "PATCH /lead-lists/{}": Route(Scope.LISTS_WRITE, ("list",), {"name": "Mine"}),
    "DELETE /lead-lists/{}": Route(Scope.LISTS_WRITE, ("list",)),
    "POST /lead-lists/{}/leads": Route(Scope.LISTS_WRITE, ("list",), LEADS),
    "POST /lead-lists/{}/pause": Route(Scope.LISTS_WRITE, ("list",), {}),
    "POST /lead-lists/{}/resume": Route(Scope.LISTS_WRITE, ("list",), {}),
    "POST /lead-lists/{}/retry": Route(Scope.LISTS_WRITE, ("list",), {}),
    "POST /lead-lists/{}/refresh": Route(Scope.LISTS_WRITE, ("list",), {}),
    "GET /lead-lists/{}/additions/{}": Route(Scope.LISTS_READ, ("list", "addition")),
    "GET /lead-lists/{}/entries/{}": Route(Scope.LISTS_READ, ("list", "entry")),
    "GET /lead-lists/{}/export": Route(Scope.LISTS_READ, ("list",), query="?format=csv"),
    "GET /lead-lists/{}/waterfall": Route(Scope.PROVIDERS_READ, ("list",)),
    "PUT /lead-lists/{}/waterfall": Route(Scope.PROVIDERS_WRITE, ("list",), {}),
    "POST /imports": Route(Scope.LISTS_WRITE, query="?file_name=a.csv", file=FILE),
    "GET /imports": Route(Scope.LISTS_READ),
    "GET /imports/{}": Route(Scope.LISTS_READ, ("import",)),
    "PATCH /imports/{}": Route(Scope.LISTS_WRITE, ("import",), {}),
    "POST /imports/{}/start": Route(Scope.LISTS_WRITE, ("import",), {}),
    "POST /imports/{}/undo": Route(Scope.LISTS_WRITE, ("import",), {}),
    "GET /imports/{}/rows": Route(Scope.LISTS_READ, ("import",)),
    "PATCH /imports/{}/rows/{}": Route(Scope.LISTS_WRITE, ("import", "row"), {"left_out": True}),
    "GET /imports/{}/refused": Route(Scope.LISTS_READ, ("import",)),
    "POST /normalize": Route(Scope.LISTS_READ, body=LEADS),
    "GET /credits": Route(Scope.CREDITS_READ),
    "GET /credits/entries": Route(Scope.CREDITS_READ),
    "POST /credits/grants": Route(Scope.CREDITS_GRANT, body={"kind": "email", "amount": 1, "reason": "more"}),
    "GET /account-info": Route(Scope.ACCOUNT_READ),
    "GET /users": Route(Scope.ACCOUNT_READ),
    "GET /api-keys": Route(Scope.ADMIN),
    "POST /api-keys": Route(Scope.ADMIN, body={"name": "mine"}),
    "DELETE /api-keys/{}": Route(Scope.ADMIN, ("key",)),
    "POST /api-keys/{}/rotate": Route(Scope.ADMIN, ("key",), {}),
    "GET /audit-entries": Route(Scope.AUDIT_READ),
    "POST /email-validations": Route(Scope.PEOPLE_WRITE, body={"emails": ["jane@acme.example"]}),
    "GET /email-validations/{}": Route(Scope.PEOPLE_READ, ("validation",)),
    "PATCH /email-validations/{}": Route(Scope.PEOPLE_WRITE, ("validation",), _CANCEL),
    "GET /people/find": Route(Scope.PEOPLE_WRITE, query="?email=jane@acme.example"),
    "POST /people/enrichment-requests": Route(
        Scope.PEOPLE_WRITE, body={"leads": [{"email": "jane@acme.example"}]}
    ),
    "GET /people/enrichment-requests/{}": Route(Scope.PEOPLE_READ, ("enrichment",)),
    "PATCH /people/enrichment-requests/{}": Route(Scope.PEOPLE_WRITE, ("enrichment",), _CANCEL),
    "GET /people/{}/export": Route(Scope.PRIVACY_ERASE, ("person",)),
    "GET /companies/find": Route(Scope.PEOPLE_WRITE, query="?domain=acme.example"),
    "GET /excluded-emails": Route(Scope.PRIVACY_READ),
    "POST /excluded-emails": Route(Scope.PRIVACY_WRITE, body=_EXCLUDED_EMAILS),
    "DELETE /excluded-emails": Route(Scope.PRIVACY_ERASE, body=_EXCLUDED_EMAILS),
    "GET /excluded-domains": Route(Scope.PRIVACY_READ),
    "POST /excluded-domains": Route(Scope.PRIVACY_WRITE, body=_EXCLUDED_DOMAINS),
    "DELETE /excluded-domains": Route(Scope.PRIVACY_ERASE, body=_EXCLUDED_DOMAINS),
    "POST /erasures": Route(Scope.PRIVACY_ERASE, body={"email": "gone@acme.example"}),
    "GET /erasures": Route(Scope.PRIVACY_READ),
    "GET /providers": Route(Scope.PROVIDERS_READ),
    # Names of providers are a workspace's own, and a test key may set none up.
    "PUT /providers/{}": Route(
        Scope.PROVIDERS_WRITE, ("provider",), {"api_key": "k" * 20}, answers={"stranger": 403, "live": 200}
    ),
    "DELETE /providers/{}": Route(
        Scope.PROVIDERS_WRITE, ("provider",), answers={"stranger": 403, "live": 204}
    ),
    "GET /webhooks": Route(Scope.WEBHOOKS_READ),
    "POST /webhooks": Route(Scope.WEBHOOKS_WRITE, body={"url": HOOK, "events": ["list.full"]}),
    "GET /webhooks/{}": Route(Scope.WEBHOOKS_READ, ("webhook",)),
    "PATCH /webhooks/{}": Route(Scope.WEBHOOKS_WRITE, ("webhook",), {"enabled": False}),
    "DELETE /webhooks/{}": Route(Scope.WEBHOOKS_WRITE, ("webhook",)),
    "POST /webhooks/{}/rotate-secret": Route(Scope.WEBHOOKS_WRITE, ("webhook",), {}),
    "POST /webhooks/{}/test": Route(Scope.WEBHOOKS_WRITE, ("webhook",), {}),
    "GET /webhooks/{}/deliveries": Route(Scope.WEBHOOKS_READ, ("webhook",)),
    "POST /webhooks/{}/deliveries/{}/replay": Route(Scope.WEBHOOKS_WRITE, ("webhook", "delivery"), {}),
    "GET /waterfall": Route(Scope.PROVIDERS_READ),
    "PUT /waterfall": Route(Scope.PROVIDERS_WRITE, body={}),
}


def _routes() -> list[str]:
    """Every route that the application has, from the application itself."""
    return sorted(
        f"{method} {re.sub('{[^}]*}', '{}', route.path_format)}"
        for route in make_routes([*HANDLERS]).routes
        for method in cast(Any, route).methods
        if method != "OPTIONS"
    )


ALL_ROUTES = _routes()
WITH_KEY = [route for route in ALL_ROUTES if route not in PUBLIC]
WITH_IDS = [name for name, route in ROUTES.items() if route.needs]


@pytest.fixture
def database_kind() -> str:
    """Who may do what is decided before a database is asked; look-ups are tested on both elsewhere."""
    return "sqlite"


@dataclass
class World:
    """An account with something of everything, and callers who must not get at it."""

    service: Service
    ids: dict[str, str]
    clients: dict[str, Client]

    async def call(self, client: Client, name: str, ids: Mapping[str, str]) -> httpx2.Response:
        """A route by its name, with these ids and a body that is fine."""
        method, _, path = name.partition(" ")
        route = ROUTES[name]
        for need in route.needs:
            path = path.replace("{}", ids[need], 1)
        body: dict[str, Any] = {} if route.body is None else {"json": route.body}
        if route.file is not None:
            body = {"content": route.file, "headers": {"Content-Type": "text/csv"}}
        return await client.request(method, path + route.query, **body)

    async def state(self) -> list[Any]:
        """What nobody else may have changed."""
        statements = (
            "SELECT name, status, shared, deleted_at, paused_at, waterfall, entry_count FROM lead_lists",
            "SELECT key, lead, status FROM lead_list_entries",
            "SELECT name, revoked_at, rotated_at, expires_at FROM api_keys ORDER BY id",
            "SELECT status, columns, updated_at FROM imports WHERE user_id = 1",
            "SELECT url, sealed_secret, disabled_at FROM webhook_endpoints",
            "SELECT workspace_id, name, kind, sealed_key FROM provider_settings WHERE updated_at = 1",
        )
        return [await self.service.query(statement) for statement in statements]


async def make_key(service: Service, name: str, role: Role, **more: Any) -> str:
    """A key of the admin's test data, or of a user of their own for another role."""
    key = f"ly_test_{name}_" + "k" * 30
    async with service.installation.database.write() as tx:
        account = await account_rows.find_first_account(tx)
        assert account is not None
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.TEST)
        user = await add_user(tx, f"{name}@acme.example", role)
        new = NewKey(name, role, service.installation.digest(key), key[-4:], **more)
        await key_rows.add_api_key(tx, workspace_id, user.row_id, new)
    return key


@pytest.fixture
async def world(service: Service, client: Client) -> AsyncIterator[World]:
    """Lists that are done, in the test data of the admin's account."""
    jane, options = {"email": "jane@acme.example"}, {"enrich": True}
    made = await create_list(client, "email", [jane], options=options, shared=False)
    path = f"/lead-lists/{made['id']}"
    added = await client.post(f"{path}/leads", json=LEADS)
    validation = await start_batch(client, "/email-validations", {"emails": ["jane@acme.example"]})
    people = {"leads": [{"email": "jane@acme.example"}]}
    enrichment = await start_batch(client, "/people/enrichment-requests", people)
    entry = (await service.until_completed(client, made["id"]))["leads"][0]
    keys = (await client.get("/api-keys")).json()["api_keys"]
    webhook = (await client.post("/webhooks", json={"url": HOOK, "events": ["list.full"]})).json()
    delivery = (await client.post(f"/webhooks/{webhook['id']}/test")).json()
    sent = await client.post("/imports?file_name=a.csv", content=FILE, headers={"Content-Type": "text/csv"})
    ids = {
        "list": made["id"],
        "addition": added.headers["location"].rpartition("/")[2],
        "entry": entry["id"],
        "person": entry["person_id"],
        "validation": validation.rpartition("/")[2],
        "enrichment": enrichment.rpartition("/")[2],
        "key": keys[0]["id"],
        "provider": "hunter",
        "webhook": webhook["id"],
        "delivery": delivery["id"],
        "import": sent.json()["id"],
        "row": "2",
    }
    async with AsyncExitStack() as stack:
        clients = {
            "admin": client,
            "live": await stack.enter_async_context(service.client(LIVE_KEY)),
            "stranger": await stack.enter_async_context(stranger(service)),
        }
        for role in (Role.MEMBER, Role.READ_ONLY):
            key = await make_key(service, role, role)
            clients[role] = await stack.enter_async_context(service.client(key))
        yield World(service, ids, clients)


def test_every_route_is_listed_and_no_other() -> None:
    assert sorted([*ROUTES, *PUBLIC]) == ALL_ROUTES


def test_listed_scopes_are_the_documented_ones() -> None:
    documented = {
        f"{each.method.upper()} {re.sub('{[^}]*}', '{}', each.path)}": each.scope for each in OPERATIONS
    }
    assert documented == {**{name: route.scope for name, route in ROUTES.items()}, **dict.fromkeys(PUBLIC)}


def test_scopes_that_only_read_are_needed_by_what_only_reads() -> None:
    for name, route in ROUTES.items():
        only_reads = name.startswith("GET ") or name in READS_WITHOUT_GET
        if route.scope in SCOPES_OF[Role.READ_ONLY]:
            assert only_reads, name


@pytest.mark.parametrize("name", WITH_KEY)
async def test_nobody_is_let_in_without_a_key_that_is_good_now(name: str, service: Service) -> None:
    method, _, path = name.partition(" ")
    path = path.replace("{}", UNKNOWN_ID)
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired = await make_key(service, "expired", Role.ADMIN, expires_at=past)
    revoked = await make_key(service, "revoked", Role.ADMIN)
    await execute(service, "UPDATE api_keys SET revoked_at = 1 WHERE name = 'revoked'")
    for key in (None, "nonsense", "ly_test_" + "a" * 32 + "_000000", expired, revoked):
        async with service.client(key) as nobody:
            answer = await nobody.request(method, path, content=b"{")
        assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED), key


@pytest.mark.parametrize("name", WITH_KEY)
async def test_scope_is_asked_for_before_anything_else_is_read(name: str, service: Service) -> None:
    scope = ROUTES[name].scope
    method, _, path = name.partition(" ")
    path = path.replace("{}", UNKNOWN_ID)
    others = await make_key(service, "others", Role.ADMIN, scopes=frozenset(Scope) - {scope})
    only = await make_key(service, "only", Role.ADMIN, scopes=frozenset({scope}))
    async with service.client(others) as lacking, service.client(only) as having:
        answer = await lacking.request(method, path, content=b"{", headers={"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()) == (
            403,
            error_body("forbidden", f"This key lacks the scope {scope}."),
        )
        answer = await having.request(method, path, content=b"{", headers={"Content-Type": "text/plain"})
        assert answer.status_code not in (401, 403, 500) or "sandbox answers" in answer.text


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MEMBER])
async def test_role_can_do_what_its_scopes_say_and_nothing_more(role: Role, world: World) -> None:
    before = await world.state()
    for name, route in ROUTES.items():
        if route.scope not in SCOPES_OF[role]:
            answer = await world.call(world.clients[role], name, world.ids)
            assert (answer.status_code, answer.json()["_errors"][0]["code"]) == (403, "forbidden"), name
    assert await world.state() == before


@pytest.mark.parametrize("caller", ["stranger", "live"])
async def test_nothing_of_others_is_found_by_any_id(caller: str, world: World) -> None:
    """Another account's key, and the live key of the same account, with each id of the test data."""
    await execute(
        world.service,
        "INSERT INTO provider_settings (workspace_id, name, kind, options, credit_price, updated_at) "
        "SELECT id, 'hunter', 'hunter', '{}', 1, 1 FROM workspaces WHERE mode = 'test' AND account_id = 1",
    )
    before = await world.state()
    client = world.clients[caller]
    own = await create_list(client, "email", [], owner=await owner_of(client))
    for name in WITH_IDS:
        route = ROUTES[name]
        for swapped in route.needs:
            ids = {**dict.fromkeys(world.ids, UNKNOWN_ID), "list": own["id"], swapped: world.ids[swapped]}
            answer = await world.call(client, name, ids)
            assert answer.status_code == route.answers.get(caller, 404), (name, swapped, answer.text)
    await client.delete(f"/lead-lists/{own['id']}")
    after = [row for rows in await world.state() for row in rows]
    assert [row for rows in before for row in rows if row not in after] == []


async def test_private_list_and_batches_are_not_found_by_others_of_the_account(world: World) -> None:
    before = await world.state()
    for role in (Role.MEMBER, Role.READ_ONLY):
        for name in WITH_IDS:
            route = ROUTES[name]
            if route.scope in SCOPES_OF[role] and route.needs[0] in (
                "list",
                "validation",
                "enrichment",
                "import",
            ):
                answer = await world.call(world.clients[role], name, world.ids)
                assert answer.status_code == 404, name
    assert await world.state() == before


async def owner_of(client: Client) -> str:
    """An e-mail of the caller's account that can own a list."""
    return str((await client.get("/users")).json()["users"][0]["email"])
