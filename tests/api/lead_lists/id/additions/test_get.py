"""The record of one addition: what became of every lead that was not added, and the credits."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.api.support import (
    ALL_OPTIONS,
    UNKNOWN_ID,
    member,
    read_entries,
    require_error,
    stranger,
    with_settings,
)
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

NOT_FOUND = "Could not find addition."


def url(name: str) -> dict[str, str]:
    return {"linkedin_url": f"linkedin.com/in/{name}"}


@with_settings(max_leads_per_list=4)
async def test_record_tells_the_fate_of_every_lead_that_was_not_added(client: Client) -> None:
    created = await create_list(client, "linkedin", [url("jane"), url("john")])
    _, john = await read_entries(client, created["id"])
    names = ["ann", "john", "ann", "bob", "john", "cid", "cid", "jane"]
    answer = await add_leads(client, created["id"], "linkedin", [url(name) for name in names])
    assert answer.json() == {"total": 8, "total_added_to_lead_list": 2}
    location = answer.headers["location"]
    record = (await client.get(location)).json()
    made_at = datetime.fromisoformat(record.pop("created_at"))
    assert made_at.utcoffset() == timedelta(0)
    jane_id = (await read_entries(client, created["id"]))[0]["id"]
    assert record == {
        "object": "addition",
        "id": location.rpartition("/")[2],
        "lead_list_id": created["id"],
        "total": 8,
        "total_added_to_lead_list": 2,
        "counts": {
            "added": 2,
            "duplicate_in_batch": 3,
            "duplicate_in_list": 2,
            "over_capacity": 1,
            "suppressed": 0,
        },
        "credits": {"email": {"held": 0, "spent": 0}, "phone": {"held": 0, "spent": 0}},
        "caller": {"key": "first key", "user": ADMIN_EMAIL},
        "leads": [
            {"index": 1, "outcome": "duplicate_in_list", "duplicate_of": john["id"]},
            {"index": 2, "outcome": "duplicate_in_batch", "duplicate_of": 0},
            {"index": 4, "outcome": "duplicate_in_batch", "duplicate_of": 1},
            {"index": 5, "outcome": "over_capacity", "duplicate_of": None},
            {"index": 6, "outcome": "duplicate_in_batch", "duplicate_of": 5},
            {"index": 7, "outcome": "duplicate_in_list", "duplicate_of": jane_id},
        ],
        "_links": {"self": {"href": location}},
    }


async def test_record_tells_what_is_held_and_then_what_was_spent(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", options=ALL_OPTIONS)
    leads = [url("jane"), url("john-notfound"), {**url("ann"), "email": "ann@acme.example"}]
    location = (await add_leads(client, created["id"], "linkedin", leads)).headers["location"]
    held = (await client.get(location)).json()["credits"]
    assert held == {"email": {"held": 6.5, "spent": 0}, "phone": {"held": 3, "spent": 0}}
    await service.until_completed(client, created["id"])
    spent = (await client.get(location)).json()["credits"]
    assert spent == {"email": {"held": 0, "spent": 4}, "phone": {"held": 0, "spent": 2}}


async def test_record_names_the_caller(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin")
    async with member(service) as mia:
        location = (await add_leads(mia, created["id"], "linkedin", [url("jane")])).headers["location"]
    record = (await client.get(location)).json()
    assert record["caller"] == {"key": "mmmm", "user": "mia@acme.example"}


async def test_record_of_another_list_or_account_or_of_nothing_is_not_found(
    client: Client, live_client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin")
    other = await create_list(client, "linkedin")
    location = (await add_leads(client, created["id"], "linkedin", [url("jane")])).headers["location"]
    addition_id = location.rpartition("/")[2]
    for name in (UNKNOWN_ID, "nonsense", "%00", addition_id.upper()):
        answer = await client.get(f"/lead-lists/{created['id']}/additions/{name}")
        require_error(answer, "not_found", NOT_FOUND)
    answer = await client.get(f"/lead-lists/{other['id']}/additions/{addition_id}")
    require_error(answer, "not_found", NOT_FOUND)
    async with stranger(service) as foreign:
        for caller in (live_client, foreign):
            require_error(await caller.get(location), "not_found", "Could not find lead list.")


async def test_record_of_a_deleted_list_is_gone(client: Client) -> None:
    created = await create_list(client, "linkedin")
    location = (await add_leads(client, created["id"], "linkedin", [url("jane")])).headers["location"]
    await client.delete(f"/lead-lists/{created['id']}")
    require_error(await client.get(location), "gone", "Lead list is no longer available.")
