"""POST /erasures: what is gone, what stays, and who cannot come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.api.support import (
    ALL_OPTIONS,
    faults_of,
    member,
    missing,
    read_entries,
    require_error,
    stranger,
    unsupported,
)
from tests.support.installation import ADMIN_EMAIL, Client, Service, add_leads, create_list

from leadyard.actions.directory import load_directory
from leadyard.domain.directory import LoadReport
from leadyard.storage import suppression
from leadyard.storage.suppression import MANY_IDENTITIES

PATH = "/erasures"
JANE = "jane@acme.example"
JOE = "joe@acme.example"
PROFILE = "https://www.linkedin.com/in/jane-doe"

LIST = {"shared": True, "owner": ADMIN_EMAIL, "type": "email", "leads": []}


async def erase(client: Client, **person: str) -> dict[str, Any]:
    answer = await client.post(PATH, json=person)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def counts_of(erasure: dict[str, Any]) -> tuple[int, int, int, int]:
    """Entries, people of the directory, exclusions, lines of the ledger."""
    entries, people, exclusions, lines = (
        erasure[name] for name in ("entries", "directory_people", "exclusions", "credit_entries")
    )
    return entries, people, exclusions, lines


async def count_added(client: Client, list_id: str, list_type: str, *leads: Any) -> int:
    answer = await add_leads(client, list_id, list_type, list(leads))
    assert answer.status_code == 202, answer.text
    return int(answer.json()["total_added_to_lead_list"])


async def load(service: Service, folder: Path, *rows: str) -> LoadReport:
    file = folder / "people.csv"
    file.write_text("\n".join(("linkedin_url,email,first_name,title,company_domain", *rows)))
    return await load_directory(service.installation.database, file, lambda _done, _total: None)


async def dump(service: Service) -> str:
    """Everything that the database holds, in one text."""
    tables = await service.query(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if service.installation.database.is_sqlite
        else "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    texts = []
    async with service.installation.database.read() as tx:
        for table in tables:
            texts += [str(tuple(row)) for row in await tx.conn.execute(text(f'SELECT * FROM "{table.name}"'))]
    return "\n".join(texts).lower()


async def test_record_tells_how_much_and_not_who(client: Client) -> None:
    await create_list(client, "email", [{"email": JANE}, {"email": JOE}])
    erasure = await erase(client, email="Jane@ACME.example")
    assert erasure.keys() == {
        "id",
        "object",
        "created_at",
        "entries",
        "directory_people",
        "exclusions",
        "credit_entries",
    }
    assert erasure["object"] == "erasure"
    assert counts_of(erasure) == (1, 0, 0, 0)


async def test_nothing_of_the_person_is_left_anywhere(client: Client, service: Service) -> None:
    made = await create_list(
        client, "email", [{"email": JANE, "nickname": "Calamity"}, {"email": JOE}], options=ALL_OPTIONS
    )
    await service.until_completed(client, made["id"])
    (jane, _) = await read_entries(client, made["id"])
    await client.post("/excluded-emails", json={"excluded_emails": [JANE]}, headers={"Idempotency-Key": "a"})
    body = {"type": "email", "leads": [{"email": JANE}]}
    await client.post("/normalize", json=body, headers={"Idempotency-Key": "b"})
    held = await dump(service)
    assert all(word in held for word in (JANE, "calamity", jane["person_id"]))
    erasure = await erase(client, email=JANE)
    assert counts_of(erasure) == (1, 0, 1, 3)
    left = await dump(service)
    assert JOE in left
    for word in (JANE, "jane", "calamity", jane["person_id"], jane["phone_numbers"][0]["number"]):
        assert word not in left, word


async def test_kept_answers_that_have_the_person_as_sent_are_forgotten(
    client: Client, service: Service
) -> None:
    sent = f" {JANE.upper()} "
    made = await client.post("/lead-lists", json=LIST, headers={"Idempotency-Key": "a"})
    body = {"excluded_emails": [sent]}
    excluded = await client.post("/excluded-emails", json=body, headers={"Idempotency-Key": "b"})
    assert (made.status_code, excluded.status_code) == (202, 200), excluded.text
    await erase(client, email=JANE)
    assert JANE not in await dump(service)
    again = await client.post("/lead-lists", json=LIST, headers={"Idempotency-Key": "a"})
    assert again.json()["id"] == made.json()["id"]


async def test_erased_entry_is_canceled_and_tells_nothing(client: Client, service: Service) -> None:
    leads = [{"email": JANE, "note": "x"}, {"email": JOE}]
    made = await create_list(client, "email", leads, options=ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    before = (await client.get("/credits")).json()
    await erase(client, email=JANE)
    found = (await client.get(f"/lead-lists/{made['id']}")).json()
    jane, joe = found["leads"]
    assert {name for name, value in jane.items() if value} == {"id", "object", "status"}
    assert jane["status"] == "canceled"
    assert joe["email"] == JOE
    assert found["status"] == "completed"
    assert found["progress"] == {"total": 2, "queued": 0, "processing": 0, "done": 1, "failed": 0}
    detail = (await client.get(f"/lead-lists/{made['id']}/entries/{jane['id']}")).json()
    assert detail["steps"] == {"enrich": None, "validate": None, "reveal": None}
    assert (await client.get("/credits")).json() == before


async def test_what_was_paid_stays_in_the_ledger_under_a_digest(client: Client, service: Service) -> None:
    made = await create_list(client, "email", [{"email": JANE}], options=ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    before = (await client.get("/credits/entries")).json()["entries"]
    await erase(client, email=JANE)
    assert (await client.get("/credits/entries")).json()["entries"] == before
    keys = await service.query("SELECT charge_key FROM credit_entries WHERE amount < 0 ORDER BY charge_key")
    kinds = [row.charge_key.split(":")[0] for row in keys]
    assert kinds == ["person", "phone", "validation"]
    digests = {part for row in keys for part in row.charge_key.split(":") if len(part) == 64}
    assert len(digests) == 2


@pytest.mark.parametrize("list_type", ["email", "linkedin", "titles_and_company"])
async def test_erased_person_cannot_be_added_again(client: Client, list_type: str) -> None:
    made = await create_list(client, list_type)
    await erase(client, email=JANE, linkedin_url=PROFILE)
    known = {"title": "CEO", "company_name": "X"}
    leads = [
        {**known, "email": "JANE@acme.example", "linkedin_url": "linkedin.com/in/a"},
        {**known, "email": "b@acme.example", "linkedin_url": "linkedin.com/in/Jane-Doe/de"},
        {**known, "email": "c@acme.example", "linkedin_url": "linkedin.com/in/c"},
    ]
    answer = await add_leads(client, made["id"], list_type, leads)
    addition = (await client.get(answer.headers["location"])).json()
    assert [(lead["index"], lead["outcome"]) for lead in addition["leads"]] == [
        (0, "suppressed"),
        (1, "suppressed"),
    ]


async def test_credits_held_for_what_is_erased_are_free_again(client: Client, service: Service) -> None:
    leads = [{"email": JANE}, {"email": JOE}]
    options = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
    made = await create_list(client, "email", leads, options=options)
    held = (await client.get("/credits")).json()
    await erase(client, email=JANE)
    left = (await client.get("/credits")).json()
    for kind in ("email", "phone"):
        assert left[kind]["held"] * 2 == held[kind]["held"] > 0
    await service.require_sound_ledger()
    await erase(client, email=JOE)
    found = (await client.get(f"/lead-lists/{made['id']}")).json()
    assert (found["status"], found["progress"]["queued"]) == ("completed", 0)
    assert (await client.get("/credits")).json()["email"]["held"] == 0
    await service.require_sound_ledger()


async def test_deleted_and_canceled_lists_are_emptied_too(client: Client, service: Service) -> None:
    deleted = await create_list(client, "email", [{"email": JANE}], options=ALL_OPTIONS)
    canceled = await create_list(client, "email", [{"email": JANE}], options=ALL_OPTIONS)
    assert (await client.delete(f"/lead-lists/{deleted['id']}")).status_code == 204
    assert (await client.patch(f"/lead-lists/{canceled['id']}", json={"status": "canceled"})).is_success
    assert counts_of(await erase(client, email=JANE)) == (2, 0, 0, 0)
    assert "jane" not in await dump(service)


async def test_what_stands_beside_the_identity_is_of_the_person_too(client: Client) -> None:
    profiles = await create_list(client, "linkedin", [{"linkedin_url": PROFILE, "email": JANE}])
    await create_list(client, "email", [{"email": JANE}])
    assert counts_of(await erase(client, linkedin_url="linkedin.com/in/jane-doe"))[0] == 2
    assert await count_added(client, profiles["id"], "linkedin", {"linkedin_url": PROFILE}) == 0
    emails = await create_list(client, "email", [{"email": JANE}])
    assert emails["progress"]["total"] == 0


async def test_mailbox_of_several_people_takes_nobodys_profile_along(client: Client) -> None:
    leads = [
        {"linkedin_url": "linkedin.com/in/ann", "email": "info@acme.example"},
        {"linkedin_url": "linkedin.com/in/ben", "email": "info@acme.example"},
    ]
    await create_list(client, "linkedin", leads)
    await create_list(client, "linkedin", [{"linkedin_url": "linkedin.com/in/ann"}])
    assert counts_of(await erase(client, email="info@acme.example"))[0] == 2
    made = await create_list(client, "linkedin", [{"linkedin_url": "linkedin.com/in/ben"}])
    assert made["progress"]["total"] == 1


async def test_shared_mailbox_leaves_the_leads_of_others_alone(client: Client) -> None:
    leads = [
        {"linkedin_url": "linkedin.com/in/ann", "email": "info@acme.example"},
        {"linkedin_url": "linkedin.com/in/ben", "email": "info@acme.example"},
    ]
    made = await create_list(client, "linkedin", leads)
    assert counts_of(await erase(client, linkedin_url="linkedin.com/in/ann"))[0] == 1
    assert [lead["linkedin_url"] for lead in await read_entries(client, made["id"])] == [
        None,
        "linkedin.com/in/ben",
    ]


async def test_live_key_erases_all_data_of_the_account_a_test_key_the_test_data(
    client: Client, live_client: Client, service: Service, tmp_path: Path
) -> None:
    for each in (client, live_client):
        await create_list(each, "email", [{"email": JANE}])
    await load(service, tmp_path, f"{PROFILE},{JANE},Jane,CEO,acme.example")
    assert counts_of(await erase(client, email=JANE)) == (1, 0, 0, 0)
    assert (await create_list(live_client, "email", [{"email": JANE}]))["progress"]["total"] == 1
    await create_list(client, "linkedin", [{"linkedin_url": PROFILE}])
    # The directory tells whose profile the e-mail is.
    assert counts_of(await erase(live_client, email=JANE)) == (3, 1, 0, 0)
    for each in (client, live_client):
        made = await create_list(each, "linkedin", [{"linkedin_url": PROFILE}])
        assert made["progress"]["total"] == 0


async def test_others_keep_their_leads(client: Client, service: Service) -> None:
    async with stranger(service) as other:
        made = await create_list(other, "email", [{"email": JANE}], owner="admin@stranger.example")
        await erase(client, email=JANE)
        assert [lead["email"] for lead in await read_entries(other, made["id"])] == [JANE]


async def test_directory_does_not_take_the_person_again(
    live_client: Client, service: Service, tmp_path: Path
) -> None:
    rows = (f"{PROFILE},{JANE},Jane,CEO,acme.example", f",{JOE},Joe,CEO,acme.example")
    assert (await load(service, tmp_path, *rows)).people == 2
    assert counts_of(await erase(live_client, linkedin_url=PROFILE)) == (0, 1, 0, 0)
    report = await load(service, tmp_path, *rows, f",{JANE},Jane,CFO,acme.example")
    assert (report.people, report.erased, report.bad_row_count) == (1, 2, 0)
    report = await load(service, tmp_path, rows[0])
    assert (report.people, report.erased) == (0, 1)
    assert "jane" not in await dump(service)


async def test_erasing_again_finds_nothing(client: Client) -> None:
    await create_list(client, "email", [{"email": JANE}])
    assert counts_of(await erase(client, email=JANE))[0] == 1
    assert counts_of(await erase(client, email=JANE)) == (0, 0, 0, 0)


async def test_excluding_somebody_who_was_erased_stores_nothing(client: Client, service: Service) -> None:
    await erase(client, email=JANE)
    answer = await client.post("/excluded-emails", json={"excluded_emails": [JANE, JOE]})
    assert answer.json() == {JANE: "duplicated", JOE: "success"}
    assert "jane" not in await dump(service)


async def test_repeated_request_gets_the_first_record(client: Client) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await client.post(PATH, json={"email": JANE}, headers=headers)
    again = await client.post(PATH, json={"email": JANE}, headers=headers)
    assert again.json() == first.json()
    assert len((await client.get(PATH)).json()["erasures"]) == 1


async def test_member_may_not_erase_anybody(service: Service) -> None:
    async with member(service) as client:
        answer = await client.post(PATH, json={"email": JANE})
    require_error(answer, "forbidden", "This key lacks the scope privacy:erase.")


@pytest.mark.parametrize("body", [{}, {"email": None}])
async def test_somebody_must_be_named(client: Client, body: Any) -> None:
    require_error(await client.post(PATH, json=body), "missing_field", missing("email"), pointer="/email")


async def test_what_identifies_nobody_is_refused(client: Client) -> None:
    body = {"email": "x", "linkedin_url": "https://www.linkedin.com/company/acme", "name": "Jane"}
    assert faults_of(await client.post(PATH, json=body)) == [
        ("/email", unsupported("email")),
        ("/linkedin_url", unsupported("linkedin_url")),
        ("/name", unsupported("name")),
    ]


@pytest.mark.parametrize("few", [1, 3])
@pytest.mark.parametrize("others", [0, MANY_IDENTITIES])
async def test_as_many_stay_away_however_tombstones_are_looked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, few: int, others: int
) -> None:
    # There are three: they are read if that is few, else those that the leads would have are looked for.
    monkeypatch.setattr(suppression, "FEW_KEPT_OUT", few)
    await erase(client, email="nobody@acme.example")
    await erase(client, email=JANE)
    await erase(client, linkedin_url=PROFILE)
    kept = [{"email": f"e{number}@acme.example"} for number in range(others + 1)]
    leads = [{"email": JANE.upper()}, {"email": JOE, "linkedin_url": PROFILE}, *kept]
    made = (await client.post("/lead-lists", json=LIST)).json()
    assert await count_added(client, made["id"], "email", *leads) == len(kept)
    assert (await read_entries(client, made["id"]))[0]["email"] == "e0@acme.example"
