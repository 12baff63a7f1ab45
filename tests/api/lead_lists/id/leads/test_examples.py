"""The documented page's own examples: each is provoked and answered to the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml  # type: ignore[import-untyped]
from tests.api.lead_lists.id.leads.examples import EXAMPLES
from tests.api.support import UNKNOWN_ID, execute, with_settings
from tests.support.installation import Client, Service, add_leads, create_list

PAGE = Path(__file__).parents[6] / "shared" / "contract" / "add-leads.openapi.md"

JANE = {"linkedin_url": "https://www.linkedin.com/in/jane"}
JOHN = {"linkedin_url": "https://www.linkedin.com/in/john"}
MAX = {"linkedin_url": "https://www.linkedin.com/in/max"}
ANN = {"email": "ann@acme.example"}


def require_example(answer: httpx2.Response, status: str, name: str) -> None:
    assert (str(answer.status_code), answer.json()) == (status, EXAMPLES[status][name])


@pytest.mark.skipif(not PAGE.exists(), reason="the documented page does not lie beside this checkout")
def test_examples_and_shapes_are_those_of_the_documented_page() -> None:
    _, _, rest = PAGE.read_text().partition("````yaml")
    page: dict[str, Any] = yaml.safe_load(rest.partition("\n")[2].partition("````")[0])
    responses = page["paths"]["/lead-lists/{id}/leads"]["post"]["responses"]
    contents = {status: answer["content"]["application/json"] for status, answer in responses.items()}
    documented = {
        status: {name: example["value"] for name, example in content["examples"].items()}
        for status, content in contents.items()
    }
    assert documented == EXAMPLES
    for status, content in contents.items():
        if status != "202":
            assert content["schema"] == {"$ref": "#/components/schemas/response_errors_object"}
    schemas = page["components"]["schemas"]
    for examples in (EXAMPLES[status] for status in EXAMPLES if status != "202"):
        for body in examples.values():
            assert set(body) <= set(schemas["response_errors_object"]["properties"])
            (error,) = body["_errors"]
            assert set(schemas["response_error_object"]["required"]) <= set(error)


async def test_lead_of_a_linkedin_list_is_accepted(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", [JANE])
    require_example(answer, "202", "Lead List type: linkedin")


async def test_lead_of_an_email_list_is_accepted(client: Client) -> None:
    created = await create_list(client, "email")
    answer = await add_leads(client, created["id"], "email", [ANN])
    require_example(answer, "202", "Lead List type: email")


@with_settings(max_leads_per_list=3)
async def test_leads_are_taken_in_the_order_sent_until_the_list_is_full(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE])
    ida = {"linkedin_url": "linkedin.com/in/ida"}
    answer = await add_leads(client, created["id"], "linkedin", [JOHN, MAX, ida])
    require_example(answer, "202", "Partial import due to reaching the total limit per list")
    entries = (await client.get(f"/lead-lists/{created['id']}")).json()["leads"]
    assert [entry["linkedin_url"] for entry in entries] == [
        lead["linkedin_url"] for lead in (JANE, JOHN, MAX)
    ]


async def test_duplicate_in_the_batch_is_left_out(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", [JANE, JOHN, JANE])
    require_example(answer, "202", "Partial import due to duplicates in the batch")


async def test_duplicates_in_the_list_are_left_out(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE, JOHN])
    answer = await add_leads(client, created["id"], "linkedin", [JOHN, JANE])
    require_example(answer, "202", "No import due to duplicates in the list")


async def test_missing_type_is_named(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}/leads"
    for body in ({"leads": [JANE]}, {"type": None, "leads": [JANE]}):
        answer = await client.post(path, json=body)
        require_example(answer, "400", "Missing field (type)")


async def test_unsupported_type_is_quoted(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "foo", [JANE])
    require_example(answer, "400", "Unsupported value (type)")


async def test_missing_leads_are_named(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}/leads"
    for body in ({"type": "linkedin"}, {"type": "linkedin", "leads": None}):
        answer = await client.post(path, json=body)
        require_example(answer, "400", "Missing field (leads)")


async def test_more_than_ten_thousand_leads_are_too_many(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", [{}] * 10_001)
    require_example(answer, "400", "Unsupported value (leads over limit per leads batch)")


async def test_lead_of_a_linkedin_list_needs_a_linkedin_url(client: Client) -> None:
    created = await create_list(client, "linkedin")
    name = "Unsupported value (lead with no LinkedIn URL for linkedin list)"
    for lead in ({}, {"linkedin_url": None}, {"linkedin_url": ""}, ANN):
        answer = await add_leads(client, created["id"], "linkedin", [JANE, lead])
        require_example(answer, "400", name)


async def test_linkedin_url_must_be_that_of_a_person(client: Client) -> None:
    created = await create_list(client, "linkedin")
    name = "Unsupported value (lead with invalid LinkedIn URL for linkedin list)"
    for url in (
        "https://www.linkedin.com/company/acme",
        "https://linkedin.com.evil.org/in/jane",
        "jane",
        " ",
    ):
        answer = await add_leads(client, created["id"], "linkedin", [JANE, {"linkedin_url": url}])
        require_example(answer, "400", name)


async def test_lead_of_an_email_list_needs_an_email(client: Client) -> None:
    created = await create_list(client, "email")
    name = "Unsupported value (lead with no email for email list)"
    for lead in ({}, {"email": None}, {"email": ""}, JANE):
        answer = await add_leads(client, created["id"], "email", [ANN, lead])
        require_example(answer, "400", name)


async def test_email_must_be_valid(client: Client) -> None:
    created = await create_list(client, "email")
    name = "Unsupported value (lead with invalid email for email list)"
    for email in (
        "ann",
        "ann@",
        "ann@acme",
        "a b@acme.example",
        '"ann"@acme.example',
        "ann@[192.0.2.1]",
        " ",
    ):
        answer = await add_leads(client, created["id"], "email", [ANN, {"email": email}])
        require_example(answer, "400", name)


@with_settings(price_email_validated=60_000)
async def test_leads_that_could_cost_more_than_there_is_are_refused(client: Client) -> None:
    created = await create_list(client, "email", options={"validate_email": True})
    leads = [ANN, {"email": "bob@acme.example"}]
    answer = await add_leads(client, created["id"], "email", leads)
    require_example(answer, "402", "Insufficient credits")


async def test_list_that_does_not_exist_is_not_found(client: Client) -> None:
    for list_id in (UNKNOWN_ID, UNKNOWN_ID.upper(), "1", "nonsense", "%00", "%ff", "%F0%9F%98%80"):
        answer = await add_leads(client, list_id, "linkedin", [JANE])
        require_example(answer, "404", "Not found")


async def test_list_of_sixty_thousand_leads_is_full(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", [JANE])
    await service.until_completed(client, created["id"])
    await execute(service, "UPDATE lead_lists SET entry_count = 59999, last_sequence = 59999")
    last_place = await add_leads(client, created["id"], "linkedin", [JOHN, MAX])
    assert last_place.json() == {"total": 2, "total_added_to_lead_list": 1}
    name = "Unsupported value (leads over limit per lead list)"
    for leads in ([MAX], [JANE], [JANE, MAX]):
        answer = await add_leads(client, created["id"], "linkedin", leads)
        require_example(answer, "409", name)


async def test_deleted_list_is_gone(client: Client) -> None:
    created = await create_list(client, "linkedin")
    await client.delete(f"/lead-lists/{created['id']}")
    answer = await add_leads(client, created["id"], "linkedin", [JANE])
    require_example(answer, "410", "Gone")


async def test_failure_of_ours_tells_nothing_of_its_cause(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin")
    await service.until_completed(client, created["id"])
    await execute(service, "DROP TABLE lead_list_entries")
    answer = await add_leads(client, created["id"], "linkedin", [JANE])
    require_example(answer, "500", "Internal server error")
