"""Reading a list and a page of its leads."""

from __future__ import annotations

from tests.api.support import (
    ALL_OPTIONS,
    UNKNOWN_ID,
    read_entries,
    require_error,
    require_walks,
    stranger,
)
from tests.support.installation import Client, Service, add_leads, create_list


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"p{number}@acme.example"} for number in range(count)]


async def test_entry_that_nothing_is_known_of_has_nulls_and_no_empty_texts(client: Client) -> None:
    created = await create_list(client, "email", [{"email": "Jane@acme.example", "title": "", "x": None}])
    answer = await client.get(f"/lead-lists/{created['id']}")
    body = answer.json()
    (entry,) = body.pop("leads")
    assert body == {**created, "_links": {"self": {"href": f"/lead-lists/{created['id']}?page[size]=100"}}}
    assert entry == {
        "id": entry["id"],
        "object": "lead_list_entry",
        "email": "Jane@acme.example",
        "person_id": None,
        "linkedin_url": None,
        "first_name": None,
        "last_name": None,
        "title": None,
        "company_name": None,
        "company_domain": None,
        "industry": None,
        "phone_numbers": [],
        "email_validation_result": None,
        "status": "queued",
        "data": {"x": None},
    }
    assert answer.headers["retry-after"] == "1"


async def test_entry_shows_what_was_found_beside_what_was_sent(client: Client, service: Service) -> None:
    lead = {"linkedin_url": "linkedin.com/in/jane", "title": "Queen", "company_name": "Own Words"}
    created = await create_list(client, "linkedin", [lead], options=ALL_OPTIONS)
    (entry,) = (await service.until_completed(client, created["id"]))["leads"]
    assert entry["status"] == "done"
    assert {name: entry[name] for name in lead} == lead
    for name in ("person_id", "first_name", "last_name", "email", "company_domain"):
        assert entry[name], name
    (number,) = entry["phone_numbers"]
    assert set(number) == {"number", "type"}
    assert entry["email_validation_result"] == {
        "object": "email_validation_result",
        "email": entry["email"],
        "result": "deliverable",
        "catch_all": False,
    }


async def test_retry_after_is_there_until_the_list_has_ended(client: Client, service: Service) -> None:
    created = await create_list(client, "email", people(1))
    path = f"/lead-lists/{created['id']}"
    assert (await client.get(path)).headers["retry-after"] == "1"
    done = await service.until_completed(client, created["id"])
    assert done["progress"] == {"total": 1, "queued": 0, "processing": 0, "done": 1, "failed": 0}
    assert "retry-after" not in (await client.get(path)).headers


async def test_page_holds_a_hundred_leads_by_default_and_a_thousand_at_most(client: Client) -> None:
    created = await create_list(client, "email", people(1_001))
    path = f"/lead-lists/{created['id']}"
    body = (await client.get(path)).json()
    assert [entry["email"] for entry in body["leads"]] == [lead["email"] for lead in people(100)]
    cursor = body["leads"][-1]["id"]
    assert body["_links"] == {
        "self": {"href": f"{path}?page[size]=100"},
        "next": {"href": f"{path}?page[size]=100&page[after]={cursor}"},
    }
    assert len(await read_entries(client, created["id"])) == 1_000


async def test_walking_forward_and_back_meets_every_lead_once(client: Client) -> None:
    created = await create_list(client, "email", people(5))
    await add_leads(client, created["id"], "email", people(7))
    ids = [entry["id"] for entry in await read_entries(client, created["id"])]
    assert len(set(ids)) == 7
    await require_walks(client, f"/lead-lists/{created['id']}?page[size]={{size}}", "leads", ids)


async def test_id_of_an_entry_is_its_cursor(client: Client) -> None:
    created = await create_list(client, "email", people(5))
    path = f"/lead-lists/{created['id']}?page[size]=2"
    ids = [entry["id"] for entry in await read_entries(client, created["id"])]
    after = (await client.get(f"{path}&page[after]={ids[1]}")).json()
    assert [entry["id"] for entry in after["leads"]] == ids[2:4]
    assert after["_links"] == {
        "self": {"href": f"{path}&page[after]={ids[1]}"},
        "prev": {"href": f"{path}&page[before]={ids[2]}"},
        "next": {"href": f"{path}&page[after]={ids[3]}"},
    }
    before = (await client.get(f"{path}&page[before]={ids[2]}")).json()
    assert [entry["id"] for entry in before["leads"]] == ids[:2]
    assert set(before["_links"]) == {"self", "next"}
    last = (await client.get(f"{path}&page[after]={ids[-1]}")).json()
    assert (last["leads"], set(last["_links"])) == ([], {"self"})


async def test_entry_of_another_list_is_no_cursor(client: Client) -> None:
    created = await create_list(client, "email", people(2))
    other = await create_list(client, "email", people(2))
    (cursor, _) = (entry["id"] for entry in await read_entries(client, other["id"]))
    known = (await read_entries(client, created["id"]))[0]["id"]
    for value in (
        cursor,
        known.upper(),
        known[:-1],
        known[:-8] + "00000000",
        known[:-8] + "00000003",
        UNKNOWN_ID,
    ):
        answer = await client.get(f"/lead-lists/{created['id']}?page[after]={value}")
        detail = "Unsupported value provided for parameter: page[after]"
        require_error(answer, "unsupported_value", detail, parameter="page[after]")


async def test_list_of_another_account_or_workspace_is_not_found(
    client: Client, live_client: Client, service: Service
) -> None:
    path = f"/lead-lists/{(await create_list(client, 'email'))['id']}"
    live_path = f"/lead-lists/{(await create_list(live_client, 'email'))['id']}"
    not_found = "Could not find lead list."
    require_error(await live_client.get(path), "not_found", not_found)
    require_error(await client.get(live_path), "not_found", not_found)
    async with stranger(service) as foreign:
        changes = {"name": "mine now"}
        leads = {"type": "email", "leads": [{"email": "jane@acme.example"}]}
        for caller in (foreign, live_client):
            require_error(await caller.get(path), "not_found", not_found)
            require_error(await caller.patch(path, json=changes), "not_found", not_found)
            require_error(await caller.delete(path), "not_found", not_found)
            require_error(await caller.post(f"{path}/leads", json=leads), "not_found", not_found)
            answer = await caller.post(f"{path}/leads?dry_run=true", json=leads)
            require_error(answer, "not_found", not_found)
    assert (await client.get(path)).status_code == 200


async def test_text_that_is_no_id_is_not_found(client: Client) -> None:
    for name in (UNKNOWN_ID, "1", "nonsense", "%00", "%ff", "x" * 5_000, "%F0%9F%98%80"):
        for answer in (
            await client.get(f"/lead-lists/{name}"),
            await client.patch(f"/lead-lists/{name}", json={}),
            await client.delete(f"/lead-lists/{name}"),
        ):
            require_error(answer, "not_found", "Could not find lead list.")
