"""Providers, exclusions, erasures and webhooks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from tests.dashboard.support import open_browser
from tests.support.html import Html
from tests.support.installation import ADMIN_EMAIL, LIVE_KEY, Client, Service, create_list

from leadyard.dashboard.providers import reorder
from leadyard.domain.accounts import Mode
from leadyard.domain.errors import Refused

HOOK = "https://hooks.example/leadyard"
KEY = "a-key-that-nobody-may-see"


@pytest.fixture
async def live_browser(service: Service) -> AsyncIterator[Client]:
    """The admin's, on the live data."""
    async with open_browser(service, ADMIN_EMAIL, mode=Mode.LIVE) as signed_in:
        yield signed_in


async def test_provider_is_set_up_and_its_key_is_never_shown(service: Service, live_browser: Client) -> None:
    form = {"kind": "hunter", "name": "hunter", "api_key": KEY, "credit_price": "0.05", "options": ""}
    assert (await live_browser.post("/account/providers", data=form)).status_code == 303
    page = (await live_browser.get("/account/providers")).text
    assert "your key …" + KEY[-4:] in page
    assert KEY not in page
    changed = {**form, "api_key": "", "options": '{"rate": 2}'}
    assert (await live_browser.post("/account/providers", data=changed)).status_code == 303
    async with service.client(LIVE_KEY) as program:
        told = (await program.get("/providers")).json()["providers"]
    (hunter,) = [each for each in told if each["name"] == "hunter"]
    assert (hunter["key_last_four"], hunter["credit_price"], hunter["options"]) == (
        KEY[-4:],
        0.05,
        {"rate": 2},
    )
    assert (await live_browser.post("/account/providers/hunter/remove")).status_code == 303
    assert (await live_browser.post("/account/providers/hunter/remove")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"options": "{"}, "The options must be a JSON object."),
        ({"options": '{"a":' * 5_000 + "1" + "}" * 5_000}, "The options must be a JSON object."),
        ({"options": '{"speed": 1}'}, "speed`"),
        ({"credit_price": "cheap"}, "What a credit costs must be a number"),
        ({"name": "Hunter!"}, "The name begins with a letter"),
        ({"kind": "nobody", "name": "nobody"}, "There is no such kind of provider"),
    ],
)
async def test_provider_that_cannot_be_is_refused(
    live_browser: Client, wrong: dict[str, str], told: str
) -> None:
    form = {"kind": "hunter", "name": "hunter", "api_key": KEY, "credit_price": "1", "options": "", **wrong}
    answer = await live_browser.post("/account/providers", data=form)
    assert (answer.status_code, told in answer.text, KEY in answer.text) == (400, True, False)


async def test_test_data_has_the_sandbox_alone(browser: Client) -> None:
    page = (await browser.get("/account/providers")).text
    assert "The sandbox answers for every provider of the test data." in page
    form = {"kind": "hunter", "name": "hunter", "api_key": KEY, "credit_price": "1"}
    assert (await browser.post("/account/providers", data=form)).status_code == 403


async def test_order_is_changed_by_buttons_and_by_dragging(service: Service, live_browser: Client) -> None:
    for kind in ("hunter", "apollo"):
        form = {"kind": kind, "name": kind, "api_key": KEY, "credit_price": "1", "options": ""}
        await live_browser.post("/account/providers", data=form)

    async def order() -> list[str]:
        async with service.client(LIVE_KEY) as program:
            return list((await program.get("/waterfall")).json()["order"]["email"])

    async def send(names: list[str], **more: str) -> int:
        form = {"group": "email", "names": names, **more}
        return (await live_browser.post("/account/providers/order", data=form)).status_code

    assert await send(["directory"], add="hunter") == 303
    assert await send(["directory", "hunter"], add="apollo") == 303
    assert await order() == ["directory", "hunter", "apollo"]
    assert await send(["directory", "hunter", "apollo"], move="up:apollo") == 303
    assert await order() == ["directory", "apollo", "hunter"]
    assert await send(["hunter", "directory", "apollo"]) == 303
    assert await send(["hunter", "directory", "apollo"], move="remove:directory") == 303
    assert await order() == ["hunter", "apollo"]
    assert await send(["hunter", "nobody"]) == 400
    assert await order() == ["hunter", "apollo"]
    limits = {"day": "12.5", "list": ""}
    assert (await live_browser.post("/account/providers/limits", data=limits)).status_code == 303
    async with service.client(LIVE_KEY) as program:
        told = (await program.get("/waterfall")).json()["limits"]
    assert (told["day"], told["list"]) == (12.5, None)


def test_ends_of_an_order_stay_where_they_are() -> None:
    assert reorder(["a", "b"], "up:a", "") == ["a", "b"]
    assert reorder(["a", "b"], "down:b", "") == ["a", "b"]
    assert reorder(["a", "b"], "down:a", "c") == ["b", "a"]
    with pytest.raises(Refused):
        reorder(["a"], "up:c", "")


async def test_lines_are_excluded_and_taken_back(browser: Client, client: Client) -> None:
    form = {"kind": "email", "lines": "Jane@Acme.example\n\n joe@acme.example, \r\njane@acme.example"}
    answer = await browser.post("/account/exclusions", data=form)
    assert answer.headers["location"] == "/account/exclusions?kind=email"
    page = (await browser.get("/account/exclusions")).text
    assert "2 excluded, 1 were before." in page
    assert "jane@acme.example" in page
    removed = {"kind": "email", "value": "jane@acme.example"}
    assert (await browser.post("/account/exclusions/remove", data=removed)).status_code == 303
    left = (await client.get("/excluded-emails")).json()["excluded_emails"]
    assert [each["email"] for each in left] == ["joe@acme.example"]
    await browser.post("/account/exclusions", data={"kind": "domain", "lines": "Other.example"})
    assert "other.example" in (await browser.get("/account/exclusions?kind=domain")).text


@pytest.mark.parametrize(
    ("lines", "told"),
    [("", "Write one in each line"), ("a@acme.example\nno e-mail\n@", "in line 2, 3. Nothing was excluded.")],
)
async def test_bad_lines_are_named_and_exclude_nobody(
    browser: Client, client: Client, lines: str, told: str
) -> None:
    answer = await browser.post("/account/exclusions", data={"kind": "email", "lines": lines})
    assert (answer.status_code, told in answer.text) == (400, True)
    assert (await client.get("/excluded-emails")).json()["excluded_emails"] == []


async def test_person_is_erased_once_it_is_sure(service: Service, browser: Client, client: Client) -> None:
    made = await create_list(client, "email", [{"email": "gone@acme.example", "note": "x"}])
    unsure = await browser.post("/account/erasures", data={"email": "gone@acme.example"})
    assert (unsure.status_code, "it cannot be undone" in unsure.text) == (400, True)
    form = {"email": "gone@acme.example", "linkedin_url": "", "sure": "on"}
    assert (await browser.post("/account/erasures", data=form)).status_code == 303
    page = (await browser.get("/account/erasures")).text
    assert "Erased from 1 leads" in page
    assert "gone@acme.example" not in page
    leads = (await client.get(f"/lead-lists/{made['id']}")).json()["leads"]
    assert leads[0]["email"] is None
    for wrong in ({"email": ""}, {"email": "no"}, {"linkedin_url": "https://evil.example/in/x"}):
        assert (await browser.post("/account/erasures", data={**form, **wrong})).status_code == 400


async def test_webhook_goes_its_way_on_its_pages(service: Service, browser: Client) -> None:
    form = {"url": HOOK, "events": ["list.completed", "credits.low"]}
    page = (await browser.post("/account/webhooks", data=form)).text
    (secret,) = re.findall(r"whsec_[\w+/=]+", page)
    listed = Html((await browser.get("/account/webhooks")).text)
    (at,) = [each for each in listed.references if each.startswith("/account/webhooks/")]
    assert secret not in (await browser.get(at)).text
    assert (await browser.post(f"{at}/ping")).status_code == 303
    page = (await browser.get(at)).text
    assert ("ping" in page, "pending" in page) == (True, True)
    await service.work()
    replays = [
        each for each in Html((await browser.get(f"{at}?status=pending")).text).forms if "replay" in each
    ]
    assert replays == []
    changed = {"url": f"{HOOK}/new", "events": "list.full"}
    assert (await browser.post(at, data=changed)).status_code == 303
    assert f"{HOOK}/new" in (await browser.get(at)).text
    rotated = (await browser.post(f"{at}/rotate")).text
    assert re.findall(r"whsec_[\w+/=]+", rotated) != [secret]
    assert (await browser.post(f"{at}/enabled", data={"enabled": "no"})).status_code == 303
    assert "disabled: requested" in (await browser.get(at)).text
    assert (await browser.post(f"{at}/ping")).status_code == 409
    assert (await browser.post(f"{at}/delete")).status_code == 303
    assert (await browser.get(at)).status_code == 404


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"url": "", "events": "list.full"}, "The address is missing."),
        ({"url": "http://127.0.0.1/x", "events": "list.full"}, "url: "),
        ({"url": HOOK}, "Choose an event or more."),
        ({"url": HOOK, "events": "ping"}, "Choose an event or more."),
    ],
)
async def test_webhook_that_cannot_be_is_refused(browser: Client, form: dict[str, str], told: str) -> None:
    answer = await browser.post("/account/webhooks", data=form)
    assert (answer.status_code, told in answer.text) == (400, True)


async def test_message_is_sent_again(service: Service, browser: Client, client: Client) -> None:
    webhook = (await client.post("/webhooks", json={"url": HOOK, "events": ["list.full"]})).json()
    delivery = (await client.post(f"/webhooks/{webhook['id']}/test")).json()
    path = f"/account/webhooks/{webhook['id']}/deliveries/{delivery['id']}/replay"
    assert (await browser.post(path)).status_code == 303
    assert (await browser.post(path.replace(delivery["id"], "msg_other"))).status_code == 404
