"""/providers and /waterfall: setting providers up, their order, and leads that go through a real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.api.support import add_key, add_user, missing, require_error, with_settings
from tests.support.installation import Client, Service, create_list
from tests.support.vendors.people import ANNA, KEY, Vendor
from tests.support.vendors.rigs import VENDORS, options_for
from tests.support.vendors.server import VendorServer, serve_vendor

from leadyard.domain.accounts import Mode, Role
from leadyard.providers.catalog import CATALOG
from leadyard.storage import accounts as account_rows

ON_LOOPBACK = with_settings(allowed_hosts="127.0.0.0/8")
GROUPS = ("person", "email", "phone", "company")
ORDER = {**{group: ["directory"] for group in GROUPS}, "verification": ["mailcheck"]}
NO_LIMITS: dict[str, Any] = {"day": None, "list": None, "groups": {}, "providers": {}}


@asynccontextmanager
async def selling(client: Client, name: str) -> AsyncIterator[tuple[Vendor, VendorServer]]:
    """The stand-in of a service, set up as a provider and asked for everything."""
    vendor = VENDORS[name]()
    async with serve_vendor(vendor.handle) as server:
        body = {"api_key": KEY, "options": options_for(vendor, server.url), "credit_price": 0.5}
        answer = await client.put(f"/providers/{name}", json=body)
        assert answer.status_code == 200, answer.text
        groups = {group.value for group in CATALOG[name].groups}
        order = {group: ["directory", name] for group in GROUPS if group in groups}
        assert (await client.put("/waterfall", json={"order": order})).status_code == 200
        yield vendor, server


async def provider(client: Client, name: str) -> dict[str, Any]:
    """What GET /providers tells of one."""
    listed = (await client.get("/providers")).json()["providers"]
    (found,) = [each for each in listed if each["name"] == name]
    return dict(found)


@asynccontextmanager
async def live_member(service: Service) -> AsyncIterator[Client]:
    """A client with a member's live key."""
    key = "ly_live_" + "m" * 38
    async with service.installation.database.write() as tx:
        user = await add_user(tx, "mia@acme.example")
        account = await account_rows.find_first_account(tx)
        assert account is not None
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.LIVE)
        await add_key(tx, service, workspace_id, user, key, Role.MEMBER)
    async with service.client(key) as client:
        yield client


async def test_new_account_has_its_directory_and_could_have_every_provider(live_client: Client) -> None:
    answer = await live_client.get("/providers")
    listed = answer.json()["providers"]
    assert answer.status_code == 200
    assert [each["name"] for each in listed] == ["directory", "mailcheck", *CATALOG]
    assert [each["is_set_up"] for each in listed] == [True, True] + [False] * len(CATALOG)
    assert [each["name"] for each in listed if each["verifies"]] == ["mailcheck", "hunter"]
    assert [each["groups"] for each in listed[:2]] == [list(GROUPS), []]
    assert (await live_client.get("/waterfall")).json() == {
        "order": ORDER,
        "limits": NO_LIMITS,
        "object": "waterfall",
    }


@ON_LOOPBACK
async def test_lead_goes_through_a_provider_and_its_hit_is_told(
    live_client: Client, service: Service
) -> None:
    async with selling(live_client, "people_data_labs") as (vendor, server):
        leads = [{"linkedin_url": ANNA.profile}, {"linkedin_url": "linkedin.com/in/nobody-at-all"}]
        created = await create_list(live_client, "linkedin", leads, options={"enrich": True})
        done = await service.until_completed(live_client, created["id"])
        assert done["leads"][0]["first_name"].lower() == "anna"
        assert done["leads"][1]["first_name"] is None
        detail = (
            await live_client.get(f"/lead-lists/{created['id']}/entries/{done['leads'][0]['id']}")
        ).json()
        assert detail["provenance"]["first_name"]["provider"] == "people_data_labs"
        assert detail["provenance"]["first_name"]["cost"] == vendor.sold * 0.5
        asked = [(visit["provider"], visit["outcome"]) for visit in detail["history"]]
        assert asked == [("directory", "missing"), ("people_data_labs", "found")]
        told = (await provider(live_client, "people_data_labs"))["last_30_days"]
        assert (told["asked"], told["found"], told["hit_rate"]) == (2, 1, 0.5)
        assert told["cost"] == told["cost_per_hit"] == vendor.sold * 0.5
        assert all(request.headers["x-api-key"] == KEY for request in server.requests)


@ON_LOOPBACK
async def test_key_is_never_shown_and_stored_encrypted(live_client: Client, service: Service) -> None:
    async with selling(live_client, "hunter") as (_, server):
        same_host = {"options": {"base_url": server.url, "rate": 2}}
        answers = [
            await live_client.get("/providers"),
            await live_client.put("/providers/hunter", json=same_host),
        ]
    assert all(KEY not in answer.text for answer in answers)
    assert answers[1].json()["key_last_four"] == KEY[-4:]
    (stored,) = await service.query("SELECT sealed_key, options FROM provider_settings")
    assert KEY not in stored.sealed_key + stored.options


TEMPLATE = {"needs": [["email"]], "fields": {"email": "$.email"}}
SERVICE = {**TEMPLATE, "url": "https://api.service.example/?k={api_key}"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"options": {"base_url": "https://collector.example"}}),
        ({"options": {"base_url": "https://own.example"}}, {}),
        ({"options": {"base_url": "https://own.example"}}, {"options": {"base_url": "http://own.example"}}),
        ({}, {"kind": "prospeo"}),
        ({}, {"kind": "http", "options": {**TEMPLATE, "url": "https://collector.example/?k={api_key}"}}),
        (
            {"kind": "http", "options": SERVICE},
            {"options": {**SERVICE, "url": "https://api.service.example:444/?k={api_key}"}},
        ),
        (
            {"kind": "http", "options": SERVICE},
            {"options": {**SERVICE, "check": {"url": "https://collector.example/{api_key}"}}},
        ),
    ],
)
async def test_key_that_is_there_is_sent_to_no_other_service(
    live_client: Client, before: dict[str, Any], after: dict[str, Any]
) -> None:
    await live_client.put("/providers/mine", json={"kind": "hunter", **before, "api_key": KEY})
    shown = await provider(live_client, "mine")
    answer = await live_client.put("/providers/mine", json=after)
    require_error(answer, "missing_field", missing("api_key"), pointer="/api_key")
    assert await provider(live_client, "mine") == shown
    assert (await live_client.put("/providers/mine", json={**after, "api_key": KEY})).status_code == 200


async def test_key_stays_where_its_service_is_the_same(live_client: Client) -> None:
    await live_client.put("/providers/mine", json={"kind": "http", "options": SERVICE, "api_key": KEY})
    check = {"url": "https://API.service.example/me"}
    answer = await live_client.put("/providers/mine", json={"options": {**SERVICE, "check": check}})
    assert (answer.status_code, answer.json()["key_last_four"]) == (200, KEY[-4:])
    entries = (await live_client.get("/audit-entries?action=provider.set")).json()["audit_entries"]
    assert entries[0]["detail"] == {"kind": "http", "new_key": False, "changed_options": ["check"]}


async def test_options_are_shown_only_to_those_who_may_set_them(
    live_client: Client, service: Service
) -> None:
    options = {**SERVICE, "body": {"token": "literal-secret"}, "method": "POST"}
    await live_client.put("/providers/mine", json={"kind": "http", "options": options})
    assert (await provider(live_client, "mine"))["options"] == options
    async with live_member(service) as member:
        assert (await provider(member, "mine"))["options"] is None
        assert (await provider(member, "mine"))["is_set_up"]


@ON_LOOPBACK
async def test_erasure_reaches_what_providers_told(live_client: Client, service: Service) -> None:
    async with selling(live_client, "people_data_labs") as (vendor, _):
        lead = {"linkedin_url": ANNA.profile}
        created = await create_list(live_client, "linkedin", [lead], options={"enrich": True})
        await service.until_completed(live_client, created["id"])
        read = (await live_client.get(f"/lead-lists/{created['id']}")).json()
        person_id = read["leads"][0]["person_id"]
        export = (await live_client.get(f"/people/{person_id}/export")).json()
        assert [held["provider"] for held in export["provider_answers"]] == ["people_data_labs"]
        erased = await live_client.post("/erasures", json={"linkedin_url": ANNA.profile})
        assert erased.status_code == 200
        assert await service.query("SELECT 1 FROM provider_answers WHERE state = 'found'") == []
        found = await live_client.get("/people/find", params={"linkedin_url": ANNA.profile})
        assert found.status_code == 451
        assert vendor.sold == 1


@ON_LOOPBACK
async def test_person_whom_the_law_keeps_out_is_not_stored_when_an_answer_comes_late(
    live_client: Client, service: Service
) -> None:
    """The e-mail was erased; a provider that is asked by the profile tells of the same person."""
    async with selling(live_client, "people_data_labs") as (vendor, _):
        assert ANNA.email is not None
        await live_client.post("/erasures", json={"email": ANNA.email})
        created = await create_list(
            live_client, "linkedin", [{"linkedin_url": ANNA.profile}], options={"enrich": True}
        )
        done = await service.until_completed(live_client, created["id"])
        assert (done["leads"][0]["first_name"], vendor.sold) == (None, 1)
        (kept,) = await service.query("SELECT state, answer FROM provider_answers")
        assert (kept.state, kept.answer) == ("erased", None)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/providers/nonsense", {}, "/kind"),
        ("/providers/apollo", {"kind": "nonsense"}, "/kind"),
        ("/providers/mailcheck", {"kind": "hunter"}, "/name"),
        ("/providers/apollo", {"options": {"base_url": "ftp://x"}}, "/options/base_url"),
        ("/providers/apollo", {"options": {"rate": 0}}, "/options/rate"),
        ("/providers/apollo", {"api_key": "a b"}, "/api_key"),
        ("/providers/apollo", {"api_key": 7}, "/api_key"),
        ("/providers/apollo", {"secret": "x"}, "/secret"),
        ("/providers/apollo", {"credit_price": -1}, "/credit_price"),
        ("/waterfall", {"order": {"email": ["directory", "hunter"]}}, "/order/email/1"),
        ("/waterfall", {"order": {"email": ["directory", "directory"]}}, "/order/email/1"),
        ("/waterfall", {"order": {"emails": []}}, "/order/emails"),
        ("/waterfall", {"order": {"verification": ["hunter"]}}, "/order/verification/0"),
        ("/waterfall", {"order": {"verification": ["mailcheck", "directory"]}}, "/order/verification/1"),
        ("/waterfall", {"order": {"verification": ["mailcheck"] * 2}}, "/order/verification/1"),
        ("/waterfall", {"order": {"verification": "mailcheck"}}, "/order/verification"),
        ("/waterfall", {"order": {"email": ["mailcheck"]}}, "/order/email/0"),
        ("/waterfall", {"limits": {"day": "much"}}, "/limits/day"),
        ("/waterfall", {"limits": {"groups": {"fax": 1}}}, "/limits/groups"),
    ],
)
async def test_settings_that_cannot_be_used_are_refused_at_their_place(
    live_client: Client, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await live_client.put(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["_errors"][0]["source"] == {"pointer": pointer}
    assert (await live_client.get("/waterfall")).json()["order"] == ORDER


async def test_order_and_limits_change_one_without_the_other(live_client: Client) -> None:
    await live_client.put("/providers/hunter", json={"api_key": KEY})
    await live_client.put("/waterfall", json={"order": {"email": ["hunter", "directory"]}})
    changed = (
        await live_client.put("/waterfall", json={"limits": {"day": 5, "groups": {"verification": 2}}})
    ).json()
    assert changed["order"] == {**ORDER, "email": ["hunter", "directory"]}
    assert changed["limits"] == {**NO_LIMITS, "day": 5, "groups": {"verification": 2}}
    assert (await live_client.get("/waterfall")).json() == changed


async def test_list_has_an_order_of_its_own(live_client: Client) -> None:
    await live_client.put("/providers/hunter", json={"api_key": KEY})
    created = await create_list(live_client, "email", [])
    path = f"/lead-lists/{created['id']}/waterfall"
    own = {"email": ["hunter"], "verification": ["hunter", "mailcheck"]}
    expected = {**dict.fromkeys(ORDER), **own, "object": "lead_list_waterfall"}
    assert (await live_client.put(path, json=own)).json() == expected
    assert (await live_client.get(path)).json() == expected
    assert (await live_client.put(path, json={"phone": ["hunter"]})).status_code == 400
    assert (await live_client.put("/lead-lists/x/waterfall", json={})).status_code == 404


async def test_provider_is_forgotten(live_client: Client) -> None:
    await live_client.put("/providers/my_hunter", json={"kind": "hunter", "api_key": KEY})
    assert (await provider(live_client, "my_hunter"))["kind"] == "hunter"
    assert (await live_client.delete("/providers/my_hunter")).status_code == 204
    answer = await live_client.delete("/providers/my_hunter")
    require_error(answer, "not_found", "Could not find provider.")


async def test_member_reads_and_changes_nothing(service: Service) -> None:
    async with live_member(service) as client:
        assert (await client.get("/providers")).status_code == 200
        assert (await client.get("/waterfall")).status_code == 200
        for answer in (
            await client.put("/providers/hunter", json={"api_key": KEY}),
            await client.put("/waterfall", json={}),
            await client.delete("/providers/hunter"),
        ):
            require_error(answer, "forbidden", "This key lacks the scope providers:write.")


async def test_test_data_has_the_sandbox_alone(client: Client) -> None:
    listed = (await client.get("/providers")).json()["providers"]
    assert [each["name"] for each in listed] == ["sandbox"]
    assert listed[0]["verifies"]
    assert (await client.get("/waterfall")).json()["order"] == {name: ["sandbox"] for name in ORDER}
    answer = await client.put("/providers/hunter", json={"api_key": KEY})
    detail = "A test key may not change providers: the sandbox answers for all of them."
    require_error(answer, "forbidden", detail)
    for path in ("/providers/hunter", "/waterfall"):
        require_error(await client.put(path, json={"nonsense": 1}), "forbidden", detail)
