"""Finding one person while the caller waits."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from tests.api.support import execute, require_error, spent, start_batch, until_ended
from tests.support.installation import Client, Service, create_list

from leadyard.actions.directory import load_directory
from leadyard.domain.accounts import Caller
from leadyard.domain.clues import PersonClues
from leadyard.pipeline.process_leads import Pipeline
from leadyard.pipeline.process_now import process_now
from leadyard.storage.database import Tx

PATH = "/people/find"
JANE = {"linkedin_url": "linkedin.com/in/jane"}
EVERYTHING = {"reveal_email": "true", "reveal_phone_numbers": "true"}
DIRECTORY = """\
linkedin_url,email,first_name,last_name,title,company_name,company_domain,phone_numbers
linkedin.com/in/anna-555,anna@acme.example,Anna,Berg,Head of Sales,Acme GmbH,acme.example,+1 416 555 0123
linkedin.com/in/bert-555,bert@acme.example,Bert,Dahl,Engineer,Acme GmbH,acme.example,
"""


async def find(client: Client, **parameters: str) -> httpx2.Response:
    return await client.get(PATH, params=parameters)


async def get(client: Client, **parameters: str) -> dict[str, Any]:
    answer = await find(client, **parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_person_is_the_one_that_a_batch_finds(client: Client, service: Service) -> None:
    """No worker runs yet: the caller's own request finds the person."""
    person = await get(client, **JANE, **EVERYTHING)
    body = {"leads": [JANE], "reveal_email": True, "reveal_phone_numbers": True}
    path = await start_batch(client, "/people/enrichment-requests", body)
    [result] = (await until_ended(service, client, path))["results"]
    assert person == result["result"]
    assert (person["object"], person["company"]["object"]) == ("person", "company")


@pytest.mark.parametrize(
    ("parameters", "cost"),
    [
        (JANE, (0.5, 0)),
        ({**JANE, "reveal_email": "false", "reveal_phone_numbers": "False"}, (0.5, 0)),
        ({**JANE, "reveal_email": "True"}, (1.5, 0)),
        ({**JANE, "reveal_phone_numbers": "true"}, (0.5, 1)),
        ({**JANE, **EVERYTHING}, (1.5, 1)),
        ({"email": "jane@acme.example", **EVERYTHING}, (0.5, 1)),
        ({"name": "Jane Doe", "company_name": "Acme", "reveal_email": "true"}, (1.5, 0)),
        ({"title": "CEO", "company_domain": "acme.example"}, (0.5, 0)),
        ({"linkedin_url": "linkedin.com/in/jane-noemail-nophone", **EVERYTHING}, (0.5, 0)),
    ],
)
async def test_what_is_found_is_paid_for_once(
    client: Client, parameters: dict[str, str], cost: tuple[float, float]
) -> None:
    person = await get(client, **parameters)
    assert await get(client, **parameters) == person
    assert await spent(client) == cost
    assert (person["email"] is not None) == ("email" in parameters or cost[0] == 1.5)
    assert bool(person["phone_numbers"]) == (cost[1] == 1)


async def test_list_and_search_pay_for_the_same_person_once(client: Client, service: Service) -> None:
    options = {"enrich": True, "reveal_phone_numbers": True}
    created = await create_list(client, "linkedin", [JANE], options=options)
    await service.until_completed(client, created["id"])
    before = await spent(client)
    await get(client, **JANE, **EVERYTHING)
    assert await spent(client) == before == (1.5, 1)


async def test_searches_at_once_pay_once(client: Client) -> None:
    people = await asyncio.gather(*(get(client, **JANE, **EVERYTHING) for _ in range(5)))
    assert all(person == people[0] for person in people)
    assert await spent(client) == (1.5, 1)


@pytest.mark.parametrize("word", ["notfound", "jane-slow-notfound"])
async def test_nobody_found_costs_nothing(client: Client, word: str) -> None:
    answer = await find(client, linkedin_url=f"linkedin.com/in/{word}", **EVERYTHING)
    require_error(answer, "person_not_found", "Could not find a matching person.")
    assert await spent(client) == (0, 0)


async def test_provider_that_is_away_costs_nothing(client: Client, service: Service) -> None:
    answer = await find(client, linkedin_url="linkedin.com/in/unavailable", **EVERYTHING)
    require_error(answer, "service_unavailable", "The provider cannot answer now. Try again shortly.")
    assert answer.headers["retry-after"] == "5"
    assert await spent(client) == (0, 0)
    assert await service.query_one("SELECT status FROM lead_lists") == "canceled"


def use(service: Service, **changes: Any) -> None:
    """Lets the API find people in another way."""
    services = service.api.services
    service.api.services = replace(services, people=replace(services.people, **changes))


async def test_answer_that_does_not_come_in_time_costs_nothing(client: Client, service: Service) -> None:
    installation = service.installation
    pipeline = Pipeline(installation.database, installation.desk)
    use(service, process_now=partial(process_now, pipeline, patience=0))
    answer = await find(client, **JANE, **EVERYTHING)
    require_error(answer, "service_unavailable", "The provider cannot answer now. Try again shortly.")
    assert await spent(client) == (0, 0)


async def test_person_who_was_erased_is_not_told_of(client: Client, service: Service) -> None:
    asked = []

    async def is_erased(_tx: Tx, _caller: Caller, clues: PersonClues) -> bool:
        asked.append(clues)
        return True

    use(service, is_erased=is_erased)
    answer = await find(client, **JANE)
    detail = "This person cannot be shown for legal reasons."
    require_error(answer, "unavailable_for_legal_reasons", detail)
    assert asked == [PersonClues(**JANE)]
    assert await spent(client) == (0, 0)
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 0


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        ({}, "linkedin_url"),
        ({"reveal_email": "true", "company": "Acme"}, "linkedin_url"),
        ({"linkedin_url": "", "email": " "}, "linkedin_url"),
        ({"name": "Jane Doe"}, "company_name"),
        ({"title": "CEO", "company_name": ""}, "company_name"),
        ({"company_domain": "acme.example"}, "name"),
    ],
)
async def test_clue_that_is_missing_is_named(
    client: Client, parameters: dict[str, str], missing: str
) -> None:
    detail = f"Missing parameter from request: {missing}"
    require_error(await find(client, **parameters), "missing_field", detail, parameter=missing)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("linkedin_url", {"linkedin_url": "linkedin.com/company/acme", "email": "jane@acme.example"}),
        ("email", {"email": "jane"}),
        ("company_domain", {"name": "Jane", "company_domain": "com"}),
        ("company_name", {"title": "CEO", "company_name": "-"}),
        ("name", {"name": "Jane\tDoe", "company_name": "Acme"}),
        ("title", {"title": "x" * 2_001, "company_name": "Acme"}),
        ("reveal_email", {**JANE, "reveal_email": "yes"}),
        ("reveal_phone_numbers", {**JANE, "reveal_phone_numbers": ""}),
    ],
)
async def test_clue_that_cannot_be_used_is_named(
    client: Client, name: str, parameters: dict[str, str]
) -> None:
    detail = f"Unsupported value provided for parameter: {name}"
    require_error(await find(client, **parameters), "unsupported_value", detail, parameter=name)


async def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert await get(client, **JANE, foo="1") == await get(client, **JANE)


@pytest.mark.parametrize(
    ("kind", "parameters", "most"),
    [
        ("email", {}, 500),
        ("email", {"reveal_email": "true"}, 1_500),
        ("phone", {"reveal_phone_numbers": "true"}, 1_000),
    ],
)
async def test_the_most_it_can_cost_must_be_there(
    client: Client, service: Service, kind: str, parameters: dict[str, str], most: int
) -> None:
    hold = "UPDATE credit_balances SET held = balance - :left WHERE kind = :kind AND balance > 0"
    await execute(service, hold, kind=kind, left=most - 1)
    detail = "You do not have enough credits to perform this operation."
    require_error(await find(client, **JANE, **parameters), "insufficient_credits", detail)
    assert await service.query_one("SELECT count(*) FROM lead_lists") == 0
    await execute(service, hold, kind=kind, left=most)
    assert (await find(client, **JANE, **parameters)).status_code == 200
    await execute(service, "UPDATE credit_balances SET held = 0")


async def test_search_is_no_lead_list(client: Client, service: Service) -> None:
    await get(client, **JANE)
    assert (await client.get("/lead-lists")).json()["lead_lists"] == []
    list_id, row_id = (await service.query("SELECT public_id, id FROM lead_lists"))[0]
    require_error(await client.get(f"/lead-lists/{list_id}"), "not_found", "Could not find lead list.")
    answer = await client.get(f"/people/enrichment-requests/{row_id}")
    require_error(answer, "not_found", "Could not find person enrichment request.")
    entries = (await client.get("/credits/entries")).json()["entries"]
    assert entries[0]["amount"] == -0.5


async def test_live_people_are_those_of_the_directory(
    live_client: Client, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(DIRECTORY)
    await load_directory(service.installation.database, tmp_path / "people.csv", lambda _done, _total: None)
    anna = await get(live_client, linkedin_url="linkedin.com/in/anna-555", **EVERYTHING)
    assert (anna["name"], anna["email"]) == ("Anna Berg", "anna@acme.example")
    assert anna["phone_numbers"] == [{"number": "+14165550123", "type": "unknown"}]
    assert anna["company"]["domain"] == "acme.example"
    assert await spent(live_client) == (1.5, 1)
    for clues in (
        {"email": "anna@acme.example"},
        {"title": "head of sales", "company_domain": "acme.example"},
        {"title": "head of sales", "company_name": "ACME", "name": "anna  BERG"},
        {"company_domain": "acme.example", "name": "Anna Berg"},
        {"company_name": "Acme", "first_name": "Anna", "last_name": "Berg"},
    ):
        assert (await get(live_client, **clues, **EVERYTHING))["id"] == anna["id"]
    carl = {"title": "head of sales", "company_name": "Acme", "name": "Carl Berg"}
    for stranger in ({"email": "joe@acme.example"}, JANE, carl):
        answer = await find(live_client, **stranger)
        require_error(answer, "person_not_found", "Could not find a matching person.")
    assert await spent(live_client) == (1.5, 1)


async def test_bytes_that_are_no_utf_8_are_no_address(client: Client) -> None:
    answer = await client.get(f"{PATH}?email=%ff%fe@acme.example")
    detail = "Unsupported value provided for parameter: email"
    require_error(answer, "unsupported_value", detail, parameter="email")
