"""Coming in and going out: by password, by link, and what is kept of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import httpx2
import pytest
from tests.api.support import add_user, execute, with_settings
from tests.dashboard.support import PASSWORD, begin_session, open_browser
from tests.support.html import Html
from tests.support.installation import ADMIN_EMAIL, Client, Service

from leadyard.actions.members import make_first_link, make_link
from leadyard.domain.accounts import Caller, Mode, Role, UserStatus
from leadyard.domain.sign_in import IDLE_LIMIT, SESSION_LIMIT
from leadyard.storage import accounts as account_rows
from leadyard.storage import passwords as password_rows
from leadyard.storage import users as user_rows
from leadyard.storage.clock import to_ms

NEW = {"password": PASSWORD, "again": PASSWORD}


async def first_link(service: Service) -> str:
    """The path of the link that `serve` prints."""
    async with service.installation.database.write() as tx:
        account = await account_rows.find_first_account(tx)
        assert account is not None
        made = await make_first_link(tx, service.installation.digest, account)
        assert made is not None
    return f"/welcome/{made[1]}"


async def another_link(service: Service, email: str = ADMIN_EMAIL) -> str:
    """The path of a link that an admin makes."""
    async with service.installation.database.write() as tx:
        account = await account_rows.find_first_account(tx)
        assert account is not None
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.LIVE)
        caller = Caller(account.row_id, workspace_id, Mode.LIVE, 0, 0, Role.ADMIN)
        return f"/welcome/{(await make_link(tx, service.installation.digest, caller, email))[1]}"


async def sign_in(browser: Client, password: str = PASSWORD, email: str = ADMIN_EMAIL) -> httpx2.Response:
    return await browser.post("/sign-in", data={"email": email, "password": password})


async def actions_of(service: Service) -> list[str]:
    """What the audit log has of users, oldest first."""
    rows = await service.query("SELECT action FROM audit_entries WHERE action LIKE 'user.%' ORDER BY id")
    return [row.action for row in rows]


async def test_first_link_sets_a_password_that_then_signs_in(service: Service, visitor: Client) -> None:
    path = await first_link(service)
    assert ADMIN_EMAIL in (await visitor.get(path)).text
    answer = await visitor.post(path, data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists")
    page = await visitor.get("/lists")
    assert page.status_code == 200
    assert "Your password is set." in page.text
    assert "Your password is set." not in (await visitor.get("/lists")).text
    assert (await visitor.post("/sign-out")).headers["location"] == "/sign-in"
    assert (await visitor.get("/lists")).status_code == 303
    assert (await sign_in(visitor)).headers["location"] == "/lists"
    assert (await visitor.get("/lists")).status_code == 200
    assert await actions_of(service) == [
        "user.link_made",
        "user.password_set",
        "user.signed_out",
        "user.signed_in",
    ]


async def test_first_link_is_for_an_admin_who_is_not_disabled(service: Service, visitor: Client) -> None:
    async with service.installation.database.write() as tx:
        await add_user(tx, "second@acme.example", Role.ADMIN)
    await execute(service, f"UPDATE users SET status = 'disabled' WHERE email = '{ADMIN_EMAIL}'")
    page = await visitor.get(await first_link(service))
    assert (page.status_code, "second@acme.example" in page.text) == (200, True)


async def test_link_works_once(service: Service, visitor: Client) -> None:
    first, second = await first_link(service), await first_link(service)
    assert (await visitor.post(first, data=NEW)).status_code == 303
    for path in (first, second):
        assert (await visitor.get(path)).status_code == 404
        assert (await visitor.post(path, data=NEW)).status_code == 404


async def test_link_expires(service: Service, visitor: Client) -> None:
    path = await first_link(service)
    await execute(service, "UPDATE password_links SET expires_at = 1")
    assert "This link is over" in (await visitor.get(path)).text
    assert (await visitor.post(path, data=NEW)).status_code == 404


async def test_password_that_is_refused_leaves_the_link(service: Service, visitor: Client) -> None:
    path = await first_link(service)
    for wrong in ({"password": "short", "again": "short"}, {"password": PASSWORD, "again": "other"}):
        answer = await visitor.post(path, data=wrong)
        assert answer.status_code == 400
        assert 'class="fault"' in answer.text
    assert (await visitor.post(path, data=NEW)).status_code == 303


async def test_newer_link_takes_the_place_of_an_earlier_one(service: Service, visitor: Client) -> None:
    earlier, later = await another_link(service), await another_link(service)
    assert (await visitor.get(earlier)).status_code == 404
    assert (await visitor.get(later)).status_code == 200


async def test_link_of_a_disabled_user_is_over(service: Service, visitor: Client) -> None:
    path = await another_link(service)
    await execute(service, f"UPDATE users SET status = '{UserStatus.DISABLED}'")
    assert (await visitor.get(path)).status_code == 404


async def test_unknown_user_and_wrong_password_are_answered_the_same(
    service: Service, visitor: Client
) -> None:
    await visitor.post(await first_link(service), data=NEW)
    visitor.cookies.clear()
    wrong = await sign_in(visitor, "wrong horse battery")
    unknown = await sign_in(visitor, email="nobody@acme.example")
    none = await sign_in(visitor, email="no e-mail")
    assert wrong.status_code == unknown.status_code == none.status_code == 401
    assert wrong.text.replace(ADMIN_EMAIL, "") == unknown.text.replace("nobody@acme.example", "")
    assert (await actions_of(service)).count("user.sign_in_failed") == 1


async def test_tries_are_slowed_down_and_nobody_is_locked_out(service: Service, visitor: Client) -> None:
    for _ in range(5):
        assert (await sign_in(visitor)).status_code == 401
    answer = await sign_in(visitor)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 31
    assert "Too many tries." in answer.text


async def test_secrets_are_not_stored_or_told(service: Service, visitor: Client) -> None:
    path = await first_link(service)
    await visitor.post(path, data=NEW)
    token = visitor.cookies["leadyard_session"]
    for table in ("users", "sessions", "password_links", "audit_entries"):
        rows = json.dumps([list(row) for row in await service.query(f"SELECT * FROM {table}")])
        for secret in (token, path.removeprefix("/welcome/"), PASSWORD):
            assert secret not in rows
    (kept,) = await service.query("SELECT password_hash FROM users WHERE password_hash IS NOT NULL")
    assert kept.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/lists?status=done", "/lists?status=done"),
        ("https://evil.example/", "/lists"),
        ("//evil.example/", "/lists"),
        ("/\\evil.example", "/lists"),
        ("/x\\..\\evil", "/lists"),
        ("javascript:alert(1)", "/lists"),
    ],
)
async def test_after_signing_in_nobody_is_led_elsewhere(service: Service, target: str, goes_to: str) -> None:
    async with open_browser(service, ADMIN_EMAIL) as browser:
        answer = await browser.get("/sign-in", params={"next": target})
        assert answer.headers["location"] == goes_to


async def test_page_that_was_asked_for_comes_after_signing_in(visitor: Client) -> None:
    answer = await visitor.get("/lists?page%5Bafter%5D=x")
    assert answer.headers["location"] == "/sign-in?next=/lists%3Fpage%255Bafter%255D%3Dx"
    assert 'value="/lists?page%5Bafter%5D=x"' in (await visitor.get(answer.headers["location"])).text


async def test_cookie_is_for_this_host_alone_over_https(service: Service) -> None:
    path = await first_link(service)
    async with open_browser(service) as browser:
        answer = await browser.post(path.replace("/welcome", "http://leadyard.example/welcome"), data=NEW)
    cookie = SimpleCookie(answer.headers.get_list("set-cookie")[0])["leadyard_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True,
        "lax",
        "/",
        "",
    )
    assert not cookie["secure"]
    async with open_browser(service) as browser:
        link = await another_link(service)
        answer = await browser.post(f"https://leadyard.example{link}", data=NEW)
        cookie = SimpleCookie(answer.headers.get_list("set-cookie")[0])["__Host-leadyard_session"]
        assert cookie["secure"]
        assert (await browser.get("https://leadyard.example/lists")).status_code == 200
        plain = {"Cookie": f"leadyard_session={cookie.value}"}
        browser.cookies.clear()
        assert (await browser.get("https://leadyard.example/lists", headers=plain)).status_code == 303


async def test_session_ends_when_it_is_idle_or_old(service: Service, browser: Client) -> None:
    assert (await browser.get("/lists")).status_code == 200
    now = datetime.now(UTC)
    for column, limit in (("seen_at", IDLE_LIMIT), ("created_at", SESSION_LIMIT)):
        before = to_ms(now - limit - timedelta(seconds=1))
        await execute(service, f"UPDATE sessions SET {column} = {before}")
        assert (await browser.get("/lists")).status_code == 303
        await execute(service, f"UPDATE sessions SET {column} = {to_ms(now)}")
    assert (await browser.get("/lists")).status_code == 200


async def test_session_of_a_disabled_user_is_over_at_once(service: Service, browser: Client) -> None:
    await execute(service, "UPDATE users SET status = 'disabled'")
    assert (await browser.get("/lists")).status_code == 303


async def test_changed_password_ends_all_other_sessions(service: Service) -> None:
    async with open_browser(service) as one, open_browser(service, ADMIN_EMAIL) as other:
        await one.post(await first_link(service), data=NEW)
        other.cookies.set("leadyard_session", await begin_session(service, ADMIN_EMAIL))
        changed = {"current": PASSWORD, "password": "another horse battery", "again": "another horse battery"}
        wrong = await one.post("/account/profile/password", data={**changed, "current": "wrong"})
        assert (wrong.status_code, (await other.get("/lists")).status_code) == (400, 200)
        answer = await one.post("/account/profile/password", data=changed)
        assert answer.status_code == 303
        assert (await one.get("/lists")).status_code == 200
        assert (await other.get("/lists")).status_code == 303
        one.cookies.clear()
        assert (await sign_in(one)).status_code == 401
        assert (await sign_in(one, "another horse battery")).status_code == 303


async def test_own_sessions_are_listed_and_ended(service: Service, browser: Client) -> None:
    async with open_browser(service, ADMIN_EMAIL) as other, open_browser(service, ADMIN_EMAIL) as third:
        page = Html((await browser.get("/account/profile")).text)
        ends = [form for form in page.forms if form.endswith("/end")]
        assert len(ends) == 2
        assert (await browser.post(ends[0])).status_code == 303
        left = [(await each.get("/lists")).status_code for each in (other, third)]
        assert sorted(left) == [200, 303]
        assert (await browser.post(ends[0])).status_code == 404
        assert (await browser.post("/account/profile/sessions/end-others")).status_code == 303
        assert [(await each.get("/lists")).status_code for each in (other, third)] == [303, 303]
        assert (await browser.get("/lists")).status_code == 200


async def test_session_of_somebody_else_is_not_ended(service: Service, browser: Client) -> None:
    async with open_browser(service, "mary@acme.example", role=Role.MEMBER) as other:
        ends = [
            form for form in Html((await other.get("/account/profile")).text).forms if form.endswith("/end")
        ]
        assert ends == []
        row = (await service.query("SELECT public_id FROM sessions ORDER BY id DESC LIMIT 1"))[0]
        answer = await browser.post(f"/account/profile/sessions/{row.public_id}/end")
        assert answer.status_code == 404
        assert (await other.get("/lists")).status_code == 200


async def test_pages_turn_to_the_other_data(service: Service, browser: Client, client: Client) -> None:
    await client.post(
        "/lead-lists",
        json={"shared": True, "owner": ADMIN_EMAIL, "type": "email", "leads": [], "name": "Made in test"},
    )
    page = await browser.get("/lists")
    assert "Made in test" in page.text
    assert '<div class="test-strip">' in page.text
    answer = await browser.post("/account/mode", data={"mode": "live", "back": "/lists"})
    assert answer.headers["location"] == "/lists"
    page = await browser.get("/lists")
    assert "Made in test" not in page.text
    assert '<div class="test-strip">' not in page.text


@with_settings(rate_limit=3)
async def test_pages_have_the_rate_limit_of_a_key_for_each_session(service: Service, browser: Client) -> None:
    answers = [await browser.get("/lists") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Wait a minute" in answers[3].text
    assert int(answers[3].headers["retry-after"]) <= 60


async def test_user_who_is_enabled_again_signs_in_anew(service: Service, browser: Client) -> None:
    async with open_browser(service, "mary@acme.example", role=Role.MEMBER) as mary:
        link = await another_link(service, "mary@acme.example")
        for status in ("disabled", "active"):
            form = {"email": "mary@acme.example", "status": status}
            assert (await browser.post("/account/users/change", data=form)).status_code == 303
        assert (await mary.get("/lists")).status_code == 303
        assert (await mary.get(link)).status_code == 404


async def test_password_that_is_changed_meanwhile_opens_and_changes_nothing(
    service: Service, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = service.api.services.sign_in.hashing
    fits = hashing.fits
    await visitor.post(await first_link(service), data=NEW)
    async with open_browser(service) as other:

        async def fits_and_is_changed(password: str, kept: str | None) -> bool:
            is_right = await fits(password, kept)
            await execute(service, "UPDATE users SET password_hash = 'another'")
            return is_right

        monkeypatch.setattr(hashing, "fits", fits_and_is_changed)
        kept = (await service.query("SELECT password_hash FROM users"))[0].password_hash
        assert (await sign_in(other)).status_code == 401
        assert len(await service.query("SELECT id FROM sessions")) == 1
        await execute(service, f"UPDATE users SET password_hash = '{kept}'")
        changed = {"current": PASSWORD, "password": "another horse battery", "again": "another horse battery"}
        answer = await visitor.post("/account/profile/password", data=changed)
        assert answer.status_code == 400
        assert (await service.query("SELECT password_hash FROM users"))[0].password_hash == "another"


async def test_email_that_two_accounts_know_signs_in_to_the_one_whose_password_it_is(
    service: Service, visitor: Client
) -> None:
    await visitor.post(await first_link(service), data=NEW)
    hashed = await service.api.services.sign_in.hashing.hash("of the other account")
    async with service.installation.database.write() as tx:
        account, _ = await account_rows.create_account(tx, "Elsewhere Ltd")
        user = await user_rows.add_user(tx, account.row_id, "Admin", ADMIN_EMAIL, Role.ADMIN)
        assert user is not None
        await password_rows.set_hash(tx, user.row_id, hashed)
    for password, name in (("of the other account", "Elsewhere Ltd"), (PASSWORD, None)):
        async with open_browser(service) as browser:
            assert (await sign_in(browser, password)).status_code == 303
            assert ("Elsewhere Ltd" in (await browser.get("/account/settings")).text) is (name is not None)
    assert (await sign_in(visitor, "of nobody at all")).status_code == 401


async def test_address_of_a_redirect_has_nothing_that_no_header_can_have(browser: Client) -> None:
    answer = await browser.get("/sign-in", params={"next": "/lists?search=\u20ac uro&page=%2F"})
    assert answer.headers["location"] == "/lists?search=%E2%82%AC%20uro&page=%2F"
    answer = await browser.post("/lists/x%0d%0aSet-Cookie:%20a=b/columns", data={"column": "title"})
    assert answer.headers["location"] == "/lists/x%0D%0ASet-Cookie:%20a=b"
