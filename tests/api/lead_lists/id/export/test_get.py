"""Exporting a list."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest
from python_calamine import CalamineWorkbook
from tests.api.lead_lists.id.reopening import people
from tests.api.support import ALL_OPTIONS, UNKNOWN_ID, member, require_error, stranger
from tests.support.installation import TEST_KEY, Client, Service, create_list

from leadyard.actions.export_files import ExportFormat
from leadyard.actions.exports import EXPORTS_AT_ONCE, Export, open_export
from leadyard.actions.lead_lists import get_list
from leadyard.storage.api_keys import find_caller

LEADS: list[dict[str, Any]] = [
    {"linkedin_url": "linkedin.com/in/jane", "campaign": "=HYPERLINK(1)", "row": 1},
    {"linkedin_url": "linkedin.com/in/john-noemail", "title": "CFO"},
    {"linkedin_url": "linkedin.com/in/jim-notfound", "campaign": 'b,"c"\nd'},
]
COLUMNS = "name,title,email,email_result,phone_numbers,enrich,data.campaign"


async def make_list(client: Client, service: Service, name: str = "Q3 – “we”") -> str:
    made = await create_list(client, "linkedin", LEADS, options=ALL_OPTIONS, name=name)
    await service.until_completed(client, made["id"])
    return str(made["id"])


async def export(client: Client, list_id: str, kind: str, query: str = f"&columns={COLUMNS}") -> Any:
    answer = await client.get(f"/lead-lists/{list_id}/export?format={kind}{query}")
    assert answer.status_code == 200, answer.text
    return answer


async def test_every_format_has_the_same_rows(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)
    answer = await export(client, list_id, "csv", f"&columns={COLUMNS}&raw=true")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = (
        "attachment; filename=\"Q3 we.csv\"; filename*=UTF-8''Q3%20%E2%80%93%20%E2%80%9Cwe%E2%80%9D.csv"
    )
    assert answer.headers["content-disposition"] == disposition
    assert rows[0] == COLUMNS.split(",")
    assert [row[5] for row in rows[1:]] == ["found", "found", "not_found"]
    assert [row[6] for row in rows[1:]] == ["=HYPERLINK(1)", "", 'b,"c"\nd']
    assert (rows[1][3], rows[2][1], rows[3][:5]) == ("deliverable", "CFO", [""] * 5)

    book = CalamineWorkbook.from_filelike(io.BytesIO((await export(client, list_id, "xlsx")).content))
    assert book.get_sheet_by_index(0).to_python() == rows
    table = pyarrow.parquet.read_table(io.BytesIO((await export(client, list_id, "parquet")).content))
    cells = [[value or "" for value in row.values()] for row in table.to_pylist()]
    assert [table.column_names, *cells] == rows
    lines = (await export(client, list_id, "ndjson")).text.splitlines()
    objects = [json.loads(line) for line in lines]
    assert [each["phone_numbers"] for each in objects] == [[rows[1][4]], [rows[2][4]], []]
    assert [each["email"] or "" for each in objects] == [row[2] for row in rows[1:]]


async def test_csv_has_no_formulas_unless_it_is_raw(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)
    text = (await export(client, list_id, "csv")).text
    assert "'=HYPERLINK(1)" in text
    assert "'+" not in text


async def test_filters_leave_what_meets_all_of_them(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)

    async def count(query: str) -> int:
        return len((await export(client, list_id, "ndjson", query)).text.splitlines())

    queries = {
        "": 3,
        "&status=done": 3,
        "&status=queued": 0,
        "&enrich=not_found": 1,
        "&has_email=true": 1,
        "&has_email=false&has_phone=true": 1,
        "&result=deliverable": 1,
        "&trouble=any": 0,
        "&search=cF": 1,
        "&search=nobody%25": 0,
        "&search=CFO&has_email=true": 0,
    }
    assert {query: await count(query) for query in queries} == queries


async def test_leads_that_wait_are_found_by_what_was_sent(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", [*people("jane"), {**LEADS[1], "title": "Ärztin"}])
    assert await service.count_jobs()
    answers = [
        await export(client, made["id"], "ndjson", f"&search={word}") for word in ("JANE", "rztin", "zz")
    ]
    assert [len(answer.text.splitlines()) for answer in answers] == [1, 1, 0]
    waiting = await export(client, made["id"], "csv", "&status=queued&columns=status,title")
    assert waiting.text == "status,title\r\nqueued,\r\nqueued,Ärztin\r\n"


async def test_erased_people_are_not_exported(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)
    answer = await client.post("/erasures", json={"linkedin_url": "linkedin.com/in/jane"})
    assert answer.status_code == 200, answer.text
    assert len((await export(client, list_id, "ndjson", "")).text.splitlines()) == 2
    assert "jane" not in (await export(client, list_id, "csv", "")).text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "ndjson"])
async def test_empty_list_is_a_file_too(kind: str, client: Client) -> None:
    made = await create_list(client, "linkedin")
    answer = await export(client, made["id"], kind)
    if kind == "csv":
        assert answer.text == COLUMNS + "\r\n"
    if kind == "parquet":
        assert pyarrow.parquet.read_table(io.BytesIO(answer.content)).num_rows == 0


async def test_what_is_wrong_is_told_all_at_once(client: Client) -> None:
    made = await create_list(client, "linkedin")
    answer = await client.get(
        f"/lead-lists/{made['id']}/export?format=pdf&columns=id,id&status=lost&result=x"
    )
    places = [error["source"]["parameter"] for error in answer.json()["_errors"]]
    assert (answer.status_code, places) == (400, ["format", "columns", "status", "result"])
    answer = await client.get(f"/lead-lists/{made['id']}/export")
    require_error(answer, "missing_field", "Missing parameter from request: format", parameter="format")


async def test_list_that_is_not_there_comes_before_its_parameters(client: Client) -> None:
    answer = await client.get(f"/lead-lists/{UNKNOWN_ID}/export?format=pdf")
    require_error(answer, "not_found", "Could not find lead list.")
    made = await create_list(client, "linkedin")
    await client.delete(f"/lead-lists/{made['id']}")
    answer = await client.get(f"/lead-lists/{made['id']}/export?format=csv")
    require_error(answer, "gone", "Lead list is no longer available.")


async def test_private_list_is_exported_by_nobody_else(client: Client, service: Service) -> None:
    made = await create_list(client, "linkedin", shared=False)
    async with member(service) as colleague:
        answer = await colleague.get(f"/lead-lists/{made['id']}/export?format=csv")
    require_error(answer, "not_found", "Could not find lead list.")


async def test_export_is_written_down(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)
    await export(client, list_id, "csv", "&result=deliverable")
    entries = (await client.get("/audit-entries?action=list.exported")).json()["audit_entries"]
    assert [(entry["subject"], entry["detail"]) for entry in entries] == [
        (list_id, {"format": "csv", "leads": 1})
    ]


async def test_account_is_sent_so_many_exports_at_once(client: Client, service: Service) -> None:
    list_id = await make_list(client, service)
    database = service.installation.database
    async with database.read() as tx:
        found = await find_caller(tx, service.installation.digest(TEST_KEY))
        assert found is not None
        caller = found[1]
        lead_list = await get_list(tx, caller, list_id)
    export_all = Export(ExportFormat.CSV)
    under_way = [await open_export(database, caller, lead_list, export_all) for _ in range(EXPORTS_AT_ONCE)]
    refused = await client.get(f"/lead-lists/{list_id}/export?format=csv")
    require_error(
        refused,
        "service_unavailable",
        "3 exports are on their way to your account. Wait until one of them is there.",
    )
    assert refused.headers["retry-after"]
    async with stranger(service) as someone:
        assert (await someone.get(f"/lead-lists/{list_id}/export?format=csv")).status_code == 404
    assert [part async for part in under_way.pop()] != []
    await export(client, list_id, "csv")
    for parts in under_way:
        assert [part async for part in parts] != []
