"""Every route of the pages: nobody gets in without a session, from another site, or above their role."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from tests.api.support import UNKNOWN_ID, execute
from tests.api.test_every_route import World, world
from tests.dashboard.support import begin_session, open_browser
from tests.support.installation import ADMIN_EMAIL, Client, Service

from leadyard.api.application import HANDLERS as API_HANDLERS
from leadyard.app import Leadyard
from leadyard.dashboard.application import GUIDE_HANDLERS, HANDLERS
from leadyard.dashboard.late_pages import is_page
from leadyard.domain.accounts import SCOPES_OF, Mode, Role, Scope
from leadyard.storage import sessions as session_rows
from leadyard.storage.sessions import NewSession

__all__ = ["world"]


@dataclass(frozen=True)
class Page:
    """A route of the pages: the scope that it needs, a form that is fine, and the ids of its path, in order.

    What is of others is 404, but for the callers that `answers` names.
    """

    scope: Scope
    form: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    answers: dict[str, int] = field(default_factory=dict)

    @property
    def is_private_for_a_member(self) -> bool:
        """Whether a member may ask for it, and finds nothing of an admin's there that is not shared."""
        return self.scope in SCOPES_OF[Role.MEMBER] and self.needs[0] in ("list", "import", "session")


PUBLIC = {
    "GET /",
    "GET /assets/{}",
    "GET /sign-in",
    "POST /sign-in",
    "GET /welcome/{}",
    "POST /welcome/{}",
    "POST /account/theme",
}
"""What needs no session. Of these, what changes something must come from a page of ours all the same."""

PAGES = {
    "POST /sign-out": Page(Scope.ACCOUNT_READ),
    "GET /lists": Page(Scope.LISTS_READ),
    "GET /lists/{}": Page(Scope.LISTS_READ, needs=("list",)),
    "GET /lists/{}/leads/{}": Page(Scope.LISTS_READ, needs=("list", "entry")),
    "GET /lists/{}/live": Page(Scope.LISTS_READ, needs=("list",)),
    "GET /lists/{}/export": Page(Scope.LISTS_READ, needs=("list",)),
    "POST /lists/{}/columns": Page(
        Scope.LISTS_READ, needs=("list",), answers=dict.fromkeys(("stranger", "live", "member"), 303)
    ),
    "GET /lists/{}/rename": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/rename": Page(Scope.LISTS_WRITE, {"name": "Mine"}, needs=("list",)),
    "POST /lists/{}/copy": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/pause": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/resume": Page(Scope.LISTS_WRITE, needs=("list",)),
    "GET /lists/{}/cancel": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/cancel": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/delete": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/restore": Page(Scope.LISTS_WRITE, needs=("list",)),
    "POST /lists/{}/selection": Page(Scope.LISTS_WRITE, {"action": "enrich"}, needs=("list",)),
    "POST /lists/{}/do/{}": Page(Scope.LISTS_WRITE, {"lead": "1"}, needs=("list", "remove")),
    "GET /account/credits": Page(Scope.CREDITS_READ),
    "GET /account/credits/ledger.csv": Page(Scope.CREDITS_READ),
    "POST /account/credits/grants": Page(Scope.CREDITS_GRANT),
    "GET /account/providers": Page(Scope.PROVIDERS_READ),
    "POST /account/providers": Page(Scope.PROVIDERS_WRITE),
    "POST /account/providers/{}/remove": Page(
        Scope.PROVIDERS_WRITE, needs=("provider",), answers={"stranger": 403, "live": 404}
    ),
    "POST /account/providers/order": Page(Scope.PROVIDERS_WRITE, {"group": "email"}),
    "POST /account/providers/limits": Page(Scope.PROVIDERS_WRITE),
    "GET /account/directory": Page(Scope.PROVIDERS_WRITE),
    "GET /account/directory/load": Page(Scope.PROVIDERS_WRITE),
    "POST /account/directory/load": Page(Scope.PROVIDERS_WRITE),
    "GET /account/exclusions": Page(Scope.PRIVACY_READ),
    "POST /account/exclusions": Page(Scope.PRIVACY_WRITE),
    "POST /account/exclusions/remove": Page(Scope.PRIVACY_ERASE),
    "GET /account/erasures": Page(Scope.PRIVACY_READ),
    "POST /account/erasures": Page(Scope.PRIVACY_ERASE),
    "GET /account/webhooks": Page(Scope.WEBHOOKS_READ),
    "POST /account/webhooks": Page(Scope.WEBHOOKS_WRITE),
    "GET /account/webhooks/{}": Page(Scope.WEBHOOKS_READ, needs=("webhook",)),
    "POST /account/webhooks/{}": Page(Scope.WEBHOOKS_WRITE, needs=("webhook",)),
    "POST /account/webhooks/{}/enabled": Page(Scope.WEBHOOKS_WRITE, {"enabled": "no"}, needs=("webhook",)),
    "POST /account/webhooks/{}/rotate": Page(Scope.WEBHOOKS_WRITE, needs=("webhook",)),
    "POST /account/webhooks/{}/ping": Page(Scope.WEBHOOKS_WRITE, needs=("webhook",)),
    "POST /account/webhooks/{}/delete": Page(Scope.WEBHOOKS_WRITE, needs=("webhook",)),
    "POST /account/webhooks/{}/deliveries/{}/replay": Page(
        Scope.WEBHOOKS_WRITE, needs=("webhook", "delivery")
    ),
    "GET /account/connect": Page(Scope.ACCOUNT_READ),
    "POST /account/connect": Page(Scope.ADMIN),
    "GET /account/keys": Page(Scope.ADMIN),
    "POST /account/keys": Page(Scope.ADMIN),
    "POST /account/keys/{}/rotate": Page(Scope.ADMIN, {"overlap": "0"}, needs=("key",)),
    "POST /account/keys/{}/revoke": Page(Scope.ADMIN, needs=("key",)),
    "GET /account/users": Page(Scope.ADMIN),
    "POST /account/users": Page(Scope.ADMIN),
    "POST /account/users/link": Page(Scope.ADMIN),
    "POST /account/users/change": Page(Scope.ADMIN),
    "GET /account/audit": Page(Scope.AUDIT_READ),
    "GET /account/settings": Page(Scope.ACCOUNT_READ),
    "GET /import": Page(Scope.LISTS_READ),
    "POST /import": Page(Scope.LISTS_WRITE),
    "GET /import/{}": Page(Scope.LISTS_READ, needs=("import",)),
    "GET /import/{}/live": Page(Scope.LISTS_READ, needs=("import",)),
    "POST /import/{}/columns": Page(Scope.LISTS_WRITE, needs=("import",)),
    "GET /import/{}/rows": Page(Scope.LISTS_READ, needs=("import",)),
    "POST /import/{}/rows/{}": Page(Scope.LISTS_WRITE, needs=("import", "row")),
    "POST /import/{}/start": Page(
        Scope.LISTS_WRITE, {"most_email": "0", "most_phone": "0"}, needs=("import",)
    ),
    "POST /import/{}/cancel": Page(Scope.LISTS_WRITE, needs=("import",)),
    "POST /import/{}/undo": Page(Scope.LISTS_WRITE, needs=("import",)),
    "GET /import/{}/refused": Page(Scope.LISTS_READ, needs=("import",)),
    "GET /account/profile": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/password": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/sessions/end-others": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/sessions/{}/end": Page(
        Scope.ACCOUNT_READ, needs=("session",), answers={"live": 303}
    ),
    "POST /account/mode": Page(Scope.ACCOUNT_READ, {"mode": "live", "back": "/lists"}),
}
ENDS_WITHOUT_SESSION = {"POST /sign-out"}


def routes_of(handlers: Any) -> list[str]:
    return sorted(
        f"{method} {re.sub('{[^}]*}', '{}', path)}"
        for handler in handlers
        for path in handler.paths
        for method in handler.http_methods
    )


def path_of(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return method, path.replace("{}", UNKNOWN_ID)


def test_every_route_is_listed_and_no_other() -> None:
    assert sorted([*PAGES, *PUBLIC]) == routes_of(HANDLERS)


def test_pages_and_api_have_no_paths_in_common() -> None:
    assert all(is_page(path) for handler in (*HANDLERS, *GUIDE_HANDLERS) for path in handler.paths)
    assert not any(is_page(path) for handler in API_HANDLERS for path in handler.paths)


async def test_slashes_with_nothing_between_are_no_page(client: Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await client.request(method, "/%2F")
        assert (answer.status_code, answer.json()["object"]) == (404, "error")


@pytest.mark.parametrize("name", PAGES)
async def test_nobody_is_let_in_without_a_session(name: str, visitor: Client) -> None:
    method, path = path_of(name)
    for cookie in ("", "leadyard_session=nonsense"):
        answer = await visitor.request(method, path, headers={"Cookie": cookie})
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0] == "/sign-in"


async def test_form_of_another_site_is_refused(service: Service) -> None:
    async with open_browser(service, ADMIN_EMAIL) as browser:
        del browser.headers["Sec-Fetch-Site"]
        for name in sorted([*PAGES, *PUBLIC]):
            method, path = path_of(name)
            if method == "GET":
                continue
            for told in (
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {},
            ):
                answer = await browser.request(method, path, headers=told)
                assert answer.status_code == 403, (name, told)
                assert "another site" in answer.text
        assert (await browser.get("/lists")).status_code == 200


async def test_form_of_our_own_is_known_by_its_origin_where_browsers_tell_no_more(service: Service) -> None:
    async with open_browser(service, ADMIN_EMAIL) as browser:
        del browser.headers["Sec-Fetch-Site"]
        answer = await browser.post("/sign-out", headers={"Origin": "http://leadyard.example"})
        assert answer.status_code == 303


@pytest.mark.parametrize("role", Role)
async def test_role_can_do_what_its_scopes_say_and_nothing_more(role: Role, service: Service) -> None:
    async with open_browser(service, f"{role}.of.ours@acme.example", mode=Mode.LIVE, role=role) as browser:
        session = browser.cookies["leadyard_session"]
        for name, page in PAGES.items():
            if name in ENDS_WITHOUT_SESSION:
                continue
            method, path = path_of(name)
            answer = await browser.request(
                method, path, data=page.form or None, headers={"Cookie": f"leadyard_session={session}"}
            )
            is_refused = answer.status_code == 403
            assert is_refused is (page.scope not in SCOPES_OF[role]), (name, answer.status_code)
            assert answer.status_code < 500, name


async def test_application_loads_the_pages_for_the_first_who_ask(installation: Leadyard) -> None:
    transport = httpx2.ASGITransport(app=installation.api())  # type: ignore[arg-type]
    paths = ("/sign-in", "/", "/docs/guide", "/healthz")
    async with Client(transport=transport, base_url="http://leadyard.example") as http:
        answers = await asyncio.gather(*map(http.get, paths))
    assert [answer.status_code for answer in answers] == [200, 303, 200, 200]


@pytest.mark.parametrize("caller", ["stranger", "live", "member"])
async def test_nothing_of_others_is_found_by_any_id(caller: str, world: World) -> None:
    """Another account's session, the admin's own on the live data, and a member's for what is private."""
    service = world.service
    await execute(
        service,
        "INSERT INTO provider_settings (workspace_id, name, kind, options, credit_price, updated_at) "
        "SELECT id, 'hunter', 'hunter', '{}', 1, 1 FROM workspaces WHERE mode = 'test' AND account_id = 1",
    )
    email, mode = {
        "stranger": ("admin@stranger.example", Mode.TEST),
        "live": (ADMIN_EMAIL, Mode.LIVE),
        "member": ("member@acme.example", Mode.TEST),
    }[caller]
    await begin_session(service, ADMIN_EMAIL)
    (own,) = await service.query("SELECT public_id FROM sessions")
    ids = {**world.ids, "session": own.public_id}
    before = await world.state()
    async with open_browser(service) as browser:
        session = await session_of(service, email, mode)
        for name, page in PAGES.items():
            if not page.needs or (caller == "member" and not page.is_private_for_a_member):
                continue
            method, _, path = name.partition(" ")
            for need in page.needs:
                path = path.replace("{}", ids.get(need, need), 1)
            cookie = {"Cookie": f"leadyard_session={session}"}
            answer = await browser.request(method, path, data=page.form or None, headers=cookie)
            assert answer.status_code == page.answers.get(caller, 404), (name, answer.status_code)
    assert await world.state() == before
    ended = 1 if caller == "live" else 0  # It is the same user, who may end it.
    assert len(await service.query("SELECT id FROM sessions")) == 2 - ended


def test_every_id_of_a_path_is_asked_for_as_that_of_others() -> None:
    assert [name for name, page in PAGES.items() if len(page.needs) != name.count("{}")] == []


async def session_of(service: Service, email: str, mode: Mode) -> str:
    """The token of a session of a user, whatever their account."""
    (user,) = await service.query(f"SELECT id FROM users WHERE email = '{email}'")
    new = NewSession(user.id, service.installation.digest("t" * 43), mode, None, "tests")
    async with service.installation.database.write() as tx:
        await session_rows.add_session(tx, new)
    return "t" * 43
