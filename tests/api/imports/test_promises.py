"""What an import may cost, in whose name it goes on, and who else waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.api.imports.support import check, people, start, upload, wait_for
from tests.api.support import execute, member, require_error
from tests.support.installation import TEST_KEY, Client, Service, create_list

from leadyard.actions import imports as import_actions
from leadyard.actions.rules import Rules
from leadyard.domain.imports import IMPORT_LEASE
from leadyard.storage import imports as import_rows
from leadyard.storage.api_keys import find_caller
from leadyard.worker.imports import PLACES, SMALL_BATCHES

COSTLY = {"options": {"validate_email": True}}
DEARER = "This can cost more now than was estimated. Ask for another estimate."


async def prepare(service: Service, client: Client, count: int = 3, **changes: Any) -> str:
    """The path of an import that was checked, and nobody works any more."""
    sent = await upload(client, "email,name\n" + people(1, count))
    await check(service, client, sent["id"], **changes)
    await service.rest()
    return f"/imports/{sent['id']}"


async def test_import_costs_no_more_than_its_estimate(service: Service, client: Client) -> None:
    made = await create_list(client, "email")
    path = await prepare(service, client, lead_list_id=made["id"])
    told = (await client.post(f"{path}/start?dry_run=true")).json()
    assert (told["total"], told["cost"]["email"]) == (3, {"least": 0, "most": 0})
    await client.patch(f"/lead-lists/{made['id']}", json=COSTLY)
    token = {"Estimate-Token": told["estimate"]["token"]}
    require_error(await client.post(f"{path}/start", headers=token), "conflict", DEARER)
    told = (await client.post(f"{path}/start?dry_run=true")).json()
    assert told["cost"]["email"]["most"] == 3
    token = {"Estimate-Token": told["estimate"]["token"]}
    answers = [await client.post(f"{path}/start", headers=token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_import_pauses_when_its_list_becomes_dearer(service: Service, client: Client) -> None:
    made = await create_list(client, "email")
    path = await prepare(service, client, lead_list_id=made["id"])
    await client.post(f"{path}/start")
    await client.patch(f"/lead-lists/{made['id']}", json=COSTLY)
    import_id = path.rpartition("/")[2]
    paused = await wait_for(service, client, import_id, "paused")
    assert (paused["reason"], paused["counts"]["ready"], paused["cost"]["email"]["most"]) == (
        "costs_more",
        3,
        3,
    )
    done = await start(service, client, import_id)
    assert (done["status"], done["counts"]["added"]) == ("completed", 3)
    await service.until_completed(client, made["id"])


async def test_import_ends_when_its_user_is_disabled(service: Service, client: Client) -> None:
    async with member(service) as mia:
        path = await prepare(service, mia)
        begun = (await mia.post(f"{path}/start")).json()
    await execute(service, "UPDATE users SET status = 'disabled' WHERE role = 'member'")
    ended = await wait_for(service, client, path.rpartition("/")[2], "canceled")
    assert (ended["reason"], ended["counts"]["ready"]) == ("user_disabled", 3)
    left = await service.until_completed(client, begun["lead_list_id"])
    assert left["progress"]["total"] == 0


async def test_import_ends_when_the_key_that_began_it_is_revoked(service: Service, client: Client) -> None:
    async with member(service) as mia:
        path = await prepare(service, mia)
        await mia.post(f"{path}/start")
    await execute(service, "UPDATE api_keys SET revoked_at = 1 WHERE role = 'member'")
    ended = await wait_for(service, client, path.rpartition("/")[2], "canceled")
    assert (ended["reason"], ended["counts"]["added"]) == ("key_revoked", 0)


async def test_name_of_a_list_that_became_private_is_not_told_any_more(
    service: Service, client: Client
) -> None:
    made = await create_list(client, "email", name="Secret plan")
    async with member(service) as mia:
        path = await prepare(service, mia, lead_list_id=made["id"])
        assert (await mia.get(path)).json()["lead_list_name"] == "Secret plan"
        await client.patch(f"/lead-lists/{made['id']}", json={"shared": False})
        assert "Secret plan" not in (await mia.get(path)).text
        assert "Secret plan" not in (await mia.get("/imports")).text
    assert (await client.get(path)).json()["lead_list_name"] == "Secret plan"


async def test_small_import_does_not_wait_behind_large_ones(service: Service, client: Client) -> None:
    large, larger, small = [await prepare(service, client) for _ in range(3)]
    for path in (large, larger):
        values = {"id": path.rpartition("/")[2], "count": SMALL_BATCHES + 1}
        await execute(service, "UPDATE imports SET batch_count = :count WHERE public_id = :id", **values)
    for path in (large, larger, small):
        await client.post(f"{path}/start")
    claimed = []
    for most_batches in PLACES:
        async with service.installation.database.write() as tx:
            found = await import_rows.claim_import(tx, IMPORT_LEASE, most_batches)
            assert found is not None
            claimed.append(f"/imports/{found.id}")
    assert claimed == [large, small]
    await execute(service, "UPDATE imports SET status = 'canceled'")


async def test_import_that_begins_while_it_is_canceled_leaves_no_list_waiting(
    service: Service, client: Client
) -> None:
    path = await prepare(service, client)
    database = service.installation.database
    rules = Rules(service.installation.settings.limits, service.installation.settings.prices)
    async with database.read() as tx:
        found = await find_caller(tx, service.installation.digest(TEST_KEY))
    assert found is not None
    async with database.write() as tx:
        begun = await import_actions.start_import(tx, rules, found[1], path.rpartition("/")[2])
        canceling = asyncio.create_task(client.patch(path, json={"status": "canceled"}))
        await asyncio.sleep(0.2)
    answer = await canceling
    if answer.status_code == 409:
        answer = await client.patch(path, json={"status": "canceled"})
    assert answer.json()["status"] == "canceled"
    await service.work()
    await service.until_completed(client, str(begun.list_id))
