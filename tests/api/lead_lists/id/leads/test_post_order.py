"""The order of checks: 401, then 413, 415 and malformed, then 404 and 410, then 400, then 409, then 402."""

from __future__ import annotations

import json

import httpx2
from tests.api.support import ALL_OPTIONS, UNKNOWN_ID, with_settings
from tests.support.installation import Client, Service, add_leads, create_list

TOO_DEAR = {"price_email_validated": 200_000, "max_leads_per_list": 1}
JANE = {"email": "jane@acme.example"}
JOHN = {"email": "john@acme.example"}


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["_errors"][0]["code"])


async def send(client: Client, list_id: str, body: object, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, str) else json.dumps(body)
    answer = await client.post(
        f"/lead-lists/{list_id}/leads", content=content, headers={"Content-Type": "application/json", **named}
    )
    return code(answer)


@with_settings(max_body_bytes=100)
async def test_key_is_checked_before_anything_else(client: Client, service: Service) -> None:
    async with service.client("ly_test_" + "x" * 38) as unknown:
        assert await send(unknown, UNKNOWN_ID, "{" * 101, Content_Type="text/plain") == "unauthorized"


@with_settings(max_body_bytes=100)
async def test_media_type_size_and_json_are_checked_before_the_list(client: Client) -> None:
    deleted = (await create_list(client, "email"))["id"]
    await client.delete(f"/lead-lists/{deleted}")
    for list_id in (UNKNOWN_ID, deleted):
        assert await send(client, list_id, "{}", Content_Type="text/plain") == "unsupported_media_type"
        assert await send(client, list_id, " " * 101) == "payload_too_large"
        assert await send(client, list_id, "{") == "unsupported_value"
        assert await send(client, list_id, "[]") == "unsupported_value"


async def test_list_is_checked_before_the_fields_of_the_body(client: Client) -> None:
    deleted = (await create_list(client, "email"))["id"]
    await client.delete(f"/lead-lists/{deleted}")
    for body in ({}, {"type": "foo", "leads": [{}] * 10_001}, {"extra": 1}):
        assert await send(client, UNKNOWN_ID, body) == "not_found"
        assert await send(client, deleted, body) == "gone"


@with_settings(**TOO_DEAR)
async def test_fields_of_the_body_are_checked_before_the_state_of_the_list(client: Client) -> None:
    full = (await create_list(client, "email", [JANE]))["id"]
    canceled = (await create_list(client, "email", options={"validate_email": True}))["id"]
    await client.patch(f"/lead-lists/{canceled}", json={"status": "canceled"})
    for list_id in (full, canceled):
        assert await send(client, list_id, {"type": "email"}) == "missing_field"
        assert await send(client, list_id, {"type": "email", "leads": [{}]}) == "unsupported_value"
        assert await send(client, list_id, {"type": "linkedin", "leads": []}) == "unsupported_value"
        assert await send(client, list_id, {"type": "email", "leads": [JOHN]}) == "conflict"


@with_settings(**TOO_DEAR)
async def test_state_of_the_list_is_checked_before_the_credits(client: Client) -> None:
    full = await create_list(client, "email", [JANE])
    await client.patch(f"/lead-lists/{full['id']}", json={"options": {"validate_email": True}})
    answer = await add_leads(client, full["id"], "email", [JOHN])
    assert code(answer) == "conflict"
    empty = await create_list(client, "email", options={"validate_email": True})
    assert code(await add_leads(client, empty["id"], "email", [JOHN])) == "insufficient_credits"


@with_settings(price_email_validated=200_000)
async def test_leads_that_are_not_added_need_no_credits(client: Client) -> None:
    created = await create_list(client, "email", [JANE])
    await client.patch(f"/lead-lists/{created['id']}", json={"options": {"validate_email": True}})
    answer = await add_leads(client, created["id"], "email", [JANE])
    assert (answer.status_code, answer.json()["total_added_to_lead_list"]) == (202, 0)


@with_settings(price_person_found=1_000_000, price_email_validated=1_000_000, price_phone_revealed=1_000_000)
async def test_list_without_paid_options_needs_no_credits(client: Client) -> None:
    created = await create_list(client, "email")
    assert (await add_leads(client, created["id"], "email", [JANE])).status_code == 202


@with_settings(price_phone_revealed=100_001)
async def test_nothing_is_stored_or_held_when_one_of_the_two_balances_does_not_suffice(
    client: Client,
) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    before = (await client.get("/credits")).json()
    answer = await add_leads(client, created["id"], "email", [JANE])
    assert code(answer) == "insufficient_credits"
    assert "location" not in answer.headers
    assert (await client.get("/credits")).json() == before
    after = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert (after["leads"], after["progress"]["total"]) == ([], 0)
