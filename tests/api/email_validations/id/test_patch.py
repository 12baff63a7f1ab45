"""Canceling a batch of e-mail validations."""

from __future__ import annotations

from tests.api.support import (
    UNKNOWN_ID,
    faults_of,
    missing,
    require_error,
    spent,
    start_batch,
    stranger,
    unsupported,
    until_ended,
)
from tests.support.installation import Client, Service

PATH = "/email-validations"
CANCEL = {"status": "canceled"}


async def start(client: Client, *addresses: str) -> str:
    return await start_batch(client, PATH, {"emails": list(addresses)})


async def test_canceled_batch_stays_canceled_and_costs_nothing(client: Client, service: Service) -> None:
    path = await start(client, "jane@acme.example", "joe@acme.example")
    expected = {
        "id": path.rpartition("/")[2],
        "object": "email_validation",
        "status": "canceled",
        "results": [],
        "_links": {"self": {"href": path}},
    }
    for _ in range(2):
        answer = await client.patch(path, json=CANCEL)
        assert (answer.status_code, answer.json()) == (200, expected)
    assert await until_ended(service, client, path) == expected
    await service.finish()
    assert await spent(client) == (0, 0)


async def test_what_was_paid_for_before_is_shown(client: Client, service: Service) -> None:
    """The second chunk never begins, because the first is one that waits to be asked again."""
    path = await start(client, "jane@acme.example", "unavailable@acme.example")
    await service.work()
    while (await client.get("/credits")).json()["email"]["balance"] == 100_000:
        assert (await client.get(path)).json()["results"] == []
    answer = (await client.patch(path, json=CANCEL)).json()
    assert answer["status"] == "canceled"
    assert [result["email"] for result in answer["results"]] == ["jane@acme.example"]
    assert answer == {**(await client.get(path)).json()}
    assert await spent(client) == (1, 0)


async def test_completed_batch_cannot_be_canceled(client: Client, service: Service) -> None:
    path = await start(client, "jane@acme.example")
    await until_ended(service, client, path)
    answer = await client.patch(path, json=CANCEL)
    require_error(answer, "conflict", "Email validation is completed.", pointer="/status")


async def test_body_says_that_and_nothing_else(client: Client) -> None:
    path = await start(client, "jane@acme.example")
    assert faults_of(await client.patch(path, json={})) == [("/status", missing("status"))]
    assert faults_of(await client.patch(path, json={"status": "completed", "name": "x"})) == [
        ("/status", "'completed' is not a supported status."),
        ("/name", unsupported("name")),
    ]


async def test_batch_of_another_account_is_not_found(client: Client, service: Service) -> None:
    path = await start(client, "jane@acme.example")
    detail = "Could not find email validation."
    require_error(await client.patch(f"{PATH}/{UNKNOWN_ID}", json=CANCEL), "not_found", detail)
    async with stranger(service) as other:
        require_error(await other.patch(path, json=CANCEL), "not_found", detail)
    assert (await client.get(path)).json()["status"] == "queued"
