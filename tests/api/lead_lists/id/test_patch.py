"""Changing and canceling a list."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.api.support import (
    ALL_OPTIONS,
    add_user,
    faults_of,
    member,
    require_error,
    unsupported,
)
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

JANE = {"linkedin_url": "linkedin.com/in/jane"}


async def test_settings_are_changed_one_by_one(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        await add_user(tx, "mia@acme.example")
    path = f"/lead-lists/{(await create_list(client, 'linkedin', name='old'))['id']}"
    changes = {
        "name": "new",
        "shared": False,
        "visible": False,
        "owner": "mia@acme.example",
        "options": {"enrich": True, "validate_email": False, "reveal_phone_numbers": True},
    }
    expected = (await client.get(path)).json()
    for name, value in changes.items():
        answer = await client.patch(path, json={name: value})
        expected |= {name: value, "updated_at": answer.json()["updated_at"]}
        assert answer.status_code == 200
        assert answer.json() == {
            **{key: item for key, item in expected.items() if key != "leads"},
            "_links": {"self": {"href": path}},
        }
        assert (await client.get(path)).json() == expected


async def test_settings_that_are_null_or_not_named_stay(client: Client) -> None:
    created = await create_list(client, "linkedin", options={"enrich": True})
    path = f"/lead-lists/{created['id']}"
    nothing = dict.fromkeys(("name", "shared", "visible", "owner", "options", "status"))
    bodies: list[dict[str, Any]] = [{}, nothing, {"options": {}}]
    for body in bodies:
        changed = (await client.patch(path, json=body)).json()
        assert {**changed, "updated_at": None} == {**created, "updated_at": None}
    changed = (await client.patch(path, json={"options": {"validate_email": True}})).json()
    assert changed["options"] == {"enrich": True, "validate_email": True, "reveal_phone_numbers": False}


async def test_options_changed_at_the_same_time_are_all_changed(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}"
    await asyncio.gather(*(client.patch(path, json={"options": {name: True}}) for name in ALL_OPTIONS))
    assert (await client.get(path)).json()["options"] == ALL_OPTIONS


async def test_faults_of_every_field_are_told_in_document_order(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}"
    body = {
        "type": "email",
        "status": "completed",
        "owner": "nobody@acme.example",
        "options": {"foo": True, "enrich": "yes"},
        "visible": 1,
        "leads": [],
        "shared": "true",
        "name": "a\u0000b",
    }
    assert faults_of(await client.patch(path, json=body)) == [
        ("/type", unsupported("type")),
        ("/status", "'completed' is not a supported status."),
        ("/owner", unsupported("owner")),
        ("/options/foo", unsupported("options.foo")),
        ("/options/enrich", unsupported("options.enrich")),
        ("/visible", unsupported("visible")),
        ("/leads", unsupported("leads")),
        ("/shared", unsupported("shared")),
        ("/name", unsupported("name")),
    ]
    assert (await client.get(path)).json()["shared"] is True


async def test_new_options_are_for_leads_added_from_then_on(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", [JANE])
    await client.patch(f"/lead-lists/{created['id']}", json={"options": {"enrich": True}})
    await add_leads(client, created["id"], "linkedin", [{"linkedin_url": "linkedin.com/in/john"}])
    jane, john = (await service.until_completed(client, created["id"]))["leads"]
    assert (jane["person_id"], john["person_id"] is None) == (None, False)


async def test_member_may_change_a_list(client: Client, service: Service) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}"
    async with member(service) as mia:
        assert (await mia.patch(path, json={"name": "Ours"})).status_code == 200
    assert (await client.get(path)).json()["name"] == "Ours"


async def test_canceling_releases_the_hold_and_ends_what_has_not_begun(client: Client) -> None:
    leads = [{"linkedin_url": f"linkedin.com/in/p{number}"} for number in range(150)]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    assert (await client.get("/credits")).json()["email"]["held"] == 375
    answer = await client.patch(f"/lead-lists/{created['id']}", json={"status": "canceled"})
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    progress = {"total": 150, "queued": 0, "processing": 0, "done": 0, "failed": 0}
    assert answer.json()["progress"] == progress
    balances = (await client.get("/credits")).json()
    assert balances["email"] == {"balance": 100_000, "held": 0, "available": 100_000}
    assert balances["phone"] == {"balance": 100_000, "held": 0, "available": 100_000}
    found = await client.get(f"/lead-lists/{created['id']}")
    assert {entry["status"] for entry in found.json()["leads"]} == {"canceled"}
    assert "retry-after" not in found.headers


async def test_nothing_is_charged_after_the_answer_to_canceling(client: Client, service: Service) -> None:
    quick = [{"linkedin_url": f"linkedin.com/in/p{number}"} for number in range(100)]
    slow = [{"linkedin_url": f"linkedin.com/in/slow{number}"} for number in range(100)]
    created = await create_list(client, "linkedin", quick + slow, options=ALL_OPTIONS)
    path = f"/lead-lists/{created['id']}"
    await service.work()
    status = "queued"
    while status == "queued":
        status = (await client.get(path)).json()["status"]
    await client.patch(path, json={"status": "canceled"})
    balances = (await client.get("/credits")).json()
    entries = (await client.get("/credits/entries?page[size]=1000")).json()["entries"]
    await service.finish()
    assert (await client.get("/credits")).json() == balances
    assert (await client.get("/credits/entries?page[size]=1000")).json()["entries"] == entries
    assert balances["email"]["held"] == balances["phone"]["held"] == 0
    found = (await client.get(f"{path}?page[size]=1000")).json()
    statuses = [entry["status"] for entry in found["leads"]]
    assert (found["status"], found["progress"]["done"]) == ("canceled", statuses.count("done"))
    assert set(statuses) <= {"done", "canceled"}
    assert "canceled" in statuses


async def test_canceling_twice_is_as_canceling_once(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin', [JANE]))['id']}"
    for _ in range(2):
        answer = await client.patch(path, json={"status": "canceled"})
        assert (answer.status_code, answer.json()["status"]) == (200, "canceled")


async def test_completed_list_cannot_be_canceled_and_then_nothing_else_is_changed(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", [JANE], name="old")
    path = f"/lead-lists/{created['id']}"
    await service.until_completed(client, created["id"])
    answer = await client.patch(path, json={"name": "new", "status": "canceled"})
    require_error(answer, "conflict", "Lead list is completed.", pointer="/status")
    assert (await client.get(path)).json()["name"] == "old"


async def test_canceled_and_completed_lists_can_be_renamed(client: Client, service: Service) -> None:
    completed = await create_list(client, "linkedin")
    await service.until_completed(client, completed["id"])
    await service.rest()
    canceled = await create_list(client, "linkedin")
    await client.patch(f"/lead-lists/{canceled['id']}", json={"status": "canceled"})
    for created, status in ((completed, "completed"), (canceled, "canceled")):
        changed = (await client.patch(f"/lead-lists/{created['id']}", json={"name": "new"})).json()
        assert (changed["name"], changed["status"], changed["owner"]) == ("new", status, ADMIN_EMAIL)
