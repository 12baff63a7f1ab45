"""POST /excluded-emails, and what it keeps out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import faults_of, member, missing, read_entries, require_error, stranger, unsupported
from tests.support.installation import Client, Service, add_leads, create_list

PATH = "/excluded-emails"
JANE = "jane@acme.example"


async def exclude(client: Client, *emails: Any) -> dict[str, str]:
    answer = await client.post(PATH, json={"excluded_emails": [{"email": email} for email in emails]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def outcomes(client: Client, list_id: str, list_type: str, leads: list[Any]) -> list[Any]:
    """What became of leads that were not added: index, outcome and what it is a duplicate of."""
    answer = await add_leads(client, list_id, list_type, leads)
    assert answer.status_code == 202, answer.text
    addition = (await client.get(answer.headers["location"])).json()
    assert addition["counts"]["suppressed"] == sum(
        lead["outcome"] == "suppressed" for lead in addition["leads"]
    )
    return [(lead["index"], lead["outcome"], lead["duplicate_of"]) for lead in addition["leads"]]


async def test_answer_says_of_each_what_became_of_it(client: Client) -> None:
    assert await exclude(client, JANE) == {JANE: "success"}
    assert await exclude(client, "JANE@acme.example", "joe@acme.example", "Joe@acme.example") == {
        "JANE@acme.example": "duplicated",
        "joe@acme.example": "success",
        "Joe@acme.example": "duplicated",
    }


async def test_strings_are_taken_for_objects(client: Client) -> None:
    answer = await client.post(PATH, json={"excluded_emails": [JANE]})
    assert (answer.status_code, answer.json()) == (200, {JANE: "success"})


async def test_member_may_exclude(service: Service) -> None:
    async with member(service) as client:
        assert await exclude(client, JANE) == {JANE: "success"}


async def test_nothing_is_excluded_where_one_is_wrong(client: Client) -> None:
    body = {"excluded_emails": [{"email": JANE}, {"email": "no address"}, {}, {"email": JANE, "x": 1}, 7]}
    assert faults_of(await client.post(PATH, json=body)) == [
        ("/excluded_emails/1/email", unsupported("excluded_emails[1].email")),
        ("/excluded_emails/2/email", missing("excluded_emails[2].email")),
        ("/excluded_emails/3/x", unsupported("excluded_emails[3].x")),
        ("/excluded_emails/4", unsupported("excluded_emails[4]")),
    ]
    assert (await client.get(PATH)).json()["excluded_emails"] == []


@pytest.mark.parametrize("value", [None, 5, ["a@acme.example"]])
async def test_fault_of_an_item_names_its_member(client: Client, value: Any) -> None:
    answer = await client.post(PATH, json={"excluded_emails": [JANE, {"email": value}]})
    assert faults_of(answer) == [("/excluded_emails/1/email", unsupported("excluded_emails[1].email"))]


@pytest.mark.parametrize("body", [{}, {"excluded_emails": None}])
async def test_body_without_emails_is_refused(client: Client, body: Any) -> None:
    answer = await client.post(PATH, json=body)
    require_error(answer, "missing_field", missing("excluded_emails"), pointer="/excluded_emails")


async def test_too_many_are_refused(client: Client) -> None:
    answer = await client.post(PATH, json={"excluded_emails": [JANE] * 10_001})
    detail = "Number of excluded_emails exceeds 10000 limit"
    require_error(answer, "unsupported_value", detail, pointer="/excluded_emails")


async def test_lead_with_an_excluded_email_is_suppressed(client: Client) -> None:
    await exclude(client, JANE)
    made = await create_list(client, "email")
    leads = [{"email": "JANE@acme.example"}, {"email": "joe@acme.example"}, {"email": JANE}]
    assert await outcomes(client, made["id"], "email", leads) == [
        (0, "suppressed", None),
        (2, "suppressed", None),
    ]
    assert [lead["email"] for lead in await read_entries(client, made["id"])] == ["joe@acme.example"]


async def test_email_beside_a_profile_counts_if_it_is_valid(client: Client) -> None:
    await exclude(client, JANE)
    made = await create_list(client, "linkedin")
    leads = [
        {"linkedin_url": "linkedin.com/in/jane", "email": "Jane@Acme.example"},
        {"linkedin_url": "linkedin.com/in/jane", "email": "no address"},
    ]
    assert await outcomes(client, made["id"], "linkedin", leads) == [(0, "suppressed", None)]


async def test_suppressed_outranks_duplicate_and_takes_no_room(client: Client) -> None:
    made = await create_list(client, "email", [{"email": JANE}])
    await exclude(client, JANE)
    leads = [{"email": JANE}, {"email": "joe@acme.example"}, {"email": "joe@acme.example"}]
    assert await outcomes(client, made["id"], "email", leads) == [
        (0, "suppressed", None),
        (2, "duplicate_in_batch", 1),
    ]


async def test_list_is_made_without_them_and_a_dry_run_counts_them(client: Client) -> None:
    await exclude(client, JANE)
    made = await create_list(client, "email", [{"email": JANE}, {"email": "joe@acme.example"}])
    assert made["progress"]["total"] == 1
    body = {"type": "email", "leads": [{"email": JANE}, {"email": "jim@acme.example"}]}
    preview = (await client.post(f"/lead-lists/{made['id']}/leads?dry_run=true", json=body)).json()
    assert (preview["total_added_to_lead_list"], preview["counts"]["suppressed"]) == (1, 1)


async def test_nothing_is_held_for_suppressed_leads(client: Client) -> None:
    await exclude(client, JANE)
    before = (await client.get("/credits")).json()
    await create_list(client, "email", [{"email": JANE}], options={"validate_email": True})
    assert (await client.get("/credits")).json() == before


async def test_exclusions_of_others_do_not_count(client: Client, service: Service) -> None:
    async with stranger(service) as other:
        await exclude(other, JANE)
    made = await create_list(client, "email", [{"email": JANE}])
    assert made["progress"]["total"] == 1


async def test_repeated_request_gets_the_first_answer(client: Client) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"excluded_emails": [{"email": JANE}]}
    first = await client.post(PATH, json=body, headers=headers)
    again = await client.post(PATH, json=body, headers=headers)
    assert again.json() == first.json() == {JANE: "success"}
    assert again.headers["idempotent-replayed"] == "true"


async def test_lead_that_is_excluded_while_it_waits_is_skipped_for_nothing(
    client: Client, service: Service
) -> None:
    options = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
    made = await create_list(
        client, "email", [{"email": JANE}, {"email": "joe@acme.example"}], options=options
    )
    before = (await client.get("/credits")).json()["email"]["balance"]
    await exclude(client, JANE)
    found = await service.until_completed(client, made["id"])
    jane, joe = found["leads"]
    assert (jane["status"], jane["person_id"], jane["phone_numbers"]) == ("done", None, [])
    assert joe["person_id"] is not None
    detail = (await client.get(f"/lead-lists/{made['id']}/entries/{jane['id']}")).json()
    assert detail["steps"] == {"enrich": "skipped", "validate": "skipped", "reveal": "skipped"}
    assert before - (await client.get("/credits")).json()["email"]["balance"] == 1.5
