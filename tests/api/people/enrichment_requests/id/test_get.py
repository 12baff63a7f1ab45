"""Reading a batch of person enrichments."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import (
    UNKNOWN_ID,
    delete_after_its_time,
    execute,
    require_error,
    start_batch,
    stranger,
    until_ended,
)
from tests.support.installation import Client, Service, create_list

PATH = "/people/enrichment-requests"
NOT_FOUND = "Could not find person enrichment request."
EVERYTHING = {"reveal_email": True, "reveal_phone_numbers": True}


def url(slug: str, **more: str) -> dict[str, str]:
    return {"linkedin_url": f"linkedin.com/in/{slug}", **more}


async def enrich(
    client: Client, service: Service, leads: list[dict[str, str]], **options: bool
) -> list[dict[str, Any]]:
    """The results of a batch, when it is completed."""
    path = await start_batch(client, PATH, {"leads": leads, **options})
    return list((await until_ended(service, client, path))["results"])


async def test_batch_that_is_not_completed_has_no_results(client: Client) -> None:
    path = await start_batch(client, PATH, {"leads": [url("jane")]})
    answer = await client.get(f"{path}?page[size]=1&page[after]=1")
    assert answer.json() == {
        "id": int(path.rpartition("/")[2]),
        "object": "person_enrichment",
        "status": "queued",
        "results": [],
        "_links": {"self": {"href": path}},
    }
    assert answer.headers["retry-after"] == "1"


async def test_person_has_every_member(client: Client, service: Service) -> None:
    [result] = await enrich(client, service, [url("jane")], **EVERYTHING)
    person = result["result"]
    assert (list(result), result["status"]) == (["status", "result"], "enriched")
    assert person == {
        "id": person["id"],
        "object": "person",
        "linkedin_url": "linkedin.com/in/jane",
        "name": f"{person['first_name']} {person['last_name']}",
        "email": person["email"],
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "title": person["title"],
        "headline": None,
        "location": None,
        "image_url": None,
        "experiences": [],
        "educations": [],
        "languages": [],
        "phone_numbers": person["phone_numbers"],
        "company": {
            "id": None,
            "object": "company",
            "name": person["company"]["name"],
            "linkedin_url": None,
            "website": None,
            "domain": person["company"]["domain"],
            "industry": None,
            "size": None,
            "estimated_number_of_employees": None,
            "founded_year": None,
            "location": None,
            "technologies": [],
            "estimated_revenue": None,
        },
    }
    assert person["email"] == f"jane@{person['company']['domain']}"
    assert len(person["phone_numbers"]) == 1
    assert all(person[name] for name in ("id", "first_name", "last_name", "title"))


async def test_each_lead_sent_has_a_result_in_the_order_sent(client: Client, service: Service) -> None:
    leads = [
        url("bert"),
        url("notfound"),
        {"email": "ann@acme.example", "name": "Ann Other"},
        url("Bert"),
        {"title": "CEO", "company_name": "Acme Inc."},
        {"name": "Ann Other", "company_domain": "acme.example"},
        {"first_name": "Ann", "last_name": "Other", "company_domain": "www.acme.example"},
        url("unavailable"),
        {"email": "ANN@acme.example"},
        {"title": "ceo", "company_name": "ACME"},
        {"title": "CEO", "company_name": "Acme", "name": "Ann Other"},
    ]
    results = await enrich(client, service, leads)
    ids = [None if result["result"] is None else result["result"]["id"] for result in results]
    assert [result["status"] for result in results] == [
        "not_found" if place in (1, 7) else "enriched" for place in range(len(leads))
    ]
    assert [ids.index(person_id) for person_id in ids] == [0, 1, 2, 0, 4, 5, 5, 1, 2, 4, 10]
    assert results[4]["result"]["title"] == "Ceo"
    assert results[4]["result"]["company"]["name"] == "Acme"
    assert results[5]["result"]["name"] == results[10]["result"]["name"] == "Ann Other"
    assert results[5]["result"]["company"]["domain"] == "acme.example"


@pytest.mark.parametrize(
    ("reveal_email", "lead", "shown"),
    [
        (False, url("jane"), None),
        (False, url("jane", email="Jane@Home.example"), "Jane@Home.example"),
        (False, url("jane", email="no address"), None),
        (True, url("jane", email="jane@home.example"), "jane@home.example"),
        (True, url("jane-noemail"), None),
        (False, {"email": "jane@home.example"}, "jane@home.example"),
    ],
)
async def test_e_mail_shows_if_it_was_sent_or_revealed(
    client: Client, service: Service, reveal_email: bool, lead: dict[str, str], shown: str | None
) -> None:
    [result] = await enrich(client, service, [lead], reveal_email=reveal_email)
    assert result["result"]["email"] == shown
    assert result["result"]["phone_numbers"] == []


async def test_pages_go_by_place_both_ways(client: Client, service: Service) -> None:
    leads = [url(slug) for slug in ("a", "b", "a", "c", "b")]
    path = await start_batch(client, PATH, {"leads": leads})
    whole = await until_ended(service, client, path)
    assert whole["_links"] == {"self": {"href": f"{path}?page[size]=1000"}}
    met, href = [], f"{path}?page[size]=2"
    while href:
        body = (await client.get(href)).json()
        met.append(body["results"])
        last = body["_links"]["self"]["href"]
        href = body["_links"].get("next", {}).get("href")
    assert met == [whole["results"][:2], whole["results"][2:4], whole["results"][4:]]
    back, href = [], last
    while href:
        body = (await client.get(href)).json()
        back.append(body["results"])
        href = body["_links"].get("prev", {}).get("href")
    assert back == [whole["results"][4:], whole["results"][2:4], whole["results"][:2]]
    beyond = (await client.get(f"{path}?page[after]=5")).json()
    assert (beyond["results"], beyond["_links"]) == ([], {"self": {"href": path}})


@pytest.mark.parametrize("cursor", ["0", "3", "-1", "x", "1.0", "9" * 30])
async def test_cursor_that_is_no_place_is_refused(client: Client, service: Service, cursor: str) -> None:
    path = await start_batch(client, PATH, {"leads": [url("a"), url("b")]})
    await until_ended(service, client, path)
    for name in ("page[after]", "page[before]"):
        answer = await client.get(f"{path}?{name}={cursor}")
        detail = f"Unsupported value provided for parameter: {name}"
        require_error(answer, "unsupported_value", detail, parameter=name)


async def test_erased_person_is_told_as_such(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [url("notfound"), url("jane")]})
    await until_ended(service, client, path)
    await execute(
        service,
        "UPDATE lead_list_entries SET findings = :findings WHERE sequence = 1",
        findings='{"enrich": "not_found", "is_erased": true}',
    )
    results = (await client.get(path)).json()["results"]
    assert results[0] == {"status": "gdpr_removed", "result": None}
    assert results[1]["status"] == "enriched"


async def test_batch_with_something_that_failed_ends_in_error(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [url("jane"), url("joe")]})
    await until_ended(service, client, path)
    await execute(service, "UPDATE lead_lists SET failed = 1, done = 1")
    await execute(
        service, "UPDATE lead_list_entries SET status = 'failed', findings = NULL WHERE sequence = 2"
    )
    body = (await client.get(path)).json()
    assert body["status"] == "error"
    assert [result["status"] for result in body["results"]] == ["enriched", "not_found"]
    assert [error["code"] for error in body["_errors"]] == ["internal_server_error"]


async def test_what_is_no_request_of_the_account_is_not_found(
    client: Client, live_client: Client, service: Service
) -> None:
    path = await start_batch(client, PATH, {"leads": [url("jane")]})
    await create_list(client, "email")
    list_id = await service.query_one("SELECT id FROM lead_lists WHERE purpose = 'list'")
    for request_id in (str(list_id), "0", "-1", "x", "9" * 30, "٣", UNKNOWN_ID):
        require_error(await client.get(f"{PATH}/{request_id}"), "not_found", NOT_FOUND)
    require_error(await live_client.get(path), "not_found", NOT_FOUND)
    async with stranger(service) as other:
        require_error(await other.get(path), "not_found", NOT_FOUND)


async def test_batch_whose_time_is_over_is_gone(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [url("jane")]})
    await until_ended(service, client, path)
    await delete_after_its_time(service)
    gone = "Person enrichment request is no longer available."
    require_error(await client.get(path), "gone", gone)
    require_error(await client.patch(path, json={"status": "canceled"}), "gone", gone)
    async with stranger(service) as other:
        require_error(await other.get(path), "not_found", NOT_FOUND)
