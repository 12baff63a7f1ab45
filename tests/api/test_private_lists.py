"""Lists that are not shared, and batches: seen by who they are of, and by admins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.api.support import member, require_error, start_batch
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

MIA = "mia@acme.example"
LEADS = [{"email": "jane@acme.example"}]


@pytest.fixture
async def mia(service: Service) -> AsyncIterator[Client]:
    async with member(service) as client:
        yield client


async def test_private_list_is_not_there_for_others(client: Client, mia: Client) -> None:
    shared = await create_list(client, "email")
    private = await create_list(client, "email", LEADS, shared=False)
    path = f"/lead-lists/{private['id']}"
    for answer in (
        await mia.get(path),
        await mia.patch(path, json={"name": "Mine"}),
        await mia.delete(path),
        await add_leads(mia, private["id"], "email", LEADS),
        await mia.post(f"{path}/pause"),
        await mia.get(f"{path}/waterfall"),
    ):
        require_error(answer, "not_found", "Could not find lead list.")
    listed = (await mia.get("/lead-lists")).json()["lead_lists"]
    assert [each["id"] for each in listed] == [shared["id"]]
    assert (await mia.get("/lead-lists?shared=false")).json()["lead_lists"] == []
    for cursor in ("after", "before"):
        assert (await mia.get(f"/lead-lists?page[{cursor}]={private['id']}")).status_code == 400
    await client.delete(path)
    require_error(await mia.get(path), "not_found", "Could not find lead list.")
    require_error(await client.get(path), "gone", "Lead list is no longer available.")


async def test_owner_and_admins_see_a_private_list(client: Client, mia: Client) -> None:
    private = await create_list(mia, "email", LEADS, shared=False, owner=MIA)
    for who in (client, mia):
        assert (await who.get(f"/lead-lists/{private['id']}")).status_code == 200
        listed = (await who.get("/lead-lists")).json()["lead_lists"]
        assert [each["id"] for each in listed] == [private["id"]]
    assert (await add_leads(mia, private["id"], "email", [{"email": "joe@acme.example"}])).status_code == 202


async def test_list_made_for_somebody_else_is_answered_and_then_theirs(client: Client, mia: Client) -> None:
    made = await create_list(mia, "email", LEADS, shared=False, owner=ADMIN_EMAIL)
    assert made["owner"] == ADMIN_EMAIL
    assert (await mia.get(f"/lead-lists/{made['id']}")).status_code == 404
    assert (await client.get(f"/lead-lists/{made['id']}")).status_code == 200


async def test_who_sees_a_list_is_changed_by_its_owner_and_admins(client: Client, mia: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'email'))['id']}"
    detail = "Only its owner and admins may change who sees a lead list."
    for body in ({"shared": False}, {"owner": MIA}, {"name": "Mine", "shared": False}):
        require_error(await mia.patch(path, json=body), "forbidden", detail)
    same = {"name": "Ours", "shared": True, "owner": ADMIN_EMAIL}
    found = (await mia.patch(path, json=same)).json()
    assert (found["name"], found["owner"], found["shared"]) == ("Ours", ADMIN_EMAIL, True)
    assert (await client.patch(path, json={"owner": MIA})).status_code == 200
    assert (await mia.patch(path, json={"shared": False})).status_code == 200


async def test_ledger_does_not_name_a_private_list_to_others(
    client: Client, mia: Client, service: Service
) -> None:
    private = await create_list(client, "email", LEADS, shared=False, options={"validate_email": True})
    await service.until_completed(client, private["id"])
    [own, *_] = (await client.get("/credits/entries")).json()["entries"]
    [seen, *_] = (await mia.get("/credits/entries")).json()["entries"]
    assert (own["lead_list_id"], own["entry_id"] is not None) == (private["id"], True)
    assert seen == {**own, "lead_list_id": None, "entry_id": None}


async def test_batch_is_seen_by_who_started_it_and_by_admins(client: Client, mia: Client) -> None:
    for path, body in (
        ("/email-validations", {"emails": ["jane@acme.example"]}),
        ("/people/enrichment-requests", {"leads": LEADS}),
    ):
        theirs, ours = await start_batch(mia, path, body), await start_batch(client, path, body)
        for who, batch, status in ((mia, theirs, 200), (client, theirs, 200), (mia, ours, 404)):
            assert (await who.get(batch)).status_code == status
        assert (await mia.patch(ours, json={"status": "canceled"})).status_code == 404
