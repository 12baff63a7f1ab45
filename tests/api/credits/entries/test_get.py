"""The ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.api.support import (
    ALL_OPTIONS,
    member,
    read_entries,
    require_error,
    require_walks,
    start_batch,
    stranger,
    until_ended,
)
from tests.support.installation import ADMIN_EMAIL, Client, Service, create_list


async def read_ledger(client: Client) -> list[dict[str, Any]]:
    return list((await client.get("/credits/entries")).json()["entries"])


async def grant(client: Client, amount: float, reason: str = "more") -> dict[str, Any]:
    body = {"kind": "email", "amount": amount, "reason": reason}
    answer = await client.post("/credits/grants", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_ledger_begins_with_the_initial_grants(client: Client) -> None:
    answer = await client.get("/credits/entries")
    assert set(answer.json()) == {"entries", "_links"}
    kinds = []
    for entry in answer.json()["entries"]:
        kinds.append(entry["kind"])
        made_at = datetime.fromisoformat(entry["created_at"])
        assert made_at.utcoffset() == timedelta(0)
        assert entry == {
            "object": "credit_entry",
            "id": entry["id"],
            "kind": entry["kind"],
            "amount": 100_000,
            "reason": "initial_grant",
            "note": None,
            "user": None,
            "lead_list_id": None,
            "entry_id": None,
            "created_at": entry["created_at"],
        }
    assert kinds == ["phone", "email"]


async def test_ledger_tells_who_was_charged_what_for_which_lead(client: Client, service: Service) -> None:
    async with member(service) as mia:
        leads = [{"linkedin_url": "linkedin.com/in/jane"}]
        created = await create_list(mia, "linkedin", leads, options=ALL_OPTIONS)
    await service.until_completed(client, created["id"])
    (lead,) = await read_entries(client, created["id"])
    charges = (await read_ledger(client))[:4]
    assert {(charge["reason"], charge["kind"], charge["amount"]) for charge in charges} == {
        ("person_found", "email", -0.5),
        ("email_revealed", "email", -1),
        ("email_validated", "email", -1),
        ("phone_revealed", "phone", -1),
    }
    for charge in charges:
        assert charge["lead_list_id"] == created["id"]
        assert charge["entry_id"] == lead["id"]
        assert (charge["user"], charge["note"]) == ("mia@acme.example", None)


async def test_charges_of_what_is_no_lead_list_name_none(client: Client, service: Service) -> None:
    jane = {"linkedin_url": "linkedin.com/in/jane"}
    assert (await client.get("/people/find", params=jane)).status_code == 200
    john = {"linkedin_url": "linkedin.com/in/john"}
    for path, body in (
        ("/email-validations", {"emails": [{"email": "joe@acme.example"}]}),
        ("/people/enrichment-requests", {"leads": [john], "reveal_email": True}),
    ):
        await until_ended(service, client, await start_batch(client, path, body))
    charges = [entry for entry in await read_ledger(client) if entry["amount"] < 0]
    assert sorted(charge["reason"] for charge in charges) == [
        "email_revealed",
        "email_validated",
        "person_found",
        "person_found",
    ]
    assert {(charge["lead_list_id"], charge["entry_id"]) for charge in charges} == {(None, None)}


async def test_entries_sum_up_to_the_balance(client: Client, service: Service) -> None:
    leads = [{"linkedin_url": f"linkedin.com/in/p{number}"} for number in range(5)]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    await grant(client, 0.001)
    await service.until_completed(client, created["id"])
    entries = (await client.get("/credits/entries?page[size]=1000")).json()["entries"]
    balances = (await client.get("/credits")).json()
    for kind in ("email", "phone"):
        total = sum(round(entry["amount"] * 1000) for entry in entries if entry["kind"] == kind)
        assert total == round(balances[kind]["balance"] * 1000)


async def test_entries_come_newest_first(client: Client) -> None:
    for reason in ("first", "second", "third"):
        await grant(client, 1, reason)
    entries = await read_ledger(client)
    assert [entry["note"] for entry in entries] == ["third", "second", "first", None, None]
    assert entries[0]["user"] == ADMIN_EMAIL


async def test_walking_forward_and_back_meets_every_entry_once(client: Client) -> None:
    for number in range(4):
        await grant(client, number + 1)
    ids = [entry["id"] for entry in await read_ledger(client)]
    assert len(set(ids)) == 6
    await require_walks(client, "/credits/entries?page[size]={size}", "entries", ids)


async def test_page_holds_twenty_entries_by_default(client: Client) -> None:
    for number in range(19):
        await grant(client, number + 1)
    body = (await client.get("/credits/entries")).json()
    cursor = body["entries"][-1]["id"]
    assert len(body["entries"]) == 20
    assert body["_links"]["next"]["href"] == f"/credits/entries?page[size]=20&page[after]={cursor}"


async def test_entry_of_another_workspace_is_no_cursor_and_not_shown(
    client: Client, live_client: Client, service: Service
) -> None:
    own = await grant(client, 1)
    async with stranger(service) as foreign:
        for caller, count in ((live_client, 2), (foreign, 1)):
            assert len(await read_ledger(caller)) == count
            answer = await caller.get(f"/credits/entries?page[before]={own['id']}")
            detail = "Unsupported value provided for parameter: page[before]"
            require_error(answer, "unsupported_value", detail, parameter="page[before]")
