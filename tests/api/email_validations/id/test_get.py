"""Reading a batch of e-mail validations."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import (
    UNKNOWN_ID,
    delete_after_its_time,
    execute,
    require_error,
    spent,
    start_batch,
    stranger,
    until_ended,
)
from tests.support.installation import Client, Service, create_list

PATH = "/email-validations"
NOT_FOUND = "Could not find email validation."


async def start(client: Client, *addresses: str) -> str:
    return await start_batch(client, PATH, {"emails": [{"email": address} for address in addresses]})


async def test_batch_that_has_not_ended_has_no_results(client: Client) -> None:
    path = await start(client, "jane@acme.example")
    answer = await client.get(f"{path}?page[size]=1&page[after]=jane@acme.example")
    assert answer.json() == {
        "id": path.rpartition("/")[2],
        "object": "email_validation",
        "status": "queued",
        "results": [],
        "_links": {"self": {"href": path}},
    }
    assert answer.headers["retry-after"] == "1"


async def test_completed_batch_has_a_verdict_on_each_e_mail(client: Client, service: Service) -> None:
    words = ("jane", "undeliverable", "risky", "unknown", "catchall", "unavailable")
    path = await start(client, *(f"{word}@acme.example" for word in words))
    ended = await until_ended(service, client, path)
    verdicts = ("deliverable", "undeliverable", "risky", "unknown", "risky", "unknown")
    assert ended == {
        "id": path.rpartition("/")[2],
        "object": "email_validation",
        "status": "completed",
        "results": [
            {
                "object": "email_validation_result",
                "email": f"{word}@acme.example",
                "result": result,
                "catch_all": word == "catchall",
            }
            for word, result in zip(words, verdicts, strict=True)
        ],
        "_links": {"self": {"href": f"{path}?page[size]=1000"}},
    }
    assert await spent(client) == (5, 0), "what could not be asked is free"


async def read_pages(client: Client, path: str, link: str) -> list[list[str]]:
    """The e-mails of each page, from one page on."""
    pages = []
    href: str | None = path
    while href is not None:
        body: dict[str, Any] = (await client.get(href)).json()
        pages.append([result["email"] for result in body["results"]])
        href = body["_links"].get(link, {}).get("href")
    return pages


async def test_pages_go_by_the_e_mail_both_ways(client: Client, service: Service) -> None:
    addresses = [f"jane+{number}@acme.example" for number in range(5)]
    path = await start(client, *addresses)
    await until_ended(service, client, path)
    forward = await read_pages(client, f"{path}?page[size]=2", "next")
    assert forward == [addresses[:2], addresses[2:4], addresses[4:]]
    last = f"{path}?page[size]=2&page[before]=jane%2B4@acme.example"
    assert await read_pages(client, last, "prev") == [addresses[2:4], addresses[:2]]
    links = (await client.get(f"{path}?page[size]=2&page[after]=JANE%2B1@acme.example")).json()["_links"]
    assert links == {
        "self": {"href": f"{path}?page[size]=2&page[after]=JANE%2B1%40acme.example"},
        "prev": {"href": f"{path}?page[size]=2&page[before]=jane%2B2%40acme.example"},
        "next": {"href": f"{path}?page[size]=2&page[after]=jane%2B3%40acme.example"},
    }


async def test_longest_e_mail_is_a_cursor(client: Client, service: Service) -> None:
    longest = f"{'l' * 64}@{'d' * 60}.{'d' * 60}.{'d' * 59}.example"
    assert len(longest) == 254
    path = await start(client, longest, "jane@acme.example")
    await until_ended(service, client, path)
    assert await read_pages(client, f"{path}?page[size]=1", "next") == [[longest], ["jane@acme.example"]]


@pytest.mark.parametrize("cursor", ["joe@acme.example", "jane", "1"])
async def test_cursor_that_is_no_e_mail_of_it_is_refused(
    client: Client, service: Service, cursor: str
) -> None:
    path = await start(client, "jane@acme.example")
    await until_ended(service, client, path)
    for name in ("page[after]", "page[before]"):
        answer = await client.get(f"{path}?{name}={cursor}")
        detail = f"Unsupported value provided for parameter: {name}"
        require_error(answer, "unsupported_value", detail, parameter=name)


async def test_batch_with_something_that_failed_ends_in_error(client: Client, service: Service) -> None:
    path = await start(client, "jane@acme.example", "joe@acme.example", "ann@acme.example")
    await until_ended(service, client, path)
    await execute(service, "UPDATE lead_lists SET failed = 1, done = 2")
    await execute(service, "UPDATE lead_list_entries SET status = 'failed' WHERE sequence = 2")
    body = (await client.get(path)).json()
    assert body["status"] == "error"
    assert [result["email"] for result in body["results"]] == ["jane@acme.example", "ann@acme.example"]
    assert body["_errors"] == [
        {
            "code": "internal_server_error",
            "title": "Internal Server Error",
            "detail": "1 of 3 emails could not be processed.",
        }
    ]


async def test_what_is_no_validation_of_the_account_is_not_found(
    client: Client, live_client: Client, service: Service
) -> None:
    path = await start(client, "jane@acme.example")
    for batch_id in (UNKNOWN_ID, "1", "x", (await create_list(client, "email"))["id"]):
        require_error(await client.get(f"{PATH}/{batch_id}"), "not_found", NOT_FOUND)
    require_error(await live_client.get(path), "not_found", NOT_FOUND)
    async with stranger(service) as other:
        require_error(await other.get(path), "not_found", NOT_FOUND)


async def test_batch_whose_time_is_over_is_gone(client: Client, service: Service) -> None:
    path = await start(client, "jane@acme.example")
    await until_ended(service, client, path)
    await delete_after_its_time(service)
    gone = "Email validation is no longer available."
    require_error(await client.get(path), "gone", gone)
    require_error(await client.patch(path, json={"status": "canceled"}), "gone", gone)
    async with stranger(service) as other:
        require_error(await other.get(path), "not_found", NOT_FOUND)
