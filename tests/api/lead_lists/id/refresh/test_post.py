"""Enriching stale leads again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.lead_lists.id.reopening import (
    ALL_BUT_PHONES,
    fail,
    pass_a_year,
    people,
    post,
    read_charges,
)
from tests.api.support import (
    ALL_OPTIONS,
    execute,
    faults_of,
    post_text,
    read_entries,
    require_error,
    stranger,
    unsupported,
)
from tests.support.installation import Client, Service, create_list


async def completed(
    client: Client, service: Service, *slugs: str, options: dict[str, bool] | None = None
) -> str:
    """A list whose leads are done."""
    made = await create_list(client, "linkedin", people(*slugs), options=options or ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    await service.rest()
    return str(made["id"])


async def held(client: Client) -> tuple[float, float]:
    balances = (await client.get("/credits")).json()
    return balances["email"]["held"], balances["phone"]["held"]


async def test_only_stale_leads_are_enriched_again(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "a", "b", "c")
    before = await read_entries(client, list_id)
    await pass_a_year(service, sequence=2)
    charges = await read_charges(client)
    answer = await post(client, list_id, "refresh")
    assert (answer.status_code, answer.json()["total"]) == (202, 1)
    assert answer.json()["cost"] == {"email": {"least": 0, "most": 1.5}, "phone": {"least": 0, "most": 0}}
    assert await held(client) == (1.5, 0)
    assert [lead["status"] for lead in await read_entries(client, list_id)] == ["done", "queued", "done"]
    found = await service.until_completed(client, list_id)
    assert found["leads"] == before
    # The e-mail, its verdict and the phone number were paid for already.
    assert await read_charges(client) == [*charges, ("person_found", 0.5)]
    assert await held(client) == (0, 0)
    assert (await post(client, list_id, "refresh")).json()["total"] == 0


async def test_age_is_told_in_days(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "a")
    await pass_a_year(service)
    path = f"/lead-lists/{list_id}/refresh?dry_run=true"
    for days, total in ((0, 1), (360, 1), (370, 0)):
        answer = await client.post(path, json={"older_than_days": days})
        assert (answer.status_code, answer.json()["total"]) == (200, total)
    assert (await read_entries(client, list_id))[0]["status"] == "done"


@pytest.mark.parametrize("slug", ["notfound", "unavailable"])
async def test_what_is_known_stays_if_nothing_new_is_found(
    client: Client, service: Service, slug: str
) -> None:
    list_id = await completed(client, service, "jane")
    before = await read_entries(client, list_id)
    await pass_a_year(service)
    await execute(service, "UPDATE lead_list_entries SET key = :key", key=slug)
    charges = await read_charges(client)
    await post(client, list_id, "refresh")
    found = await service.until_completed(client, list_id)
    assert found["leads"] == before
    assert await read_charges(client) == charges


async def test_email_that_is_not_found_any_more_stays(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "noemail-jane")
    await pass_a_year(service)
    person_id = (await read_entries(client, list_id))[0]["person_id"]
    known = f'"person":{{"id":"{person_id}","email":"jane@known.example"'
    await execute(
        service,
        "UPDATE lead_list_entries SET findings = replace(findings, :person, :known)",
        person=f'"person":{{"id":"{person_id}"',
        known=known,
    )
    (before,) = await read_entries(client, list_id)
    assert before["email"] == "jane@known.example"
    await post(client, list_id, "refresh")
    assert (await service.until_completed(client, list_id))["leads"] == [before]


async def test_lead_that_was_not_found_is_looked_for_again(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "notfound-jane", options=ALL_BUT_PHONES)
    await pass_a_year(service)
    await execute(service, "UPDATE lead_list_entries SET key = 'jane'")
    await post(client, list_id, "refresh")
    (lead,) = (await service.until_completed(client, list_id))["leads"]
    assert lead["person_id"] is not None


async def test_failed_leads_and_lists_without_enrichment_are_left_alone(
    client: Client, service: Service
) -> None:
    list_id = await completed(client, service, "a")
    await fail(service, 1)
    assert (await post(client, list_id, "refresh", older_than_days=0)).json()["total"] == 0
    other = await completed(client, service, "a", options={"reveal_phone_numbers": True})
    assert (await post(client, other, "refresh", older_than_days=0)).json()["total"] == 0


async def test_excluded_person_is_not_looked_for_again_and_stays(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "jane", "john")
    jane, _ = await read_entries(client, list_id)
    await pass_a_year(service)
    await client.post("/excluded-emails", json={"excluded_emails": [{"email": jane["email"]}]})
    assert (await post(client, list_id, "refresh")).json()["total"] == 1
    found = await service.until_completed(client, list_id)
    assert found["leads"][0] == jane


@pytest.mark.parametrize("value", ["-1", "3651", "1.5", '"90"', "true", "{}"])
async def test_age_that_is_no_number_of_days_is_refused(client: Client, value: str) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    body = f'{{"older_than_days": {value}}}'
    answer = await post_text(client, f"/lead-lists/{made['id']}/refresh", body)
    assert faults_of(answer) == [("/older_than_days", unsupported("older_than_days"))]


async def test_list_that_is_canceled_deleted_or_somebody_elses_is_refused(
    client: Client, service: Service
) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    async with stranger(service) as other:
        assert (await post(other, made["id"], "refresh")).status_code == 404
    await client.patch(f"/lead-lists/{made['id']}", json={"status": "canceled"})
    require_error(await post(client, made["id"], "refresh"), "conflict", "Lead list is canceled.")
    await client.delete(f"/lead-lists/{made['id']}")
    assert (await post(client, made["id"], "refresh")).status_code == 410


async def test_answer_is_replayed_by_its_idempotency_key(client: Client, service: Service) -> None:
    list_id = await completed(client, service, "jane")
    headers = {"Idempotency-Key": "once"}
    bodies: list[Any] = [{"older_than_days": 0}] * 2
    first, again = [
        await client.post(f"/lead-lists/{list_id}/refresh", json=body, headers=headers) for body in bodies
    ]
    assert (first.json()["total"], again.json()) == (1, first.json())
    assert again.headers["idempotent-replayed"] == "true"
