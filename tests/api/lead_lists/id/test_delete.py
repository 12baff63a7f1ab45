"""Deleting a list."""

from __future__ import annotations

from tests.api.support import ALL_OPTIONS, require_error
from tests.support.installation import Client, Service, add_leads, create_list

GONE = "Lead list is no longer available."
JANE = {"linkedin_url": "linkedin.com/in/jane"}


async def test_deleting_answers_204_without_a_body(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await client.delete(f"/lead-lists/{created['id']}")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_every_call_on_a_deleted_list_is_answered_with_gone(client: Client) -> None:
    created = await create_list(client, "linkedin")
    path = f"/lead-lists/{created['id']}"
    location = (await add_leads(client, created["id"], "linkedin", [JANE])).headers["location"]
    await client.delete(path)
    body = {"type": "linkedin", "leads": [JANE]}
    for answer in (
        await client.get(path),
        await client.get(f"{path}?page[size]=1"),
        await client.patch(path, json={"name": "new"}),
        await client.patch(path, json={"status": "canceled"}),
        await client.delete(path),
        await client.post(f"{path}/leads", json=body),
        await client.post(f"{path}/leads?dry_run=true", json=body),
        await client.get(location),
    ):
        require_error(answer, "gone", GONE)


async def test_deleting_stops_the_list_and_releases_its_hold(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", [JANE], options=ALL_OPTIONS)
    await client.delete(f"/lead-lists/{created['id']}")
    balances = (await client.get("/credits")).json()
    assert balances["email"] == {"balance": 100_000, "held": 0, "available": 100_000}
    await service.finish()
    assert (await client.get("/credits")).json() == balances


async def test_what_a_deleted_list_has_spent_stays_spent(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", [JANE], options={"enrich": True})
    await service.until_completed(client, created["id"])
    await client.delete(f"/lead-lists/{created['id']}")
    assert (await client.get("/credits")).json()["email"]["balance"] == 99_998.5
    entries = (await client.get("/credits/entries")).json()["entries"]
    assert [entry["lead_list_id"] for entry in entries[:2]] == [created["id"]] * 2


async def test_name_of_a_deleted_list_can_be_used_again(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE], name="same")
    await client.delete(f"/lead-lists/{created['id']}")
    again = await create_list(client, "linkedin", [JANE], name="same")
    assert again["progress"]["total"] == 1
