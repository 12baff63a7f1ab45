"""What an import does when something comes between, and what is refused."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial

import msgspec
import pytest
from tests.api.imports.support import check, people, start, upload, wait_for
from tests.api.support import execute, member
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Client, Service, add_leads, create_list
from tests.support.outage import allow_to_cancel, refuse_to_cancel

from leadyard.actions.import_intake import SENT_AT_ONCE, Intake
from leadyard.actions.import_work import work_on_import
from leadyard.actions.rules import Rules
from leadyard.domain.capacity import Limits
from leadyard.domain.imports import IMPORT_LEASE
from leadyard.domain.retention import Keeping
from leadyard.storage import imports as import_rows
from leadyard.storage.database import Tx
from leadyard.worker.imports import PLACES, Importer
from leadyard.worker.retention import delete_old_imports

PLAN = {"name": "New", "owner": ADMIN_EMAIL}
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def code_of(client: Client, method: str, path: str, **request: object) -> tuple[int, str, str | None]:
    """Status, code and pointer or parameter of an error."""
    answer = await client.request(method, path, **request)  # type: ignore[arg-type]
    error = answer.json()["_errors"][0]
    source = error.get("source", {})
    return answer.status_code, error["code"], source.get("pointer", source.get("parameter"))


async def test_import_waits_for_credits_and_goes_on(service: Service, client: Client) -> None:
    await execute(service, "UPDATE credit_balances SET balance = 2000 WHERE kind = 'email'")
    await execute(service, "UPDATE credit_entries SET amount = 2000 WHERE kind = 'email'")
    sent = await upload(client, "email\n" + people(1, 3).replace(",", ";"))
    await check(service, client, sent["id"], new_list={**PLAN, "options": {"validate_email": True}})
    paused = await start(service, client, sent["id"])
    assert (paused["status"], paused["reason"]) == ("paused", "insufficient_credits")
    assert paused["counts"]["ready"] == 3
    await client.post("/credits/grants", json={"kind": "email", "amount": 10, "reason": "more"})
    done = await start(service, client, sent["id"])
    assert (done["status"], done["counts"]["added"]) == ("completed", 3)


async def test_full_list_takes_what_fits(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadyard.actions.import_intake.ROWS_AT_ONCE", 2)
    rules = Rules(Limits(leads_per_list=3), service.installation.settings.prices)
    database, stop = service.installation.database, asyncio.Event()
    importer = Importer(database, partial(work_on_import, database, rules))
    there = await create_list(client, "email", [{"email": "p2@acme.example"}])
    sent = await upload(client, "email,name\n" + people(1, 4) + people(1, 4) + people(5, 2))
    await client.patch(f"/imports/{sent['id']}", json={"lead_list_id": there["id"]})
    await importer.take_turn(stop)
    expected = {"duplicate_in_file": 2, "duplicate_in_list": 2, "over_capacity": 4}
    checked = (await client.get(f"/imports/{sent['id']}")).json()
    assert nonzero(checked["counts"]) == {**expected, "ready": 2}
    await client.post(f"/imports/{sent['id']}/start")
    await importer.take_turn(stop)
    done = (await client.get(f"/imports/{sent['id']}")).json()
    assert (done["status"], nonzero(done["counts"])["added"]) == ("completed", 2)
    assert sum(done["counts"].values()) == 10


def nonzero(counts: dict[str, int]) -> dict[str, int]:
    """Those verdicts that there are."""
    return {name: count for name, count in counts.items() if count}


async def test_whoever_has_a_canceled_import_in_hand_adds_nothing(service: Service, client: Client) -> None:
    sent = await upload(client, "email,name\n" + people(1, 5))
    await check(service, client, sent["id"])
    await service.rest()
    await client.post(f"/imports/{sent['id']}/start")
    installation = service.installation
    async with installation.database.write() as tx:
        in_hand = await import_rows.claim_import(tx, IMPORT_LEASE, PLACES[0])
    assert in_hand is not None
    await client.patch(f"/imports/{sent['id']}", json={"status": "canceled"})
    rules = Rules(Limits(), installation.settings.prices)
    await work_on_import(installation.database, rules, in_hand, asyncio.Event())
    assert (await client.get(f"/imports/{sent['id']}")).json()["status"] == "canceled"
    assert await service.query_one("SELECT count(*) FROM lead_list_entries") == 0


async def test_canceled_import_does_not_begin_again(service: Service, client: Client) -> None:
    sent = await upload(client, "email,name\n" + people(1, 5))
    await check(service, client, sent["id"])
    canceled = await client.patch(f"/imports/{sent['id']}", json={"status": "canceled"})
    assert canceled.json()["status"] == "canceled"
    assert await code_of(client, "POST", f"/imports/{sent['id']}/start") == (409, "conflict", None)
    assert await code_of(client, "PATCH", f"/imports/{sent['id']}", json={}) == (409, "conflict", None)


async def test_undo_takes_the_list_back_that_the_import_made(service: Service, client: Client) -> None:
    sent = await upload(client, "email,name\n" + people(1, 5))
    await check(service, client, sent["id"], new_list={**PLAN, "options": {"validate_email": True}})
    done = await start(service, client, sent["id"])
    undone = await client.post(f"/imports/{sent['id']}/undo")
    assert undone.json()["undone_at"] is not None
    assert (await client.get(f"/lead-lists/{done['lead_list_id']}")).status_code == 410
    assert (await code_of(client, "POST", f"/imports/{sent['id']}/undo"))[0] == 409


async def test_undo_empties_the_leads_that_joined_a_list(service: Service, client: Client) -> None:
    there = await create_list(client, "email", [{"email": "first@acme.example"}])
    sent = await upload(client, "email,name\n" + people(1, 3))
    await check(service, client, sent["id"], lead_list_id=there["id"])
    await start(service, client, sent["id"])
    await add_leads(client, there["id"], "email", [{"email": "last@acme.example"}])
    assert (await client.post(f"/imports/{sent['id']}/undo")).status_code == 200
    ended = await service.until_completed(client, there["id"])
    emails = [lead["email"] for lead in ended["leads"] if lead["status"] != "canceled"]
    assert emails == ["first@acme.example", "last@acme.example"]


async def test_undo_lets_nothing_begin_that_it_has_not_come_to_yet(service: Service, client: Client) -> None:
    database, stop = service.installation.database, asyncio.Event()
    rules = Rules(Limits(), service.installation.settings.prices)
    importer = Importer(database, partial(work_on_import, database, rules))
    there = await create_list(client, "email", options={"validate_email": True})
    sent = await upload(client, "email,name\n" + people(1, 3))
    await client.patch(f"/imports/{sent['id']}", json={"lead_list_id": there["id"]})
    await importer.take_turn(stop)
    await client.post(f"/imports/{sent['id']}/start")
    await importer.take_turn(stop)
    for statement in refuse_to_cancel(is_sqlite=database.is_sqlite):
        await execute(service, statement)
    assert (await client.post(f"/imports/{sent['id']}/undo")).status_code == 500
    waiting = "SELECT count(*) FROM lead_list_entries WHERE status = 'queued' AND not_before > :now"
    async with database.read() as tx:
        assert await service.query_one(waiting, now=tx.now_ms) == 3
    await execute(service, allow_to_cancel(is_sqlite=database.is_sqlite))
    assert (await client.post(f"/imports/{sent['id']}/undo")).status_code == 200
    assert (await client.get("/credits")).json()["email"]["held"] == 0


async def test_undo_leaves_a_list_alone_that_is_not_seen_any_more(service: Service, client: Client) -> None:
    there = await create_list(client, "email", [])
    async with member(service) as mia:
        sent = await upload(mia, "email,name\n" + people(1, 3))
        await check(service, mia, sent["id"], lead_list_id=there["id"])
        await start(service, mia, sent["id"])
        assert (await client.patch(f"/lead-lists/{there['id']}", json={"shared": False})).status_code == 200
        assert (await code_of(mia, "POST", f"/imports/{sent['id']}/undo"))[0] == 404
        ended = await service.until_completed(client, there["id"])
        assert [lead["status"] for lead in ended["leads"]] == ["done"] * 3
        await client.patch(f"/lead-lists/{there['id']}", json={"shared": True})
        assert (await mia.post(f"/imports/{sent['id']}/undo")).status_code == 200


async def test_nobody_learns_who_is_in_a_list_that_they_do_not_see_any_more(
    service: Service, client: Client
) -> None:
    there = await create_list(client, "email", [{"email": "first@acme.example"}])
    async with member(service) as mia:
        sent = await upload(mia, "email\nsecond@acme.example\n")
        await check(service, mia, sent["id"], lead_list_id=there["id"])
        await client.patch(f"/lead-lists/{there['id']}", json={"shared": False})
        path = f"/imports/{sent['id']}"
        cells = {"cells": {"email": "first@acme.example"}}
        assert await code_of(mia, "PATCH", f"{path}/rows/2", json=cells) == (404, "not_found", None)
        columns = {"columns": ["email"]}
        assert await code_of(mia, "PATCH", path, json=columns) == (404, "not_found", None)
        await execute(service, "UPDATE imports SET status = 'mapped'")
        stopped = await wait_for(service, mia, sent["id"], "uploaded", "checked")
        assert (stopped["status"], stopped["reason"]) == ("uploaded", "lead_list_deleted")


async def test_user_sends_so_many_files_at_once(service: Service, client: Client) -> None:
    intake = service.api.services.intake
    caller = await service.api.services.doorkeeper.admit(TEST_KEY)
    async with AsyncExitStack() as stack:
        for _ in range(SENT_AT_ONCE):
            await stack.enter_async_context(intake.open_drop(caller))
        headers = {"Content-Type": "text/csv"}
        answer = await client.post("/imports?file_name=a.csv", content=b"email\n", headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        async with member(service) as mia:
            await upload(mia, "email\na@acme.example\n")
    await upload(client, "email\na@acme.example\n")
    assert not intake.sending


async def test_undo_ends_after_a_day(service: Service, client: Client) -> None:
    sent = await upload(client, "email\na@acme.example\n")
    await check(service, client, sent["id"])
    await start(service, client, sent["id"])
    await execute(service, "UPDATE imports SET ended_at = ended_at - 86400001")
    assert await code_of(client, "POST", f"/imports/{sent['id']}/undo") == (409, "conflict", None)


async def test_list_that_is_deleted_ends_the_import(service: Service, client: Client) -> None:
    there = await create_list(client, "email", [])
    sent = await upload(client, "email\na@acme.example\n")
    await check(service, client, sent["id"], lead_list_id=there["id"])
    await service.rest()
    assert (await client.post(f"/imports/{sent['id']}/start")).status_code == 202
    await client.delete(f"/lead-lists/{there['id']}")
    failed = await wait_for(service, client, sent["id"], "failed", "completed")
    assert (failed["status"], failed["reason"]) == ("failed", "lead_list_deleted")


async def test_mapping_is_remembered_for_files_with_the_same_columns(
    service: Service, client: Client
) -> None:
    sent = await upload(client, "Adresse,Wert\na@acme.example,1\n")
    assert [column["field"] for column in sent["columns"]] == ["email", "data"]
    await check(service, client, sent["id"], columns=["email", "skip"])
    again = await upload(client, "adresse,WERT\nb@acme.example,2\n")
    assert [column["field"] for column in again["columns"]] == ["email", "skip"]
    other = await upload(client, "Adresse,Zahl\nb@acme.example,2\n")
    assert [column["field"] for column in other["columns"]] == ["email", "data"]


async def test_other_header_makes_other_columns(service: Service, client: Client) -> None:
    sent = await upload(client, "email,name\na@acme.example,A\n")
    checked = await check(service, client, sent["id"], header_row=0, columns=["email", "data"])
    assert [column["name"] for column in checked["columns"]] == ["Column A", "Column B"]
    assert (checked["counts"]["ready"], checked["counts"]["faulty"]) == (1, 1)


async def test_erased_person_is_nowhere_in_files(service: Service, client: Client) -> None:
    await client.post("/erasures", json={"email": "early@acme.example"})
    rows = "Early@ACME.example,x\nlate@acme.example,y\nother@acme.example,late@acme.example\n"
    sent = await upload(client, "email,friend\n" + rows)
    await client.post("/erasures", json={"email": "late@acme.example"})
    path = f"/imports/{sent['id']}"
    shown = [(row["cells"], row["verdict"]) for row in (await client.get(f"{path}/rows")).json()["rows"]]
    assert shown == [(["email", "friend"], "unchecked")] + [([], "erased")] * 3
    checked = await check(service, client, sent["id"])
    assert (checked["counts"]["erased"], checked["counts"]["ready"]) == (3, 0)
    assert await code_of(client, "PATCH", f"{path}/rows/3", json={"left_out": True}) == (
        404,
        "not_found",
        None,
    )
    mended = await upload(client, "email\nx@acme.example\n")
    cells = {"cells": {"email": "late@acme.example"}}
    answer = await client.patch(f"/imports/{mended['id']}/rows/2", json=cells)
    assert (answer.json()["cells"], answer.json()["verdict"]) == ([], "erased")


async def test_rows_are_paged_both_ways(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadyard.actions.import_intake.ROWS_AT_ONCE", 2)
    sent = await upload(client, "email,name\n" + people(1, 6))
    path = f"/imports/{sent['id']}/rows"
    first = (await client.get(f"{path}?page[size]=3")).json()
    assert [row["row"] for row in first["rows"]] == [1, 2, 3]
    second = (await client.get(first["_links"]["next"]["href"])).json()
    assert [row["row"] for row in second["rows"]] == [4, 5, 6]
    back = (await client.get(second["_links"]["prev"]["href"])).json()
    assert back["rows"] == first["rows"]
    last = (await client.get(second["_links"]["next"]["href"])).json()
    assert ([row["row"] for row in last["rows"]], "next" in last["_links"]) == ([7], False)


async def test_rows_of_old_imports_are_deleted(service: Service, client: Client) -> None:
    sent = await upload(client, "email\na@acme.example\n")
    database = service.installation.database
    assert await delete_old_imports(database, Keeping()) == 0
    assert await delete_old_imports(database, Keeping(imports=timedelta(seconds=-1))) == 1
    assert await service.query_one("SELECT count(*) FROM import_batches") == 0
    found = (await client.get(f"/imports/{sent['id']}")).json()
    assert (found["status"], found["counts"]["unchecked"]) == ("canceled", 0)


async def test_import_whose_rows_are_gone_is_not_said_to_be_undone(service: Service, client: Client) -> None:
    there = await create_list(client, "email", [{"email": "first@acme.example"}])
    sent = await upload(client, "email\na@acme.example\n")
    await check(service, client, sent["id"], lead_list_id=there["id"])
    await start(service, client, sent["id"])
    await execute(service, "UPDATE imports SET status = 'paused', ended_at = NULL")
    await delete_old_imports(service.installation.database, Keeping(imports=timedelta(seconds=-1)))
    assert await code_of(client, "POST", f"/imports/{sent['id']}/undo") == (409, "conflict", None)


async def test_import_that_goes_on_meanwhile_keeps_its_rows(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upload(client, "email\na@acme.example\n")
    database, now = service.installation.database, "UPDATE imports SET updated_at = created_at"
    list_old = import_rows.list_old_imports

    async def list_and_go_on(
        tx: Tx, before: datetime, lost_before: datetime, after: int, limit: int
    ) -> list[int]:
        found = await list_old(tx, before, lost_before, after, limit)
        await execute(service, now)
        return found

    await execute(service, "UPDATE imports SET updated_at = 0")
    monkeypatch.setattr(import_rows, "list_old_imports", list_and_go_on)
    assert await delete_old_imports(database, Keeping()) == 0
    assert await service.query_one("SELECT count(*) FROM import_batches") == 1


async def test_import_makes_a_private_list_for_somebody_else(service: Service, client: Client) -> None:
    plan = {**PLAN, "shared": False}
    async with member(service) as mia:
        sent = await upload(mia, "email,name\n" + people(1, 3))
        await check(service, mia, sent["id"], new_list=plan)
        done = await start(service, mia, sent["id"])
        assert (done["status"], done["counts"]["added"]) == ("completed", 3)
        assert (await mia.get(f"/lead-lists/{done['lead_list_id']}")).status_code == 404
        made = await service.until_completed(client, done["lead_list_id"])
        assert (made["progress"]["done"], made["owner"]) == (3, ADMIN_EMAIL)
        assert (await mia.post(f"/imports/{sent['id']}/undo")).status_code == 200
    left = (await client.get(f"/lead-lists/{done['lead_list_id']}")).json()
    assert [lead["email"] for lead in left["leads"]] == [None] * 3


async def test_what_a_killed_process_left_of_files_is_deleted(service: Service) -> None:
    intake = service.installation.intake()
    lost, other = intake.folder / "import-lost.upload", intake.folder / "import-mine.csv"
    for file in (lost, other):
        file.write_bytes(b"email\na@acme.example\n")
        os.utime(file, (0, 0))
    async with intake.open_drop(await service.api.services.doorkeeper.admit(TEST_KEY)) as drop:
        assert (lost.exists(), drop.path.exists()) == (False, True)
    lost.write_bytes(b"")
    await intake.forget_lost()
    assert (lost.exists(), other.exists()) == (not intake.database.is_sqlite, True)


async def test_same_upload_is_taken_once_for_its_key(service: Service, client: Client) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "once"}
    answers = [
        await client.post("/imports?file_name=a.csv", content=b"email\na@acme.example\n", headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    other = await client.post("/imports?file_name=a.csv", content=b"email\n", headers=headers)
    assert other.status_code == 422
    assert await service.query_one("SELECT count(*) FROM imports") == 1


@pytest.mark.parametrize(
    ("request_", "status", "code", "place"),
    [
        ({"content": b"", "headers": {"Content-Type": "text/csv"}}, 400, "unsupported_value", ""),
        ({"content": b"%PDF-1.7", "headers": {"Content-Type": "text/csv"}}, 400, "unsupported_value", ""),
        (
            {"content": b"{}", "headers": {"Content-Type": "application/json"}},
            415,
            "unsupported_media_type",
            None,
        ),
        ({"content": b"x" * 201, "headers": {"Content-Type": EXCEL}}, 413, "payload_too_large", None),
        ({"data": {"a": "b"}, "files": {}}, 415, "unsupported_media_type", None),
        ({"files": {"file": ("", b"x")}}, 400, "unsupported_value", ""),
        ({"files": {"file": ("a.csv", b"x" * 201)}}, 413, "payload_too_large", None),
    ],
)
async def test_what_is_no_file_is_refused_and_leaves_nothing(
    request_: dict[str, object], status: int, code: str, place: str | None, service: Service, client: Client
) -> None:
    msgspec.structs.force_setattr(_intake(service), "max_bytes", 200)
    assert await code_of(client, "POST", "/imports?file_name=a", **request_) == (status, code, place)
    assert await service.query_one("SELECT count(*) FROM imports") == 0
    assert list(service.installation.settings.data_path.glob("import-*")) == []


def _intake(service: Service) -> Intake:
    return service.api.services.intake


@pytest.mark.parametrize("encoding", ["nonsense", "undefined", "base64"])
async def test_encoding_that_is_none_is_refused(encoding: str, client: Client) -> None:
    request = {"content": b"email\n", "headers": {"Content-Type": "text/csv"}}
    told = await code_of(client, "POST", f"/imports?file_name=a&encoding={encoding}", **request)
    assert told == (400, "unsupported_value", "encoding")


async def test_form_of_a_page_is_taken(client: Client) -> None:
    files = {"file": ("My leads.csv", b"email\na@acme.example\n", "text/csv")}
    answer = await client.post("/imports", files=files, data={"note": "x"})
    assert (answer.status_code, answer.json()["file_name"]) == (201, "My leads.csv")
    without_name = await code_of(
        client, "POST", "/imports", content=b"email\n", headers={"Content-Type": "text/csv"}
    )
    assert without_name == (400, "missing_field", "file_name")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"columns": ["email"]}, "/columns"),
        ({"columns": ["email", "email"]}, "/columns/1"),
        ({"columns": ["email", "mail"]}, "/columns/1"),
        ({"columns": ["data", "skip"]}, "/columns"),
        ({"type": "linkedin"}, "/columns"),
        ({"header_row": 9}, "/header_row"),
        ({"new_list": {"name": "x", "owner": "nobody@acme.example"}}, "/new_list/owner"),
        ({"new_list": {"name": ""}}, "/new_list/owner"),
        ({"rows": 1}, "/rows"),
    ],
)
async def test_what_does_not_fit_the_file_is_refused(
    changes: dict[str, object], pointer: str, client: Client
) -> None:
    sent = await upload(client, "email,name\na@acme.example,A\n")
    status, _, place = await code_of(client, "PATCH", f"/imports/{sent['id']}", json=changes)
    assert (status, place) == (400, pointer)
    assert (await client.get(f"/imports/{sent['id']}")).json()["status"] == "uploaded"


async def test_several_workers_add_each_row_once(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadyard.actions.import_intake.ROWS_AT_ONCE", 10)
    sent = await upload(client, "email,name\n" + people(1, 100))
    await check(service, client, sent["id"])
    await client.post(f"/imports/{sent['id']}/start")
    stop = asyncio.Event()
    importers = [service.installation.importer() for _ in range(3)]
    await asyncio.gather(*(importer.take_turn(stop) for importer in importers))
    done = await wait_for(service, client, sent["id"], "completed")
    assert done["counts"]["added"] == 100
    assert await service.query_one("SELECT count(*) FROM lead_list_entries") == 100
