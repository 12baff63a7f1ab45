"""GET /people/{id}/export."""

from __future__ import annotations

from pathlib import Path

from tests.api.erasures.test_post import JANE, JOE, PROFILE, load
from tests.api.support import ALL_OPTIONS, member, read_entries, require_error, stranger
from tests.support.installation import Client, Service, create_list


async def test_export_tells_everything_that_is_stored(client: Client, service: Service) -> None:
    leads = [{"email": JANE, "note": [1]}, {"email": JOE}]
    made = await create_list(client, "email", leads, options=ALL_OPTIONS, name="First")
    await service.until_completed(client, made["id"])
    jane, _ = await read_entries(client, made["id"])
    other = await create_list(client, "linkedin", [{"linkedin_url": PROFILE, "email": JANE}], name="Second")
    await client.delete(f"/lead-lists/{other['id']}")
    await client.post("/excluded-emails", json={"excluded_emails": [JANE, JOE]})
    path = f"/people/{jane['person_id']}/export"
    export = (await client.get(path)).json()
    assert (export["object"], export["person_id"]) == ("person_export", jane["person_id"])
    assert (export["emails"], export["is_complete"]) == ([JANE], True)
    assert export["_links"] == {"self": {"href": path}}
    first, second = export["leads"]
    assert first["lead_list"] == {"id": made["id"], "name": "First", "deleted": False}
    assert (first["entry_id"], first["status"], first["lead"]) == (jane["id"], "done", leads[0])
    assert first["found"]["person"]["first_name"] == jane["first_name"]
    assert first["found"]["verdict"]["email"] == JANE
    assert second["lead_list"] == {"id": other["id"], "name": "Second", "deleted": True}
    assert second["lead"] == {"linkedin_url": PROFILE, "email": JANE}
    assert [item["email"] for item in export["excluded_emails"]] == [JANE]
    assert {(line["reason"], line["entry_id"]) for line in export["credit_entries"]} == {
        ("person_found", jane["id"]),
        ("email_validated", jane["id"]),
        ("phone_revealed", jane["id"]),
    }


async def test_directory_is_told_to_live_keys(
    live_client: Client, client: Client, service: Service, tmp_path: Path
) -> None:
    await load(service, tmp_path, f"{PROFILE},{JANE},Jane,CEO,acme.example")
    made = await create_list(live_client, "email", [{"email": JANE}], options={"enrich": True})
    await service.until_completed(live_client, made["id"])
    (entry,) = await read_entries(live_client, made["id"])
    export = (await live_client.get(f"/people/{entry['person_id']}/export")).json()
    assert [person["first_name"] for person in export["directory"]] == ["Jane"]
    assert export["linkedin_keys"] == ["jane-doe"]
    require_error(
        await client.get(f"/people/{entry['person_id']}/export"), "not_found", "Could not find person."
    )


async def test_erased_person_is_not_found(client: Client, service: Service) -> None:
    made = await create_list(client, "email", [{"email": JANE}], options={"enrich": True})
    await service.until_completed(client, made["id"])
    (entry,) = await read_entries(client, made["id"])
    path = f"/people/{entry['person_id']}/export"
    async with stranger(service) as other:
        require_error(await other.get(path), "not_found", "Could not find person.")
    assert (await client.get(path)).status_code == 200
    assert (await client.post("/erasures", json={"email": JANE})).json()["entries"] == 1
    require_error(await client.get(path), "not_found", "Could not find person.")


async def test_member_may_not_export_anybody(service: Service) -> None:
    async with member(service) as client:
        answer = await client.get("/people/x/export")
    require_error(answer, "forbidden", "This key lacks the scope privacy:erase.")
