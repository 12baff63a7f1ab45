"""Canceling a batch of person enrichments."""

from __future__ import annotations

from tests.api.support import (
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

PATH = "/people/enrichment-requests"
CANCEL = {"status": "canceled"}
JANE = {"linkedin_url": "linkedin.com/in/jane"}


async def test_canceled_batch_has_no_results_and_costs_nothing(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [JANE], "reveal_phone_numbers": True})
    expected = {
        "id": int(path.rpartition("/")[2]),
        "object": "person_enrichment",
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


async def test_completed_batch_cannot_be_canceled(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [JANE]})
    await until_ended(service, client, path)
    answer = await client.patch(path, json=CANCEL)
    require_error(answer, "conflict", "Person enrichment request is completed.", pointer="/status")


async def test_body_says_that_and_nothing_else(client: Client) -> None:
    path = await start_batch(client, PATH, {"leads": [JANE]})
    assert faults_of(await client.patch(path, json={})) == [("/status", missing("status"))]
    assert faults_of(await client.patch(path, json={"status": "queued", "leads": []})) == [
        ("/status", "'queued' is not a supported status."),
        ("/leads", unsupported("leads")),
    ]


async def test_batch_of_another_account_is_not_found(client: Client, service: Service) -> None:
    path = await start_batch(client, PATH, {"leads": [JANE]})
    detail = "Could not find person enrichment request."
    require_error(await client.patch(f"{PATH}/0", json=CANCEL), "not_found", detail)
    async with stranger(service) as other:
        require_error(await other.patch(path, json=CANCEL), "not_found", detail)
    assert (await client.get(path)).json()["status"] == "queued"
