"""Credits, keys, users, the audit log, settings and the programs to copy."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from tests.api.support import ALL_OPTIONS, execute, stranger
from tests.dashboard.support import PASSWORD, open_browser
from tests.support.html import Html
from tests.support.installation import ADMIN_EMAIL, Client, Service, create_list

from leadyard.dashboard.charts import draw_usage, round_up
from leadyard.domain.accounts import Role
from leadyard.domain.credits import Cost
from leadyard.domain.usage import DayUsage


async def test_credits_are_granted_and_stand_in_the_ledger(browser: Client, client: Client) -> None:
    before = (await client.get("/credits")).json()["email"]["balance"]
    form = {"kind": "email", "amount": "1,250.5", "reason": "more for autumn"}
    answer = await browser.post("/account/credits/grants", data=form)
    assert answer.status_code == 303
    page = (await browser.get("/account/credits")).text
    assert "1,250.5 email credits are granted." in page
    assert "more for autumn" in page
    assert (await client.get("/credits")).json()["email"]["balance"] == before + 1250.5


@pytest.mark.parametrize("amount", ["", "0", "-1", "1.0001", "many", "NaN", "1e30"])
async def test_amount_that_is_none_is_told_beside_its_field(browser: Client, amount: str) -> None:
    form = {"kind": "email", "amount": amount, "reason": "more"}
    answer = await browser.post("/account/credits/grants", data=form)
    assert answer.status_code == 400
    assert 'id="f-amount-told">The amount must be more than 0' in answer.text
    assert 'id="grant" aria-labelledby="grant-title" data-open' in answer.text


async def test_what_was_spent_is_added_up_by_day_list_user_and_key(
    service: Service, browser: Client, client: Client
) -> None:
    leads = [{"email": f"lead{number}@acme.example"} for number in range(3)]
    made = await create_list(client, "email", leads, options=ALL_OPTIONS, name="Spring")
    await service.until_completed(client, made["id"])
    page = (await browser.get("/account/credits?days=7")).text
    assert "4.5 e-mail credits and 3 phone credits in all" in page
    rows = re.findall(
        r'<td class="clip">(.*?)</td><td class="num">([\d.]+)</td><td class="num">([\d.]+)', page
    )
    assert rows == [
        (f'<a href="/lists/{made["id"]}">Spring</a>', "4.5", "3"),
        (ADMIN_EMAIL, "4.5", "3"),
        ("first key", "4.5", "3"),
    ]
    await execute(
        service, "UPDATE credit_entries SET created_at = created_at - 8 * 86400000 WHERE id % 2 = 0"
    )
    assert "4.5 e-mail credits" not in (await browser.get("/account/credits?days=7")).text
    assert "4.5 e-mail credits" in (await browser.get("/account/credits?days=30")).text


async def test_lists_that_the_reader_does_not_see_are_not_named(service: Service, client: Client) -> None:
    made = await create_list(
        client, "email", [{"email": "a@acme.example"}], options=ALL_OPTIONS, name="Hidden", shared=False
    )
    await service.until_completed(client, made["id"])
    async with open_browser(service, "mary@acme.example", role=Role.MEMBER) as mary:
        page = (await mary.get("/account/credits")).text
        assert "1.5 e-mail credits" in page
        assert made["id"] not in page
        assert "Hidden" not in page
        assert made["id"] not in (await mary.get("/account/credits/ledger.csv")).text


async def test_ledger_is_filtered_and_taken_along_as_csv(
    service: Service, browser: Client, client: Client
) -> None:
    made = await create_list(client, "email", [{"email": "a@acme.example"}], options=ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    for reason in ("=1+1", "\ufeff=2+2", "\uff1d3+3"):
        await browser.post("/account/credits/grants", data={"kind": "phone", "amount": "2", "reason": reason})
    answer = await browser.get("/account/credits/ledger.csv?kind=phone")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["reason"], row["credits"], row["note"]) for row in rows] == [
        ("grant", "2", "'\uff1d3+3"),
        ("grant", "2", "'\ufeff=2+2"),
        ("grant", "2", "'=1+1"),
        ("phone_revealed", "-1", ""),
        ("initial_grant", "100000", ""),
    ]
    page = (await browser.get("/account/credits?reason=phone_revealed")).text
    assert page.count('<td class="num strong">') == 1


async def test_low_balance_is_warned_of(service: Service, browser: Client) -> None:
    assert "credits are low" not in (await browser.get("/account/credits")).text
    await execute(service, "UPDATE credit_balances SET balance = 500000 WHERE kind = 'phone'")
    page = (await browser.get("/account/credits")).text
    await execute(service, "UPDATE credit_balances SET balance = 100000000 WHERE kind = 'phone'")
    assert "Phone credits are low: 500 left." in page


def test_bars_of_a_chart_fit_its_scale() -> None:
    days = [DayUsage(day, Cost(500 * number, 300 * number)) for number, day in enumerate(dates(30))]
    chart = draw_usage(days)
    assert len(chart.bars) == 30
    assert min(bar.phone_y for bar in chart.bars) >= 10
    assert all(bar.email_y + bar.email_height == pytest.approx(196) for bar in chart.bars)
    assert chart.bars[-1].label == "Jan 30"
    assert [round_up(most) for most in (0, 4, 5, 107, 999)] == [4, 4, 6, 120, 1_000]


def dates(count: int) -> list[date]:
    return [date(2026, 1, 1) + timedelta(days=number) for number in range(count)]


async def test_key_is_shown_once_and_opens_the_data_of_the_page(service: Service, browser: Client) -> None:
    form = {
        "name": "Nightly",
        "lifetime": "30",
        "role": "member",
        "user": "",
        "scopes": ["lists:read", "lists:write"],
    }
    answer = await browser.post("/account/keys", data=form)
    assert answer.status_code == 200
    (key,) = re.findall(r"ly_test_\w{39}", answer.text)
    assert key not in (await browser.get("/account/keys")).text
    async with service.client(key) as program:
        assert (await program.get("/lead-lists")).status_code == 200
        assert (await program.get("/credits")).status_code == 403
    page = Html((await browser.get("/account/keys")).text)
    (rotate,) = [form for form in page.forms if form.endswith("/rotate")][:1]
    rotated = await browser.post(rotate, data={"overlap": "0"})
    (newer,) = re.findall(r"ly_test_\w{39}", rotated.text)
    again = await browser.post(rotate, data={"overlap": "0"})
    assert (again.status_code, "rotated before" in again.text) == (409, True)
    revoke = next(form for form in Html(rotated.text).forms if form.endswith("/revoke"))
    assert (await browser.post(revoke)).status_code == 303
    assert (await browser.post(revoke)).status_code == 404
    async with service.client(newer) as program:
        assert (await program.get("/lead-lists")).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "The name is missing."),
        ({"scopes": "lists:burn"}, "There is no such scope."),
        ({"lifetime": "3"}, "The end must be one of"),
        ({"role": "read_only", "scopes": "admin"}, "cannot have the scope admin"),
        ({"user": "nobody@acme.example"}, "Unsupported value provided for field: user"),
    ],
)
async def test_key_that_cannot_be_is_refused(browser: Client, wrong: dict[str, str], told: str) -> None:
    form = {"name": "Nightly", "lifetime": "", "role": "", "user": "", **wrong}
    answer = await browser.post("/account/keys", data=form)
    assert (answer.status_code, told in answer.text) == (400, True)


async def test_invited_user_sets_a_password_and_signs_in(service: Service, browser: Client) -> None:
    form = {"email": "Mary@Acme.example", "name": "Mary Major", "role": "read_only"}
    page = (await browser.post("/account/users", data=form)).text
    (link,) = re.findall(r"http://leadyard\.example(/welcome/[\w-]+)", page)
    assert link not in (await browser.get("/account/users")).text
    assert "invited" in page
    async with open_browser(service) as mary:
        await mary.post(link, data={"password": PASSWORD, "again": PASSWORD})
        assert "Mary Major" in (await mary.get("/lists")).text
        assert "/account/users" not in (await mary.get("/lists")).text
        assert (await mary.get("/account/users")).status_code == 403
        changed = {"email": "mary@acme.example", "role": "admin"}
        assert (await browser.post("/account/users/change", data=changed)).status_code == 303
        assert (await mary.get("/account/users")).status_code == 200
        disabled = {"email": "mary@acme.example", "status": "disabled"}
        assert (await browser.post("/account/users/change", data=disabled)).status_code == 303
        assert (await mary.get("/lists")).status_code == 303
        refused = await browser.post("/account/users/link", data={"email": "mary@acme.example"})
        assert (refused.status_code, "cannot sign in" in refused.text) == (409, True)


@pytest.mark.parametrize(
    ("path", "form", "status", "told"),
    [
        ("", {"email": ADMIN_EMAIL, "role": "member"}, 409, "has a user with this e-mail already"),
        ("", {"email": "no e-mail", "role": "member"}, 400, "This is no e-mail that can be used."),
        ("", {"email": "new@acme.example", "role": "king"}, 400, "The role must be one of"),
        ("/change", {"email": ADMIN_EMAIL, "role": "member"}, 409, "An account needs an active admin."),
        ("/change", {"email": "nobody@acme.example", "role": "member"}, 404, "Could not find user"),
        ("/link", {"email": "nobody@acme.example"}, 404, "Could not find user"),
        ("/link", {"email": "admin@stranger.example"}, 404, "Could not find user"),
    ],
)
async def test_user_that_cannot_be_is_refused(
    service: Service, browser: Client, path: str, form: dict[str, str], status: int, told: str
) -> None:
    async with stranger(service):
        answer = await browser.post(f"/account/users{path}", data=form)
    assert (answer.status_code, told in answer.text) == (status, True)


async def test_log_says_that_something_was_done_on_a_page(browser: Client, client: Client) -> None:
    await browser.post("/account/credits/grants", data={"kind": "email", "amount": "1", "reason": "x"})
    entry = (await client.get("/audit-entries?action=credits.granted")).json()["audit_entries"][0]
    assert (entry["via"], entry["user"], entry["api_key"]) == ("dashboard", ADMIN_EMAIL, None)
    page = (await browser.get("/account/audit?action=credits.granted")).text
    assert "credits: granted" in page
    assert (await browser.get("/account/audit?user=nobody@acme.example")).text.count("<tr>") == 0


async def test_programs_have_the_address_of_the_browser_and_a_key_that_was_made_for_them(
    service: Service, browser: Client
) -> None:
    page = (await browser.get("/account/connect")).text
    assert "export LEADYARD_URL=http://leadyard.example" in page
    assert "ly_test_…" in page
    made = (await browser.post("/account/connect")).text
    (key,) = set(re.findall(r"ly_test_\w{39}", made))
    async with service.client(key) as program:
        assert (await program.get("/lead-lists")).status_code == 200
        assert (await program.get("/api-keys")).status_code == 403


async def test_settings_show_no_secret(service: Service, browser: Client) -> None:
    page = (await browser.get("/account/settings")).text
    settings = service.installation.settings
    assert "LEADYARD_PRICE_PERSON_FOUND" in page
    for secret in (settings.secret_key, settings.api_key, settings.data_dir):
        assert str(secret) not in page
