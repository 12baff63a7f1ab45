"""Going on with a paused list."""

from __future__ import annotations

from tests.api.lead_lists.id.reopening import people, post, read_charges
from tests.api.support import ALL_OPTIONS, UNKNOWN_ID, require_error, spent, stranger
from tests.support.installation import Client, Service, add_leads, create_list


async def test_list_goes_on_and_nothing_is_lost_or_doubled(client: Client, service: Service) -> None:
    leads = people(*(f"p{number}" for number in range(150)))
    made = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    await add_leads(client, made["id"], "linkedin", people("late"))
    for _ in range(2):
        await service.work()
        await post(client, made["id"], "pause")
        await service.rest()
        answer = await post(client, made["id"], "resume")
        assert answer.status_code == 200
        assert "paused" not in answer.json()
    found = await service.until_completed(client, made["id"])
    assert found["progress"] == {"total": 151, "queued": 0, "processing": 0, "done": 151, "failed": 0}
    assert await spent(client) == (151 * 2.5, 151)
    assert len(await read_charges(client)) == 151 * 4


async def test_empty_list_that_was_paused_is_completed(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin")
    await post(client, made["id"], "pause")
    await service.work()
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["status"] == "queued"
    await post(client, made["id"], "resume")
    assert (await service.until_completed(client, made["id"]))["status"] == "completed"


async def test_list_that_is_not_paused_stays_as_it_is(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    assert (await post(client, made["id"], "resume")).json()["status"] == "queued"
    await service.until_completed(client, made["id"])
    answer = await post(client, made["id"], "resume")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")


async def test_list_that_is_not_there_cannot_go_on(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", people("jane"))
    await post(client, made["id"], "pause")
    require_error(await post(client, UNKNOWN_ID, "resume"), "not_found", "Could not find lead list.")
    async with stranger(service) as other:
        assert (await post(other, made["id"], "resume")).status_code == 404
    assert "paused" in (await client.get(f"/lead-lists/{made['id']}")).json()
    await client.delete(f"/lead-lists/{made['id']}")
    assert (await post(client, made["id"], "resume")).status_code == 410
