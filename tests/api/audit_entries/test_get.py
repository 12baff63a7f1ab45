from __future__ import annotations

from typing import Any

from tests.api.support import UNKNOWN_ID, add_user, call_raw, member, require_error, require_walks
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Client, Service, create_list

PATH = "/audit-entries"


async def read(client: Client, query: str = "?page[size]=100") -> list[dict[str, Any]]:
    answer = await client.get(PATH + query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["audit_entries"])


async def actions(client: Client) -> list[tuple[str, str | None]]:
    return [(entry["action"], entry["subject"]) for entry in await read(client)]


async def test_changes_of_lists_are_told_without_names_of_anybody(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        mia = await add_user(tx, "mia@acme.example")
    made = await create_list(client, "email", [{"email": "jane@acme.example"}], name="Jane's friends")
    path = f"/lead-lists/{made['id']}"
    await client.patch(
        path, json={"name": "Jane", "shared": False, "owner": mia.email, "options": {"enrich": True}}
    )
    await client.patch(path, json={"status": "canceled"})
    await client.delete(path)
    entries = await read(client)
    assert [(entry["action"], entry["subject"]) for entry in entries[:4]] == [
        ("list.deleted", made["id"]),
        ("list.canceled", made["id"]),
        ("list.changed", made["id"]),
        ("list.created", made["id"]),
    ]
    assert entries[2]["detail"] == {
        "changed": ["name", "shared", "owner", "options"],
        "shared": False,
        "owner": mia.id,
        "options": {"enrich": True},
    }
    stored = str(await service.query("SELECT subject, detail FROM audit_entries"))
    assert "ane" not in stored
    assert "mia@" not in stored


async def test_entry_says_who_with_which_key_and_from_where(client: Client, service: Service) -> None:
    headers = {
        "Authorization": f"Bearer {TEST_KEY}",
        "X-Request-Id": "trace-7",
        "X-Forwarded-For": "203.0.113.9",
    }
    list_id = (await create_list(client, "email"))["id"]
    answer = await call_raw(service, "DELETE", f"/lead-lists/{list_id}", headers=headers)
    assert answer.status_code == 204
    [entry] = await read(client, "?action=list.deleted")
    [key] = (await client.get("/api-keys")).json()["api_keys"]
    assert (entry["via"], entry["user"], entry["api_key"]) == (
        "api",
        ADMIN_EMAIL,
        {"id": key["id"], "name": key["name"]},
    )
    assert (entry["address"], entry["request_id"]) == ("192.0.2.1", "trace-7")


async def test_keys_grants_exclusions_erasures_and_exports_are_told(client: Client, service: Service) -> None:
    made = await create_list(client, "email", [{"email": "jane@acme.example"}], options={"enrich": True})
    person = (await service.until_completed(client, made["id"]))["leads"][0]["person_id"]
    key = (await client.post("/api-keys", json={"name": "crm"})).json()["id"]
    rotated = (await client.post(f"/api-keys/{key}/rotate")).json()["id"]
    await client.delete(f"/api-keys/{rotated}")
    grant = (await client.post("/credits/grants", json={"kind": "email", "amount": 1, "reason": "x"})).json()
    for _ in range(2):
        await client.post("/excluded-emails", json={"excluded_emails": ["joe@acme.example"]})
    await client.request("DELETE", "/excluded-emails", json={"excluded_emails": ["joe@acme.example"]})
    await client.get(f"/people/{person}/export")
    erasure = (await client.post("/erasures", json={"email": "jane@acme.example"})).json()["id"]
    told = await actions(client)
    assert [each for each in told if each[0] not in ("person.exported", "list.created")] == [
        ("erasure.done", erasure),
        ("erasure.begun", None),
        ("exclusions.removed", None),
        ("exclusions.added", None),
        ("credits.granted", grant["id"]),
        ("key.revoked", rotated),
        ("key.rotated", key),
        ("key.created", key),
        ("account.created", told[-1][1]),
    ]
    assert person not in str(told)
    assert "acme.example" not in str(await service.query("SELECT subject, detail FROM audit_entries"))


async def test_who_has_lists_go_on_or_wait_and_messages_sent_is_told(client: Client) -> None:
    made = await create_list(client, "linkedin", [{"linkedin_url": "linkedin.com/in/jane"}])
    for change in ("pause", "pause", "resume", "resume", "retry", "refresh"):
        await client.post(f"/lead-lists/{made['id']}/{change}")
    await client.post(f"/lead-lists/{made['id']}/retry?dry_run=true")
    batch = (await client.post("/email-validations", json={"emails": ["jane@acme.example"]})).json()["id"]
    for _ in range(2):
        await client.patch(f"/email-validations/{batch}", json={"status": "canceled"})
    body = {"url": "https://a.example/", "events": ["list.completed"]}
    hook = (await client.post("/webhooks", json=body)).json()["id"]
    delivery = (await client.post(f"/webhooks/{hook}/test")).json()["id"]
    await client.post(f"/webhooks/{hook}/deliveries/{delivery}/replay")
    entries = await read(client)
    assert [(entry["action"], entry["subject"]) for entry in entries[:9]] == [
        ("webhook.replayed", hook),
        ("webhook.pinged", hook),
        ("webhook.added", hook),
        ("batch.canceled", batch),
        ("list.refreshed", made["id"]),
        ("list.retried", made["id"]),
        ("list.resumed", made["id"]),
        ("list.paused", made["id"]),
        ("list.created", made["id"]),
    ]
    assert entries[0]["detail"] == {"delivery": delivery}
    assert entries[3]["detail"] == {"purpose": "email_validation"}
    assert entries[5]["detail"] == {"leads": 0, "email_milli_credits": 0, "phone_milli_credits": 0}


async def test_what_was_refused_is_not_told(client: Client, service: Service) -> None:
    before = await actions(client)
    await client.delete(f"/lead-lists/{UNKNOWN_ID}")
    await client.post("/credits/grants", json={"kind": "email", "amount": 0, "reason": "x"})
    await client.post("/api-keys", json={"name": "crm", "user": "nobody@acme.example"})
    assert await actions(client) == before


async def test_adding_leads_is_told_by_the_addition_alone(client: Client) -> None:
    made = await create_list(client, "email")
    before = await actions(client)
    await client.post(f"/lead-lists/{made['id']}/leads", json={"type": "email", "leads": []})
    assert await actions(client) == before


async def test_each_workspace_has_entries_of_its_own(client: Client, live_client: Client) -> None:
    made = await create_list(client, "email")
    assert ("list.created", made["id"]) in await actions(client)
    assert ("list.created", made["id"]) not in await actions(live_client)
    [entry] = await read(client, "?action=list.created")
    assert (await live_client.get(f"{PATH}?page[after]={entry['id']}")).status_code == 400


async def test_log_is_filtered_and_paged(client: Client, service: Service) -> None:
    for number in range(3):
        await create_list(client, "email", name=str(number))
    async with member(service) as mia:
        await create_list(mia, "email")
        require_error(await mia.get(PATH), "forbidden", "This key lacks the scope audit:read.")
    by_mia = await read(client, "?user=MIA@acme.example")
    assert [(entry["action"], entry["user"]) for entry in by_mia] == [("list.created", "mia@acme.example")]
    created = [entry["id"] for entry in await read(client, "?action=list.created")]
    assert len(created) == 4
    await require_walks(client, PATH + "?action=list.created&page[size]={size}", "audit_entries", created)
    for name, value in (("action", "list.burned"), ("user", "a%00b"), ("page[after]", "x")):
        answer = await client.get(f"{PATH}?{name}={value}")
        assert (answer.status_code, answer.json()["_errors"][0]["source"]) == (400, {"parameter": name})
