"""Dry runs promise what a request costs at most, and `Estimate-Token` holds it to that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.api.lead_lists.id.reopening import fail, people
from tests.api.support import ALL_OPTIONS, execute, read_entries, require_error, stranger
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

from leadyard.domain import estimates

JANE = {"linkedin_url": "linkedin.com/in/jane"}
LIST = {"type": "linkedin", "shared": True, "owner": ADMIN_EMAIL, "leads": [JANE], "options": ALL_OPTIONS}
SPENDING: dict[str, tuple[str, str, Any, tuple[float, float]]] = {
    "create": ("POST", "/lead-lists", LIST, (2.5, 1)),
    "validate": ("POST", "/email-validations", {"emails": ["a@acme.example", "A@acme.example"]}, (1, 0)),
    "enrich": ("POST", "/people/enrichment-requests", {"leads": [JANE], "reveal_email": True}, (1.5, 0)),
    "find": ("GET", "/people/find?linkedin_url=linkedin.com/in/jane&reveal_email=true", None, (1.5, 0)),
}


async def ask(client: Client, method: str, path: str, body: Any, token: str | None = None) -> httpx2.Response:
    headers = {} if token is None else {"Estimate-Token": token}
    return await client.request(method, path, json=body, headers=headers)


async def estimate(client: Client, method: str, path: str, body: Any) -> dict[str, Any]:
    answer = await ask(client, method, f"{path}{'&' if '?' in path else '?'}dry_run=true", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def balances(client: Client) -> dict[str, float]:
    told = (await client.get("/credits")).json()
    return {kind: told[kind]["available"] for kind in ("email", "phone")}


@pytest.mark.parametrize("name", SPENDING)
async def test_what_spends_tells_its_cost_before_and_keeps_to_it(client: Client, name: str) -> None:
    method, path, body, most = SPENDING[name]
    before = await balances(client)
    told = await estimate(client, method, path, body)
    assert (told["cost"]["email"]["most"], told["cost"]["phone"]["most"]) == most
    assert await balances(client) == before
    answer = await ask(client, method, path, body, told["estimate"]["token"])
    assert answer.status_code in (200, 202), answer.text
    after = await balances(client)
    assert (before["email"] - after["email"], before["phone"] - after["phone"]) == most


async def test_request_that_is_sent_again_with_its_token_happens_once(client: Client) -> None:
    told = await estimate(client, "POST", "/lead-lists", LIST)
    answers = [await ask(client, "POST", "/lead-lists", LIST, told["estimate"]["token"]) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_request_with_a_key_of_its_own_happens_once_whichever_its_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for lifetime in (timedelta(minutes=5), timedelta(minutes=10)):
        monkeypatch.setattr(estimates, "ESTIMATE_LIFETIME", lifetime)
        token = (await estimate(client, "POST", "/lead-lists", LIST))["estimate"]["token"]
        headers = {"Estimate-Token": token, "Idempotency-Key": "once"}
        answers.append(await client.post("/lead-lists", json=LIST, headers=headers))
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_token_is_refused_for_another_request_and_from_others(client: Client, service: Service) -> None:
    token = (await estimate(client, "POST", "/lead-lists", LIST))["estimate"]["token"]
    other = {**LIST, "leads": [JANE, {"linkedin_url": "linkedin.com/in/john"}]}
    detail = "The token is of an estimate for something else."
    refused = await ask(client, "POST", "/lead-lists", other, token)
    require_error(refused, "unsupported_value", detail, header="Estimate-Token")
    async with stranger(service) as someone:
        assert (await ask(someone, "POST", "/lead-lists", LIST, token)).status_code == 400
    assert (await client.get("/lead-lists")).json()["lead_lists"] == []


async def test_list_that_costs_more_by_now_takes_nothing(client: Client) -> None:
    created = await create_list(client, "linkedin")
    path, body = f"/lead-lists/{created['id']}/leads", {"type": "linkedin", "leads": [JANE]}
    told = await estimate(client, "POST", path, body)
    await client.patch(f"/lead-lists/{created['id']}", json={"options": {"enrich": True}})
    refused = await ask(client, "POST", path, body, told["estimate"]["token"])
    detail = "This can cost more now than was estimated. Ask for another estimate."
    require_error(refused, "conflict", detail)
    assert await read_entries(client, created["id"]) == []
    assert (await add_leads(client, created["id"], "linkedin", [JANE])).status_code == 202


async def test_leads_are_taken_up_again_for_no_more_than_was_told(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("ann", "ben"), options={"enrich": True})
    await service.until_completed(client, made["id"])
    await service.rest()
    await fail(service, 1)
    path = f"/lead-lists/{made['id']}/retry"
    told = await estimate(client, "POST", path, {})
    assert (told["total"], told["cost"]["email"]["most"]) == (1, 1.5)
    await fail(service, 2)
    await execute(service, "UPDATE lead_lists SET revision = revision + 1")
    refused = await ask(client, "POST", path, {}, told["estimate"]["token"])
    require_error(refused, "conflict", "This can cost more now than was estimated. Ask for another estimate.")
    told = await estimate(client, "POST", path, {})
    answers = [await ask(client, "POST", path, {}, told["estimate"]["token"]) for _ in range(2)]
    assert [answer.json()["total"] for answer in answers] == [2, 2]
    assert answers[1].headers["idempotent-replayed"] == "true"
    await service.until_completed(client, made["id"])


async def test_expired_token_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "ESTIMATE_LIFETIME", timedelta(seconds=-1))
    token = (await estimate(client, "POST", "/lead-lists", LIST))["estimate"]["token"]
    refused = await ask(client, "POST", "/lead-lists", LIST, token)
    detail = "The estimate has expired. Ask for another one."
    require_error(refused, "unsupported_value", detail, header="Estimate-Token")
