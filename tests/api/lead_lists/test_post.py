"""Creating a list."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.support import (
    ALL_OPTIONS,
    add_user,
    execute,
    faults_of,
    missing,
    require_error,
    stranger,
    unsupported,
    with_settings,
)
from tests.support.installation import ADMIN_EMAIL, Client, Service, create_list, list_body

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
JANE = {"email": "jane@acme.example"}
NOTHING_QUEUED = {"total": 0, "queued": 0, "processing": 0, "done": 0, "failed": 0}


@with_settings(public_url="https://leads.acme.example/base/")
async def test_new_list_has_the_documented_members(client: Client) -> None:
    body = list_body("email", [JANE, JANE], name="Spring", shared=False, visible=False, options=ALL_OPTIONS)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    answer = await client.post("/lead-lists", json=body)
    assert answer.status_code == 202
    created = answer.json()
    list_id, created_at = created.pop("id"), datetime.fromisoformat(created["created_at"])
    assert UUID7.fullmatch(list_id)
    assert before <= created_at <= datetime.now(UTC)
    assert created.pop("created_at") == created.pop("updated_at")
    assert created == {
        "object": "lead_list",
        "name": "Spring",
        "status": "queued",
        "shared": False,
        "visible": False,
        "owner": ADMIN_EMAIL,
        "options": ALL_OPTIONS,
        "type": "email",
        "url": f"https://leads.acme.example/base/lists/{list_id}",
        "progress": {**NOTHING_QUEUED, "total": 1, "queued": 1},
        "_links": {"self": {"href": f"/lead-lists/{list_id}"}},
    }
    assert answer.headers["location"] == f"/lead-lists/{list_id}"
    assert answer.headers["retry-after"] == "1"


async def test_times_are_rfc_3339_in_utc(client: Client) -> None:
    created = await create_list(client, "email")
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", created[name])


async def test_name_is_type_and_date_and_the_list_visible_and_free_unless_said_otherwise(
    client: Client,
) -> None:
    defaults: list[dict[str, Any]] = [
        {},
        {"name": None, "visible": None, "options": None},
        {"options": {}},
    ]
    for more in defaults:
        days = [f"linkedin {datetime.now(UTC):%Y-%m-%d}"]
        created = await create_list(client, "linkedin", **more)
        days.append(f"linkedin {datetime.now(UTC):%Y-%m-%d}")
        assert created["name"] in days
        assert created["visible"] is True
        assert created["options"] == dict.fromkeys(ALL_OPTIONS, False)


async def test_options_can_be_given_singly(client: Client) -> None:
    for name in ALL_OPTIONS:
        created = await create_list(client, "email", options={name: True})
        assert created["options"] == {**dict.fromkeys(ALL_OPTIONS, False), name: True}


async def test_list_without_leads_completes(client: Client, service: Service) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    assert created["status"] == "queued"
    done = await service.until_completed(client, created["id"])
    assert (done["status"], done["progress"]) == ("completed", NOTHING_QUEUED)


async def test_required_fields_are_named_in_the_order_of_the_documentation(client: Client) -> None:
    expected = [(f"/{name}", missing(name)) for name in ("shared", "owner", "type", "leads")]
    for body in ({}, {"shared": None, "owner": None, "type": None, "leads": None}):
        assert faults_of(await client.post("/lead-lists", json=body)) == expected


async def test_faults_of_every_field_are_told_in_document_order(client: Client) -> None:
    body: dict[str, Any] = {
        "extra": 1,
        "name": " ",
        "options": {"enrich": 1, "validate_email": None, "reveal/phone": True},
        "visible": "yes",
        "leads": [{}, {"email": "x"}],
        "type": "email",
        "owner": "nobody@acme.example",
        "shared": 0,
    }
    assert faults_of(await client.post("/lead-lists", json=body)) == [
        ("/extra", unsupported("extra")),
        ("/name", unsupported("name")),
        ("/options/enrich", unsupported("options.enrich")),
        ("/options/validate_email", unsupported("options.validate_email")),
        ("/options/reveal~1phone", unsupported("options.reveal/phone")),
        ("/visible", unsupported("visible")),
        ("/leads/0/email", missing("leads[0].email")),
        ("/leads/1/email", unsupported("leads[1].email")),
        ("/owner", unsupported("owner")),
        ("/shared", unsupported("shared")),
    ]


async def test_name_has_1_to_255_characters_without_controls(client: Client) -> None:
    assert (await create_list(client, "email", name="é" * 255))["name"] == "é" * 255
    for name in ("", " ", "x" * 256, "a\u0000b", "a\nb", "\u007f", 5, ["a"]):
        answer = await client.post("/lead-lists", json=list_body("email", [], name=name))
        require_error(answer, "unsupported_value", unsupported("name"), pointer="/name")


async def test_type_must_be_one_of_the_three_words(client: Client) -> None:
    for value, shown in (("foo", "foo"), (5, "5"), ("", "")):
        answer = await client.post("/lead-lists", json={**list_body("email", []), "type": value})
        detail = f"'{shown}' is not a supported type."
        require_error(answer, "unsupported_value", detail, pointer="/type")


async def test_owner_is_an_active_user_of_the_account(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        await add_user(tx, "mia@acme.example")
        await add_user(tx, "gone@acme.example")
    await execute(service, "UPDATE users SET status = 'disabled' WHERE email = 'gone@acme.example'")
    created = await create_list(client, "email", owner=" Mia@ACME.example ")
    assert created["owner"] == "mia@acme.example"
    async with stranger(service):
        for owner in (
            "gone@acme.example",
            "nobody@acme.example",
            "admin@stranger.example",
            "no e-mail",
            "",
            "a\u0000b@acme.example",
            5,
        ):
            answer = await client.post("/lead-lists", json=list_body("email", [], owner=owner))
            require_error(answer, "unsupported_value", unsupported("owner"), pointer="/owner")


async def test_leads_are_added_as_by_a_call_of_their_own(client: Client) -> None:
    leads = [JANE, {"email": "JANE@acme.example"}, {"email": "john@acme.example", "x": 1.0}]
    created = await create_list(client, "email", leads)
    found = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert [(entry["email"], entry["data"]) for entry in found["leads"]] == [
        ("jane@acme.example", {}),
        ("john@acme.example", {"x": 1.0}),
    ]


@with_settings(max_leads_per_request=3, max_leads_per_list=2)
async def test_both_limits_hold_for_a_new_list(client: Client) -> None:
    leads = [{"email": f"p{number}@acme.example"} for number in range(4)]
    answer = await client.post("/lead-lists", json=list_body("email", leads))
    detail = "Number of leads exceeds 3 limit."
    require_error(answer, "unsupported_value", detail, pointer="/leads")
    assert (await create_list(client, "email", leads[:3]))["progress"]["total"] == 2


@with_settings(price_email_validated=60_000)
async def test_no_list_is_made_when_its_leads_cost_more_than_there_is(client: Client) -> None:
    leads = [JANE, {"email": "john@acme.example"}]
    body = list_body("email", leads, options={"validate_email": True})
    answer = await client.post("/lead-lists", json=body)
    detail = "You do not have enough credits to perform this operation."
    require_error(answer, "insufficient_credits", detail)
    assert (await client.get("/lead-lists")).json()["lead_lists"] == []
    assert (await client.get("/credits")).json()["email"]["held"] == 0
