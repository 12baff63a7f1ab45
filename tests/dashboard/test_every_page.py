"""Every route of the pages: nobody gets in without a session, from another site, or above their role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from litestar import Litestar
from tests.api.support import UNKNOWN_ID
from tests.dashboard.support import open_browser
from tests.support.installation import ADMIN_EMAIL, Client, Service

from leadyard.api.application import HANDLERS as API_HANDLERS
from leadyard.api.envelope import Envelope
from leadyard.app import build
from leadyard.dashboard.application import HANDLERS, ROOTS
from leadyard.domain.accounts import SCOPES_OF, Mode, Role, Scope


@dataclass(frozen=True)
class Page:
    """A route of the pages: the scope that it needs, and a form that is fine."""

    scope: Scope
    form: dict[str, str] = field(default_factory=dict)


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
    "GET /lists/{}": Page(Scope.LISTS_READ),
    "GET /lists/{}/leads/{}": Page(Scope.LISTS_READ),
    "GET /lists/{}/live": Page(Scope.LISTS_READ),
    "GET /lists/{}/export": Page(Scope.LISTS_READ),
    "POST /lists/{}/columns": Page(Scope.LISTS_READ),
    "GET /lists/{}/rename": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/rename": Page(Scope.LISTS_WRITE, {"name": "Mine"}),
    "POST /lists/{}/copy": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/pause": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/resume": Page(Scope.LISTS_WRITE),
    "GET /lists/{}/cancel": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/cancel": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/delete": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/restore": Page(Scope.LISTS_WRITE),
    "POST /lists/{}/selection": Page(Scope.LISTS_WRITE, {"action": "enrich"}),
    "POST /lists/{}/do/{}": Page(Scope.LISTS_WRITE, {"lead": "1"}),
    "GET /account/credits": Page(Scope.CREDITS_READ),
    "GET /account/credits/ledger.csv": Page(Scope.CREDITS_READ),
    "POST /account/credits/grants": Page(Scope.CREDITS_GRANT),
    "GET /account/providers": Page(Scope.PROVIDERS_READ),
    "POST /account/providers": Page(Scope.PROVIDERS_WRITE),
    "POST /account/providers/{}/remove": Page(Scope.PROVIDERS_WRITE),
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
    "GET /account/webhooks/{}": Page(Scope.WEBHOOKS_READ),
    "POST /account/webhooks/{}": Page(Scope.WEBHOOKS_WRITE),
    "POST /account/webhooks/{}/enabled": Page(Scope.WEBHOOKS_WRITE, {"enabled": "no"}),
    "POST /account/webhooks/{}/rotate": Page(Scope.WEBHOOKS_WRITE),
    "POST /account/webhooks/{}/ping": Page(Scope.WEBHOOKS_WRITE),
    "POST /account/webhooks/{}/delete": Page(Scope.WEBHOOKS_WRITE),
    "POST /account/webhooks/{}/deliveries/{}/replay": Page(Scope.WEBHOOKS_WRITE),
    "GET /account/connect": Page(Scope.ACCOUNT_READ),
    "POST /account/connect": Page(Scope.ADMIN),
    "GET /account/keys": Page(Scope.ADMIN),
    "POST /account/keys": Page(Scope.ADMIN),
    "POST /account/keys/{}/rotate": Page(Scope.ADMIN, {"overlap": "0"}),
    "POST /account/keys/{}/revoke": Page(Scope.ADMIN),
    "GET /account/users": Page(Scope.ADMIN),
    "POST /account/users": Page(Scope.ADMIN),
    "POST /account/users/link": Page(Scope.ADMIN),
    "POST /account/users/change": Page(Scope.ADMIN),
    "GET /account/audit": Page(Scope.AUDIT_READ),
    "GET /account/settings": Page(Scope.ACCOUNT_READ),
    "GET /import": Page(Scope.LISTS_READ),
    "POST /import": Page(Scope.LISTS_WRITE),
    "GET /import/{}": Page(Scope.LISTS_READ),
    "GET /import/{}/progress": Page(Scope.LISTS_READ),
    "POST /import/{}/columns": Page(Scope.LISTS_WRITE),
    "GET /import/{}/rows": Page(Scope.LISTS_READ),
    "POST /import/{}/rows/{}": Page(Scope.LISTS_WRITE),
    "POST /import/{}/start": Page(Scope.LISTS_WRITE),
    "POST /import/{}/cancel": Page(Scope.LISTS_WRITE),
    "POST /import/{}/undo": Page(Scope.LISTS_WRITE),
    "GET /import/{}/refused": Page(Scope.LISTS_READ),
    "GET /account/profile": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/password": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/sessions/end-others": Page(Scope.ACCOUNT_READ),
    "POST /account/profile/sessions/{}/end": Page(Scope.ACCOUNT_READ),
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
    assert ROOTS.isdisjoint(path.split("/", 2)[1] for handler in API_HANDLERS for path in handler.paths)


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


def test_application_serves_the_pages(service: Service) -> None:
    app = cast(Litestar, cast(Envelope, build(service.installation.settings).api())._app)
    served = {route.path_format for route in app.routes}
    assert {path for handler in HANDLERS for path in handler.paths} <= {
        re.sub(r"\{(\w+)\}", r"{\1:str}", path) for path in served
    }
