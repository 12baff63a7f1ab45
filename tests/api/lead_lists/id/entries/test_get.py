"""Reading one lead, and where each of its values came from."""

from __future__ import annotations

from datetime import datetime

from tests.api.support import ALL_OPTIONS, UNKNOWN_ID, execute, read_entries, require_error, stranger
from tests.support.installation import Client, Service, create_list

JANE = {"linkedin_url": "linkedin.com/in/jane", "title": "Queen", "x": "1.0"}


async def test_lead_that_has_not_begun_has_no_steps_and_no_sources(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE], options=ALL_OPTIONS)
    (entry,) = await read_entries(client, created["id"])
    path = f"/lead-lists/{created['id']}/entries/{entry['id']}"
    assert (await client.get(path)).json() == {
        **entry,
        "steps": {"enrich": None, "validate": None, "reveal": None},
        "email_verification": None,
        "provenance": {},
        "history": [],
        "_links": {"self": {"href": path}},
    }


async def test_values_that_were_found_have_their_source_and_those_sent_have_none(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", [JANE], options=ALL_OPTIONS)
    (entry,) = (await service.until_completed(client, created["id"]))["leads"]
    detail = (await client.get(f"/lead-lists/{created['id']}/entries/{entry['id']}")).json()
    assert {name: detail[name] for name in entry} == entry
    assert detail["steps"] == {"enrich": "found", "validate": "found", "reveal": "found"}
    found = {"first_name", "last_name", "email", "company_name", "company_domain"}
    assert found | {"phone_numbers", "email_validation_result"} <= set(detail["provenance"])
    assert not {"title", "linkedin_url", "x"} & set(detail["provenance"])
    for source in detail["provenance"].values():
        assert (source["provider"], source["confidence"]) == ("sandbox", 1)
        assert datetime.fromisoformat(source["fetched_at"]).tzinfo is not None


async def test_verdict_comes_with_its_evidence(live_client: Client, service: Service) -> None:
    leads = [{"email": "info@gmail.com"}, {"email": "Ann@Acme.example"}]
    created = await create_list(live_client, "email", leads, options={"validate_email": True})
    entries = (await service.until_completed(live_client, created["id"]))["leads"]
    details = [
        (await live_client.get(f"/lead-lists/{created['id']}/entries/{entry['id']}")).json()
        for entry in entries
    ]
    for entry, detail in zip(entries, details, strict=True):
        assert detail["email_validation_result"] == entry["email_validation_result"]
        assert entry["email_validation_result"].keys() == {"object", "email", "result", "catch_all"}
        assert "email_verification" not in entry
    role, plain = (detail["email_verification"] for detail in details)
    assert datetime.fromisoformat(role.pop("checked_at")).tzinfo is not None
    assert role == {
        "result": "risky",
        "reason": "role_account",
        "is_complete": True,
        "catch_all": False,
        "disposable": False,
        "role": True,
        "free": True,
        "mx": [],
        "smtp_host": None,
        "smtp_reply": None,
    }
    assert (plain["result"], plain["reason"], plain["free"]) == ("unknown", "dns_off", False)


async def test_lead_without_an_email_has_no_evidence(client: Client, service: Service) -> None:
    leads = [{"linkedin_url": "linkedin.com/in/jane-noemail"}]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    (entry,) = (await service.until_completed(client, created["id"]))["leads"]
    detail = (await client.get(f"/lead-lists/{created['id']}/entries/{entry['id']}")).json()
    assert detail["email_verification"] is None


async def test_steps_tell_what_was_not_found_skipped_or_unavailable(client: Client, service: Service) -> None:
    names = ("jane-notfound", "jane-noemail-nophone", "jane-unavailable")
    leads = [{"linkedin_url": f"linkedin.com/in/{name}"} for name in names]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    await execute(service, "UPDATE lead_list_entries SET attempts = 2")
    done = await service.until_completed(client, created["id"])
    steps = [
        (await client.get(f"/lead-lists/{created['id']}/entries/{entry['id']}")).json()["steps"]
        for entry in done["leads"]
    ]
    assert [tuple(step.values()) for step in steps] == [
        ("not_found", "skipped", "skipped"),
        ("found", "skipped", "not_found"),
        ("unavailable", "skipped", "unavailable"),
    ]


async def test_entry_that_the_list_does_not_have_is_not_found(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE])
    other = await create_list(client, "linkedin", [JANE])
    (own,) = (entry["id"] for entry in await read_entries(client, created["id"]))
    (foreign,) = (entry["id"] for entry in await read_entries(client, other["id"]))
    beside = [
        f"{own[:-8]}{digits}" for digits in ("00000000", "00000002", "7fffffff", "80000000", "ffffffff")
    ]
    for name in (*beside, foreign, own.upper(), own[:-1], UNKNOWN_ID, "1", "%00", "x" * 5_000):
        answer = await client.get(f"/lead-lists/{created['id']}/entries/{name}")
        require_error(answer, "not_found", "Could not find lead list entry.")


async def test_entry_of_another_account_or_workspace_is_not_found_and_of_a_deleted_list_gone(
    client: Client, live_client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", [JANE])
    (entry,) = await read_entries(client, created["id"])
    path = f"/lead-lists/{created['id']}/entries/{entry['id']}"
    async with stranger(service) as foreign:
        for caller in (live_client, foreign):
            require_error(await caller.get(path), "not_found", "Could not find lead list.")
    await client.delete(f"/lead-lists/{created['id']}")
    require_error(await client.get(path), "gone", "Lead list is no longer available.")
