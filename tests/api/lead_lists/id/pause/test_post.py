"""Pausing a list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from tests.api.lead_lists.id.reopening import people, post
from tests.api.support import (
    ALL_OPTIONS,
    UNKNOWN_ID,
    execute,
    faults_of,
    member,
    require_error,
    stranger,
    unsupported,
)
from tests.support.installation import Client, Service, add_leads, create_list


async def test_paused_list_says_since_when_and_why(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    answer = await post(client, made["id"], "pause")
    paused = answer.json().pop("paused")
    assert answer.status_code == 200
    assert (paused["reason"], datetime.fromisoformat(paused["since"]).tzinfo is None) == ("requested", False)
    found = (await client.get(f"/lead-lists/{made['id']}")).json()
    assert (found["paused"], found["status"]) == (paused, "queued")
    (listed,) = (await client.get("/lead-lists")).json()["lead_lists"]
    assert listed["paused"] == paused
    await post(client, made["id"], "resume")


async def test_list_that_is_not_paused_has_no_such_member(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    assert "paused" not in made
    await post(client, made["id"], "pause")
    assert "paused" not in (await post(client, made["id"], "resume")).json()


async def test_paused_list_begins_nothing(client: Client, service: Service) -> None:
    paused = await create_list(client, "linkedin", people("jane", "john"), options=ALL_OPTIONS)
    await post(client, paused["id"], "pause")
    other = await create_list(client, "linkedin", people("jane"))
    await service.until_completed(client, other["id"])
    await service.finish()
    found = (await client.get(f"/lead-lists/{paused['id']}")).json()
    assert found["progress"] == {"total": 2, "queued": 2, "processing": 0, "done": 0, "failed": 0}
    assert {lead["status"] for lead in found["leads"]} == {"queued"}


async def test_leads_added_to_a_paused_list_wait(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("jane"), options=ALL_OPTIONS)
    await post(client, made["id"], "pause")
    answer = await add_leads(client, made["id"], "linkedin", people("john"))
    assert (answer.status_code, answer.json()["total_added_to_lead_list"]) == (202, 1)
    await service.work()
    await service.finish()
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["progress"]["queued"] == 2
    await post(client, made["id"], "resume")
    assert (await service.until_completed(client, made["id"]))["progress"]["done"] == 2


async def test_pausing_twice_is_as_pausing_once(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    first = await post(client, made["id"], "pause")
    assert (await post(client, made["id"], "pause")).json() == first.json()
    await post(client, made["id"], "resume")


async def test_list_at_a_spending_limit_that_is_paused_does_not_go_on_by_itself(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    await execute(service, "UPDATE lead_lists SET paused_at = updated_at, paused_reason = 'spending_limit'")
    found = (await client.get(f"/lead-lists/{made['id']}")).json()
    assert found["paused"]["reason"] == "spending_limit"
    assert (await post(client, made["id"], "pause")).json()["paused"]["reason"] == "requested"
    await post(client, made["id"], "resume")


async def test_list_that_has_ended_cannot_be_paused(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    await service.until_completed(client, made["id"])
    require_error(await post(client, made["id"], "pause"), "conflict", "Lead list is completed.")
    await service.rest()
    canceled = await create_list(client, "linkedin", people("jane"))
    await client.patch(f"/lead-lists/{canceled['id']}", json={"status": "canceled"})
    require_error(await post(client, canceled["id"], "pause"), "conflict", "Lead list is canceled.")


async def test_paused_list_can_be_canceled(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"), options=ALL_OPTIONS)
    await post(client, made["id"], "pause")
    answer = await client.patch(f"/lead-lists/{made['id']}", json={"status": "canceled"})
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert "paused" not in answer.json()
    assert (await client.get("/credits")).json()["email"]["held"] == 0


async def test_paused_list_can_be_deleted(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"), options=ALL_OPTIONS)
    await post(client, made["id"], "pause")
    assert (await client.delete(f"/lead-lists/{made['id']}")).status_code == 204
    assert (await client.get("/credits")).json()["email"]["held"] == 0
    assert (await post(client, made["id"], "pause")).status_code == 410


async def test_list_that_is_unknown_or_of_another_account_is_not_found(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    require_error(await post(client, UNKNOWN_ID, "pause"), "not_found", "Could not find lead list.")
    async with stranger(service) as other:
        assert (await post(other, made["id"], "pause")).status_code == 404
    assert "paused" not in (await client.get(f"/lead-lists/{made['id']}")).json()


async def test_member_may_pause(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    async with member(service) as mia:
        assert (await post(mia, made["id"], "pause")).status_code == 200
    await post(client, made["id"], "resume")


async def test_body_has_no_members(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    assert faults_of(await post(client, made["id"], "pause", foo=1)) == [("/foo", unsupported("foo"))]
    without_body = await client.post(f"/lead-lists/{made['id']}/pause")
    assert without_body.status_code == 200
    await post(client, made["id"], "resume")


async def test_content_type_without_a_body_is_no_body(client: Client) -> None:
    made = await create_list(client, "linkedin")
    for action in ("pause", "resume", "retry", "refresh"):
        answer = await client.post(
            f"/lead-lists/{made['id']}/{action}", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (200, 202), answer.text


async def test_body_without_a_length_needs_its_type_too(client: Client) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"x": 1}'

    made = await create_list(client, "linkedin")
    answer = await client.post(f"/lead-lists/{made['id']}/pause", content=body())
    detail = "Content-Type must be application/json or application/vnd.amp+json."
    require_error(answer, "unsupported_media_type", detail, header="Content-Type")


async def test_answer_is_replayed_by_its_idempotency_key(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    path, headers = f"/lead-lists/{made['id']}/pause", {"Idempotency-Key": "once"}
    first = await client.post(path, json={}, headers=headers)
    await post(client, made["id"], "resume")
    again = await client.post(path, json={}, headers=headers)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert "paused" not in (await client.get(f"/lead-lists/{made['id']}")).json()
