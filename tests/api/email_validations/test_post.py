"""Starting a batch of e-mail validations."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.api.support import (
    error_body,
    execute,
    faults_of,
    missing,
    post_text,
    require_error,
    spent,
    start_batch,
    unsupported,
    until_ended,
    with_settings,
)
from tests.support.installation import Client, Service

PATH = "/email-validations"


def emails(*addresses: str) -> dict[str, Any]:
    return {"emails": [{"email": address} for address in addresses]}


async def test_batch_is_accepted_and_queued(client: Client) -> None:
    answer = await client.post(PATH, json=emails("jane@acme.example"))
    assert answer.status_code == 202
    body = answer.json()
    assert uuid.UUID(body["id"]).version == 7
    href = f"/email-validations/{body['id']}"
    assert body == {
        "id": body["id"],
        "object": "email_validation",
        "status": "queued",
        "results": [],
        "_links": {"self": {"href": href}},
    }
    assert answer.headers["location"] == href
    assert answer.headers["retry-after"] == "1"


async def test_vendor_type_is_taken_and_given(client: Client) -> None:
    kind = "application/vnd.amp+json"
    headers = {"Content-Type": kind, "Accept": kind}
    answer = await client.post(PATH, content=b'{"emails": []}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (202, kind)


async def test_bare_strings_stand_for_objects(client: Client, service: Service) -> None:
    body = {"emails": ["jane@acme.example", {"email": "risky@acme.example", "id": [7]}, "é@acme.example"]}
    ended = await until_ended(service, client, await start_batch(client, PATH, body))
    assert [(result["email"], result["result"]) for result in ended["results"]] == [
        ("jane@acme.example", "deliverable"),
        ("risky@acme.example", "risky"),
        ("é@acme.example", "deliverable"),
    ]


async def test_same_e_mail_is_validated_and_paid_for_once(client: Client, service: Service) -> None:
    body = emails("Jane@acme.example", " jane@ACME.example ", "joe@acme.example", "JANE@acme.example")
    ended = await until_ended(service, client, await start_batch(client, PATH, body))
    assert [result["email"] for result in ended["results"]] == ["Jane@acme.example", "joe@acme.example"]
    assert await spent(client) == (2, 0)


async def test_each_batch_pays_for_itself(client: Client, service: Service) -> None:
    for _ in range(2):
        await until_ended(service, client, await start_batch(client, PATH, emails("jane@acme.example")))
    assert await spent(client) == (2, 0)


async def test_no_e_mails_complete_at_once_for_nothing(client: Client, service: Service) -> None:
    ended = await until_ended(service, client, await start_batch(client, PATH, emails()))
    assert (ended["status"], ended["results"]) == ("completed", [])
    assert await spent(client) == (0, 0)


FAULTY: list[tuple[str, list[tuple[str, str]]]] = [
    ("{}", [("/emails", missing("emails"))]),
    ('{"emails": null}', [("/emails", missing("emails"))]),
    ('{"emails": "jane@acme.example"}', [("/emails", unsupported("emails"))]),
    ('{"emails": {"email": "jane@acme.example"}}', [("/emails", unsupported("emails"))]),
    ('{"emails": [], "name": "x"}', [("/name", unsupported("name"))]),
    (
        '{"emails": [{"email": "jane@acme.example"}, {"email": "jane"}, {}, {"email": null}, {"email": 7}]}',
        [
            ("/emails/1/email", unsupported("emails[1].email")),
            ("/emails/2/email", missing("emails[2].email")),
            ("/emails/3/email", missing("emails[3].email")),
            ("/emails/4/email", unsupported("emails[4].email")),
        ],
    ),
    (
        '{"emails": ["jane@acme.example", "jane", "", 7, null, [], "a@b@c.example"]}',
        [
            ("/emails/1", unsupported("emails[1]")),
            ("/emails/2", unsupported("emails[2]")),
            ("/emails/3", unsupported("emails[3]")),
            ("/emails/4", unsupported("emails[4]")),
            ("/emails/5", unsupported("emails[5]")),
            ("/emails/6", unsupported("emails[6]")),
        ],
    ),
]


@pytest.mark.parametrize(("body", "faults"), FAULTY)
async def test_one_bad_e_mail_refuses_the_whole_batch(
    client: Client, service: Service, body: str, faults: list[tuple[str, str]]
) -> None:
    assert faults_of(await post_text(client, PATH, body)) == faults
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 0


async def test_at_most_a_hundred_faults_are_told(client: Client) -> None:
    assert len(faults_of(await client.post(PATH, json={"emails": ["x"] * 150}))) == 100


@with_settings(max_leads_per_request=2, max_leads_per_list=2)
async def test_limit_is_that_of_e_mails_not_that_of_leads(client: Client) -> None:
    """The database is asked to store one more than a list holds, and refuses nothing."""
    answer = await client.post(PATH, json=emails(*(f"jane-{number}@acme.example" for number in range(3))))
    assert answer.status_code == 202
    await client.patch(answer.headers["location"], json={"status": "canceled"})


async def test_more_than_a_hundred_thousand_are_refused_with_that_alone(client: Client) -> None:
    body = b'{"emails": [%s], "foo": 1}' % b",".join([b'"x"'] * 100_001)
    answer = await post_text(client, PATH, body)
    detail = "Number of emails exceeds 100000 limit"
    assert answer.json() == error_body("unsupported_value", detail, pointer="/emails")
    assert answer.status_code == 400


async def test_credits_for_all_must_be_there_beforehand(client: Client, service: Service) -> None:
    await execute(service, "UPDATE credit_balances SET held = balance - 2000 WHERE kind = 'email'")
    answer = await client.post(PATH, json=emails("a@acme.example", "b@acme.example", "c@acme.example"))
    detail = "You do not have enough credits to perform this operation."
    require_error(answer, "insufficient_credits", detail)
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 0
    two = emails("a@acme.example", "b@acme.example", "A@acme.example")
    assert (await client.post(PATH, json=two)).status_code == 202
    await execute(
        service,
        "UPDATE credit_balances SET held = (SELECT coalesce(sum(email_held), 0) FROM additions) "
        "WHERE kind = 'email' AND held > 0 AND workspace_id = (SELECT workspace_id FROM lead_lists)",
    )
    await execute(
        service,
        "UPDATE credit_balances SET held = 0 WHERE kind = 'email' "
        "AND workspace_id <> (SELECT workspace_id FROM lead_lists)",
    )


async def test_same_key_starts_it_once(client: Client, service: Service) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await client.post(PATH, json=emails("jane@acme.example"), headers=headers)
    again = await client.post(PATH, json=emails("jane@acme.example"), headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = await client.post(PATH, json=emails("joe@acme.example"), headers=headers)
    detail = "This Idempotency-Key was used with another request."
    require_error(other, "idempotency_key_reused", detail, header="Idempotency-Key")
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 1


async def test_it_is_no_lead_list(client: Client) -> None:
    path = await start_batch(client, PATH, emails("jane@acme.example"))
    batch_id = path.rpartition("/")[2]
    assert (await client.get("/lead-lists")).json()["lead_lists"] == []
    one = f"/lead-lists/{batch_id}"
    leads = {"type": "email", "leads": []}
    for answer in (
        await client.get(one),
        await client.patch(one, json={}),
        await client.delete(one),
        await client.post(f"{one}/leads", json=leads),
        await client.get(f"{one}/entries/{batch_id}"),
        await client.get(f"{one}/additions/{batch_id}"),
    ):
        require_error(answer, "not_found", "Could not find lead list.")
    cursor = await client.get(f"/lead-lists?page[after]={batch_id}")
    require_error(
        cursor,
        "unsupported_value",
        "Unsupported value provided for parameter: page[after]",
        parameter="page[after]",
    )


async def test_live_e_mails_are_checked_by_the_mail_check(live_client: Client, service: Service) -> None:
    """Without DNS, as in tests, the verdict is unknown, where the sandbox would say deliverable."""
    path = await start_batch(live_client, PATH, emails("jane@acme.example"))
    ended = await until_ended(service, live_client, path)
    assert [result["result"] for result in ended["results"]] == ["unknown"]
