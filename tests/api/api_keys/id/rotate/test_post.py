from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from tests.api.support import UNKNOWN_ID, require_error
from tests.support.installation import Client, Service

ENDED = "API key was rotated before, or has ended."


async def make(client: Client, **body: Any) -> dict[str, Any]:
    return dict((await client.post("/api-keys", json={"name": "crm", **body})).json())


async def find(client: Client, key_id: str) -> dict[str, Any]:
    keys = (await client.get("/api-keys")).json()["api_keys"]
    return next(key for key in keys if key["id"] == key_id)


def seconds_between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


async def test_new_key_can_do_the_same_and_the_old_one_goes_on_for_a_day(
    client: Client, service: Service
) -> None:
    old = await make(client, scopes=["lists:read"], expires_in_days=90)
    answer = await client.post(f"/api-keys/{old['id']}/rotate")
    assert answer.status_code == 201
    new = answer.json()
    for member in ("name", "user", "role", "scopes"):
        assert new[member] == old[member]
    assert seconds_between(new["created_at"], new["expires_at"]) == 90 * 86_400
    ended = await find(client, old["id"])
    assert seconds_between(ended["rotated_at"], ended["expires_at"]) == 86_400
    for key in (old["key"], new["key"]):
        async with service.client(key) as both:
            assert (await both.get("/lead-lists")).status_code == 200


async def test_without_overlap_the_old_key_ends_at_once(client: Client, service: Service) -> None:
    old = await make(client)
    new = (await client.post(f"/api-keys/{old['id']}/rotate", json={"overlap_hours": 0})).json()
    for key, status in ((old["key"], 401), (new["key"], 200)):
        async with service.client(key) as caller:
            assert (await caller.get("/users")).status_code == status


async def test_overlap_does_not_make_a_key_live_longer(client: Client) -> None:
    old = await make(client, expires_in_days=1)
    await client.post(f"/api-keys/{old['id']}/rotate", json={"overlap_hours": 48})
    assert (await find(client, old["id"]))["expires_at"] == old["expires_at"]


async def test_key_is_rotated_once_even_by_several_at_once(client: Client) -> None:
    old = await make(client)
    answers = await asyncio.gather(*(client.post(f"/api-keys/{old['id']}/rotate") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    require_error(await client.post(f"/api-keys/{old['id']}/rotate"), "conflict", ENDED)
    await client.delete(f"/api-keys/{old['id']}")
    for key_id in (old["id"], UNKNOWN_ID):
        answer = await client.post(f"/api-keys/{key_id}/rotate")
        require_error(answer, "not_found", "Could not find API key.")


async def test_overlap_that_cannot_be_is_refused(client: Client) -> None:
    old = await make(client)
    for hours in (-1, 0.5, 24 * 90 + 1, "1"):
        answer = await client.post(f"/api-keys/{old['id']}/rotate", json={"overlap_hours": hours})
        assert answer.status_code == 400, hours
    assert (await find(client, old["id"]))["rotated_at"] is None


async def test_repeated_rotation_does_not_show_the_key_again(client: Client) -> None:
    old, headers = await make(client), {"Idempotency-Key": "once"}
    first = await client.post(f"/api-keys/{old['id']}/rotate", headers=headers)
    again = await client.post(f"/api-keys/{old['id']}/rotate", headers=headers)
    assert again.json() == {**first.json(), "key": None}
