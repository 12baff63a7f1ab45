"""E-mails that our own check leaves open are verified by Hunter: from the API to the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.api.support import with_settings
from tests.support.installation import Client, Service, create_list
from tests.support.vendors.hunter import HunterVendor
from tests.support.vendors.people import ANNA, BERT, DORA, KEY
from tests.support.vendors.server import VendorServer, cut, refuse, serve_vendor

ON_LOOPBACK = with_settings(allowed_hosts="127.0.0.0/8")
PRICE = 0.02


@asynccontextmanager
async def verifying(client: Client) -> AsyncIterator[tuple[HunterVendor, VendorServer]]:
    """Hunter's stand-in, set up under another name and asked after our own check."""
    vendor = HunterVendor()
    async with serve_vendor(vendor.handle) as server:
        options = {"base_url": server.url + vendor.base_path}
        body = {"kind": "hunter", "api_key": KEY, "options": options, "credit_price": PRICE}
        answer = await client.put("/providers/my_hunter", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["verifies"]
        order = {"verification": ["mailcheck", "my_hunter"]}
        assert (await client.put("/waterfall", json={"order": order})).status_code == 200
        yield vendor, server


async def verify(client: Client, service: Service, *emails: str | None) -> list[dict[str, Any]]:
    """The entries of a new list of these addresses, with all that is told of them, once it is completed."""
    leads = [{"email": email} for email in emails]
    created = await create_list(client, "email", leads, options={"validate_email": True})
    done = await service.until_completed(client, created["id"])
    path = f"/lead-lists/{created['id']}/entries"
    return [(await client.get(f"{path}/{lead['id']}")).json() for lead in done["leads"]]


@ON_LOOPBACK
async def test_verdict_is_bought_once_and_names_who_gave_it(live_client: Client, service: Service) -> None:
    async with verifying(live_client) as (vendor, server):
        first = await verify(live_client, service, ANNA.email, DORA.email, "nobody@acme.com")
        again = await verify(live_client, service, ANNA.email)
        told = await live_client.get("/providers")
    results = [entry["email_validation_result"]["result"] for entry in first]
    assert results == ["deliverable", "risky", "undeliverable"]
    assert [entry["email_verification"]["reason"] for entry in first] == ["valid", "accept_all", "invalid"]
    source = first[0]["provenance"]["email_validation_result"]
    assert (source["provider"], source["cost"], source["cached"]) == ("my_hunter", 0.5 * PRICE, False)
    asked = [(visit["step"], visit["provider"], visit["outcome"]) for visit in first[0]["history"]]
    assert asked == [("validate", "mailcheck", "missing"), ("validate", "my_hunter", "found")]
    assert again[0]["provenance"]["email_validation_result"]["cached"]
    assert (vendor.sold, len(server.requests)) == (1.5, 3)
    (hunter,) = [each for each in told.json()["providers"] if each["name"] == "my_hunter"]
    statistics = hunter["last_30_days"]
    assert (statistics["asked"], statistics["found"], statistics["cost"]) == (3, 3, 1.5 * PRICE)


@ON_LOOPBACK
async def test_answer_that_was_cut_off_is_not_asked_for_again_and_our_own_verdict_stands(
    live_client: Client, service: Service
) -> None:
    async with verifying(live_client) as (vendor, server):
        server.faults.append(cut)
        (first,) = await verify(live_client, service, ANNA.email)
        (again,) = await verify(live_client, service, ANNA.email)
    for entry in (first, again):
        assert entry["email_validation_result"]["result"] == "unknown"
        assert entry["provenance"]["email_validation_result"]["provider"] == "mailcheck"
        assert entry["history"][-1]["outcome"] == "lost"
    assert (vendor.sold, len(server.requests)) == (0.5, 1)
    (call,) = await service.query("SELECT state, cost FROM provider_calls")
    assert (call.state, call.cost) == ("lost", 500 * PRICE)


@ON_LOOPBACK
async def test_verifier_that_is_down_is_asked_again(live_client: Client, service: Service) -> None:
    async with verifying(live_client) as (vendor, server):
        server.faults.append(refuse(500))
        (entry,) = await verify(live_client, service, BERT.email)
    assert entry["email_validation_result"]["result"] == "deliverable"
    assert (vendor.sold, len(server.requests)) == (0.5, 2)


@ON_LOOPBACK
async def test_erasure_reaches_verdicts_that_were_bought(live_client: Client, service: Service) -> None:
    async with verifying(live_client) as (vendor, _):
        await verify(live_client, service, ANNA.email, BERT.email)
        erased = await live_client.post("/erasures", json={"email": ANNA.email})
        assert erased.status_code == 200
        kept = await service.query("SELECT query, answer FROM provider_answers")
        assert [ANNA.email in row.query + row.answer for row in kept] == [False]
        assert vendor.sold == 1
