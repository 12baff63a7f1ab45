"""Starting a batch of person enrichments."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import (
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

PATH = "/people/enrichment-requests"
JANE = {"linkedin_url": "linkedin.com/in/jane"}
EVERYTHING = {"reveal_email": True, "reveal_phone_numbers": True}


async def test_batch_is_accepted_and_queued(client: Client) -> None:
    answer = await client.post(PATH, json={"leads": [JANE]})
    body = answer.json()
    assert answer.status_code == 202
    assert isinstance(body["id"], int)
    href = f"/people/enrichment-requests/{body['id']}"
    assert body == {
        "id": body["id"],
        "object": "person_enrichment",
        "status": "queued",
        "results": [],
        "_links": {"self": {"href": href}},
    }
    assert answer.headers["location"] == href
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("options", "leads", "cost"),
    [
        ({}, [JANE], (0.5, 0)),
        ({"reveal_email": None, "reveal_phone_numbers": False}, [JANE], (0.5, 0)),
        ({"reveal_email": True}, [JANE], (1.5, 0)),
        ({"reveal_phone_numbers": True}, [JANE], (0.5, 1)),
        (EVERYTHING, [JANE], (1.5, 1)),
        (EVERYTHING, [JANE, JANE, {"linkedin_url": "https://www.linkedin.com/in/Jane/"}], (1.5, 1)),
        (EVERYTHING, [{**JANE, "email": "jane@acme.example"}], (0.5, 1)),
        (EVERYTHING, [{"linkedin_url": "linkedin.com/in/notfound"}], (0, 0)),
        (EVERYTHING, [{"linkedin_url": "linkedin.com/in/unavailable"}], (0, 0)),
        (EVERYTHING, [{"email": "jane@acme.example"}], (0.5, 1)),
        (EVERYTHING, [], (0, 0)),
    ],
)
async def test_what_is_found_is_paid_for_once(
    client: Client, service: Service, options: dict[str, Any], leads: list[Any], cost: tuple[float, float]
) -> None:
    for _ in range(2):
        ended = await until_ended(
            service, client, await start_batch(client, PATH, {"leads": leads, **options})
        )
        assert (ended["status"], len(ended["results"])) == ("completed", len(leads))
        assert await spent(client) == cost


FAULTY: list[tuple[str, list[tuple[str, str]]]] = [
    ("{}", [("/leads", missing("leads"))]),
    ('{"leads": {}}', [("/leads", unsupported("leads"))]),
    (
        '{"reveal_email": "yes", "leads": [], "reveal_phone_numbers": 1, "people": []}',
        [
            ("/reveal_email", unsupported("reveal_email")),
            ("/reveal_phone_numbers", unsupported("reveal_phone_numbers")),
            ("/people", unsupported("people")),
        ],
    ),
    (
        '{"leads": [{}, 7, {"linkedin_url": "", "email": null}, {"name": "Jane Doe"}, '
        '{"company_name": "Acme"}, {"title": "CEO"}, {"company_domain": "acme.example", "name": " "}]}',
        [
            ("/leads/0/linkedin_url", missing("leads[0].linkedin_url")),
            ("/leads/1", unsupported("leads[1]")),
            ("/leads/2/linkedin_url", missing("leads[2].linkedin_url")),
            ("/leads/3/company_name", missing("leads[3].company_name")),
            ("/leads/4/name", missing("leads[4].name")),
            ("/leads/5/company_name", missing("leads[5].company_name")),
            ("/leads/6/name", missing("leads[6].name")),
        ],
    ),
    (
        '{"leads": [{"linkedin_url": "linkedin.com/company/acme", "email": "jane@acme.example"}, '
        '{"email": "jane"}, {"name": 7, "company_name": "Acme"}, {"name": "Jane", "company_domain": "com"}, '
        '{"title": " ", "company_name": "Acme"}, {"title": "CEO", "company_name": "-"}]}',
        [
            ("/leads/0/linkedin_url", unsupported("leads[0].linkedin_url")),
            ("/leads/1/email", unsupported("leads[1].email")),
            ("/leads/2/name", unsupported("leads[2].name")),
            ("/leads/3/company_domain", unsupported("leads[3].company_domain")),
            ("/leads/4/title", unsupported("leads[4].title")),
            ("/leads/5/company_name", unsupported("leads[5].company_name")),
        ],
    ),
]


@pytest.mark.parametrize(("body", "faults"), FAULTY)
async def test_one_bad_lead_refuses_the_whole_batch(
    client: Client, service: Service, body: str, faults: list[tuple[str, str]]
) -> None:
    assert faults_of(await post_text(client, PATH, body)) == faults
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 0


async def test_unknown_fields_of_leads_are_ignored(client: Client, service: Service) -> None:
    leads = [{**JANE, "linkedin_id": "x", "tags": [1, {"a": None}]}]
    ended = await until_ended(service, client, await start_batch(client, PATH, {"leads": leads}))
    assert [result["status"] for result in ended["results"]] == ["enriched"]


@with_settings(max_leads_per_request=2)
async def test_too_many_leads_are_refused_with_that_alone(client: Client) -> None:
    answer = await client.post(PATH, json={"leads": [{}, {}, {}], "foo": 1})
    require_error(answer, "unsupported_value", "Number of leads exceeds 2 limit.", pointer="/leads")


@pytest.mark.parametrize(
    ("kind", "held", "options", "status"),
    [
        ("email", 500, {}, 202),
        ("email", 499, {}, 402),
        ("email", 1500, {"reveal_email": True}, 202),
        ("email", 1499, {"reveal_email": True}, 402),
        ("phone", 999, {"reveal_phone_numbers": True}, 402),
        ("phone", 0, {"reveal_email": True}, 202),
    ],
)
async def test_the_most_it_can_cost_must_be_there(
    client: Client, service: Service, kind: str, held: int, options: dict[str, bool], status: int
) -> None:
    """The credits of all but `held` milli-credits are taken away, ledger and all."""
    take = (
        "INSERT INTO credit_entries (workspace_id, kind, amount, reason, admin_id, charge_key, created_at) "
        "SELECT workspace_id, kind, :rest - balance, 'grant', (SELECT min(id) FROM users), 'taken', 0 "
        "FROM credit_balances WHERE kind = :kind AND balance > 0"
    )
    await execute(service, take, kind=kind, rest=held)
    await execute(
        service, "UPDATE credit_balances SET balance = :rest WHERE kind = :kind", kind=kind, rest=held
    )
    answer = await client.post(PATH, json={"leads": [JANE, JANE], **options})
    assert answer.status_code == status
    if status == 402:
        detail = "You do not have enough credits to perform this operation."
        require_error(answer, "insufficient_credits", detail)
        assert await service.query_one("SELECT count(*) FROM lead_lists") == 0


async def test_same_key_starts_it_once(client: Client, service: Service) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await client.post(PATH, json={"leads": [JANE]}, headers=headers)
    again = await client.post(PATH, json={"leads": [JANE]}, headers=headers)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 1


async def test_it_is_no_lead_list(client: Client, service: Service) -> None:
    await start_batch(client, PATH, {"leads": [JANE]})
    assert (await client.get("/lead-lists")).json()["lead_lists"] == []
    list_id = await service.query_one("SELECT public_id FROM lead_lists")
    require_error(await client.get(f"/lead-lists/{list_id}"), "not_found", "Could not find lead list.")
    answer = await client.get(f"/email-validations/{list_id}")
    require_error(answer, "not_found", "Could not find email validation.")
