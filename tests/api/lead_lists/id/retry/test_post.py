"""Taking up again what failed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.lead_lists.id.reopening import (
    ALL_BUT_PHONES,
    create_without_phones,
    fail,
    pass_a_year,
    people,
    post,
    read_charges,
)
from tests.api.support import (
    ALL_OPTIONS,
    UNKNOWN_ID,
    execute,
    faults_of,
    read_entries,
    require_error,
    spent,
    stranger,
    unsupported,
)
from tests.support.installation import Client, Service, create_list

NOTHING = {"total": 0, "cost": {"email": {"least": 0, "most": 0}, "phone": {"least": 0, "most": 0}}}


async def held(client: Client) -> tuple[float, float]:
    balances = (await client.get("/credits")).json()
    return balances["email"]["held"], balances["phone"]["held"]


async def test_step_whose_provider_was_away_is_taken_again_and_paid_for(
    client: Client, service: Service
) -> None:
    list_id = await create_without_phones(service, client, "jane", "john")
    before = await read_entries(client, list_id)
    charges = await read_charges(client)
    answer = await post(client, list_id, "retry")
    assert answer.status_code == 202
    cost = {"email": {"least": 0, "most": 0}, "phone": {"least": 0, "most": 2}}
    assert answer.json() == {"total": 2, "cost": cost}
    assert await held(client) == (0, 2)
    found = await service.until_completed(client, list_id)
    assert found["progress"] == {"total": 2, "queued": 0, "processing": 0, "done": 2, "failed": 0}
    assert all(lead["phone_numbers"] for lead in found["leads"])
    assert [{**lead, "phone_numbers": []} for lead in found["leads"]] == before
    assert (await read_charges(client))[len(charges) :] == [("phone_revealed", 1)] * 2
    assert await held(client) == (0, 0)


async def test_person_found_is_not_paid_for_again_a_year_later(client: Client, service: Service) -> None:
    list_id = await create_without_phones(service, client, "jane")
    await pass_a_year(service)
    charges = await read_charges(client)
    await post(client, list_id, "retry")
    await service.until_completed(client, list_id)
    assert await read_charges(client) == [*charges, ("phone_revealed", 1)]


async def test_lead_that_failed_is_taken_through_all_its_steps(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("a", "b", "c"), options=ALL_OPTIONS)
    whole = await service.until_completed(client, made["id"])
    await service.rest()
    await fail(service, 2)
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["progress"]["failed"] == 1
    charges = await read_charges(client)
    answer = await post(client, made["id"], "retry")
    assert answer.json()["total"] == 1
    assert await held(client) == (2.5, 1)
    progress = (await client.get(f"/lead-lists/{made['id']}")).json()["progress"]
    assert progress == {"total": 3, "queued": 1, "processing": 0, "done": 2, "failed": 0}
    found = await service.until_completed(client, made["id"])
    assert (found["leads"], found["progress"]) == (whole["leads"], whole["progress"])
    # It had been paid for before it was made to fail: each thing is paid for once.
    assert await read_charges(client) == charges
    assert await held(client) == (0, 0)


async def test_lead_that_failed_on_a_list_without_steps_is_kept_in_the_end(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    await service.until_completed(client, made["id"])
    await service.rest()
    await fail(service, 1)
    assert (await post(client, made["id"], "retry")).json() == {**NOTHING, "total": 1}
    assert (await service.until_completed(client, made["id"]))["progress"]["done"] == 1


async def test_what_was_found_stays_to_be_seen_meanwhile_and_after_a_cancel(
    client: Client, service: Service
) -> None:
    list_id = await create_without_phones(service, client, "jane")
    (before,) = await read_entries(client, list_id)
    assert before["person_id"] is not None
    await post(client, list_id, "retry")
    assert await read_entries(client, list_id) == [{**before, "status": "queued"}]
    await client.patch(f"/lead-lists/{list_id}", json={"status": "canceled"})
    assert await read_entries(client, list_id) == [{**before, "status": "canceled"}]
    assert await held(client) == (0, 0)


async def test_what_is_done_is_left_alone(client: Client, service: Service) -> None:
    leads = people("jane", "notfound", "noemail-x")
    made = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    whole = await service.until_completed(client, made["id"])
    answer = await post(client, made["id"], "retry")
    assert (answer.status_code, answer.json()) == (202, NOTHING)
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["leads"] == whole["leads"]


async def test_lead_nobody_can_tell_of_ends_as_before_and_can_be_tried_again(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("unavailable"), options=ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    for _ in range(2):
        answer = await post(client, made["id"], "retry")
        assert answer.json()["total"] == 1
        assert answer.json()["cost"]["email"] == {"least": 0, "most": 2.5}
        found = await service.until_completed(client, made["id"])
        assert found["progress"]["done"] == 1
    assert await spent(client) == (0, 0)


async def test_dry_run_tells_the_same_and_changes_nothing(client: Client, service: Service) -> None:
    list_id = await create_without_phones(service, client, "jane", "john")
    path = f"/lead-lists/{list_id}"
    before = (await client.get(path)).json()
    dry = await client.post(f"{path}/retry?dry_run=true", json={})
    assert dry.status_code == 200
    assert (await client.get(path)).json() == before
    assert await held(client) == (0, 0)
    assert await service.count_jobs() == 0
    told = dry.json()
    assert told.pop("estimate")["token"]
    assert (await client.post(f"{path}/retry", json={})).json() == told
    answer = await client.post(f"{path}/retry?dry_run=maybe", json={})
    require_error(answer, "unsupported_value", unsupported_parameter("dry_run"), parameter="dry_run")


def unsupported_parameter(name: str) -> str:
    return f"Unsupported value provided for parameter: {name}"


@pytest.mark.parametrize("kind", ["email", "phone"])
async def test_without_the_credits_it_can_cost_nothing_is_changed(
    client: Client, service: Service, kind: str
) -> None:
    made = await create_list(
        client, "linkedin", people("unavailable-a", "unavailable-b"), options=ALL_OPTIONS
    )
    await service.until_completed(client, made["id"])
    await service.rest()
    before = (await client.get(f"/lead-lists/{made['id']}")).json()
    enough = {"email": 5000, "phone": 2000}
    await execute(service, "DELETE FROM credit_entries WHERE kind = :kind", kind=kind)
    await execute(service, "UPDATE credit_balances SET balance = 0 WHERE kind = :kind", kind=kind)
    body = {"kind": kind, "amount": enough[kind] / 1000 - 0.001, "reason": "too little"}
    assert (await client.post("/credits/grants", json=body)).status_code == 201
    answer = await post(client, made["id"], "retry")
    assert (answer.status_code, answer.json()["_errors"][0]["code"]) == (402, "insufficient_credits")
    assert (await client.get(f"/lead-lists/{made['id']}")).json() == before
    assert (await held(client), await service.count_jobs()) == ((0, 0), 0)
    await client.post("/credits/grants", json={**body, "amount": 0.001})
    assert (await post(client, made["id"], "retry")).status_code == 202


async def test_excluded_and_erased_leads_are_not_taken_up(client: Client, service: Service) -> None:
    leads: list[Any] = [
        {"linkedin_url": "linkedin.com/in/jane", "email": "jane@acme.example"},
        {"linkedin_url": "linkedin.com/in/john", "email": "john@acme.example"},
        {"linkedin_url": "linkedin.com/in/joan", "email": "joan@other.example"},
    ]
    made = await create_list(client, "linkedin", leads, options=ALL_BUT_PHONES)
    await service.until_completed(client, made["id"])
    await service.rest()
    await fail(service, 1, 2, 3)
    erasure = await client.post("/erasures", json={"email": "jane@acme.example"})
    assert erasure.status_code < 300, erasure.text
    await client.post("/excluded-emails", json={"excluded_emails": [{"email": "john@acme.example"}]})
    dry = await client.post(f"/lead-lists/{made['id']}/retry?dry_run=true", json={})
    answer = await post(client, made["id"], "retry")
    assert answer.json() == {name: dry.json()[name] for name in ("total", "cost")}
    assert answer.json()["total"] == 1
    found = await service.until_completed(client, made["id"])
    assert [lead["status"] for lead in found["leads"]] == ["canceled", "failed", "done"]
    assert found["progress"] == {"total": 3, "queued": 0, "processing": 0, "done": 1, "failed": 1}
    assert await held(client) == (0, 0)


async def test_leads_of_a_paused_list_wait_until_it_goes_on(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("a", "b"), options=ALL_BUT_PHONES)
    await service.until_completed(client, made["id"])
    await service.rest()
    await fail(service, 1)
    await post(client, made["id"], "retry")
    await post(client, made["id"], "pause")
    await execute(service, "UPDATE lead_list_entries SET status = 'failed' WHERE sequence = 2")
    await execute(service, "UPDATE lead_lists SET done = done - 1, failed = failed + 1")
    assert (await post(client, made["id"], "retry")).json()["total"] == 1
    await service.work()
    await service.finish()
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["progress"]["queued"] == 2
    await post(client, made["id"], "resume")
    assert (await service.until_completed(client, made["id"]))["progress"]["done"] == 2


async def test_list_that_is_canceled_deleted_or_somebody_elses_is_refused(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("jane"), options=ALL_OPTIONS)
    path = f"/lead-lists/{made['id']}"
    async with stranger(service) as other:
        assert (await post(other, made["id"], "retry")).status_code == 404
    require_error(await post(client, UNKNOWN_ID, "retry"), "not_found", "Could not find lead list.")
    await client.patch(path, json={"status": "canceled"})
    for query in ("", "?dry_run=true"):
        answer = await client.post(f"{path}/retry{query}", json={})
        require_error(answer, "conflict", "Lead list is canceled.")
    await client.delete(path)
    for query in ("", "?dry_run=true"):
        assert (await client.post(f"{path}/retry{query}", json={})).status_code == 410


async def test_answer_is_replayed_by_its_idempotency_key(client: Client, service: Service) -> None:
    list_id = await create_without_phones(service, client, "jane")
    path, headers = f"/lead-lists/{list_id}/retry", {"Idempotency-Key": "once"}
    first = await client.post(path, json={}, headers=headers)
    again = await client.post(path, json={}, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert await held(client) == (0, 1)


async def test_body_has_no_members(client: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    answer = await post(client, made["id"], "retry", older_than_days=1)
    assert faults_of(answer) == [("/older_than_days", unsupported("older_than_days"))]
