"""The pages on which a file of leads is imported, without script."""

from __future__ import annotations

import re

import pytest
from tests.api.imports.support import wait_for
from tests.support.html import Html
from tests.support.installation import Client, Service, create_list

MESSY = (
    "Work Email;Full Name;Note\n"
    "anna@acme.example;Anna Müller;<b>bold</b>\n"
    "ben(at)acme.example;Ben;call\n"
    ";Nobody;\n"
    "ANNA@acme.example;Anna;\n"
).encode("cp1252")
FORM = {
    "column-0": "email",
    "column-1": "full_name",
    "column-2": "data",
    "target": "new",
    "name": "Q3",
    "type": "email",
    "validate_email": "1",
}


async def send(browser: Client, content: bytes = MESSY) -> str:
    """The path of the import of a file."""
    answer = await browser.post("/import", files={"file": ("Q3 leads.csv", content, "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def read(browser: Client, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    assert Html(answer.text).inline == []
    return answer.text


async def test_messy_file_is_imported_step_by_step(service: Service, browser: Client, client: Client) -> None:
    path = await send(browser)
    import_id = path.rpartition("/")[2]
    shown = await read(browser, path)
    assert "Anna Müller · Ben · Nobody" in shown
    assert '<option value="email" selected>' in shown

    refused = await browser.post(f"{path}/columns", data={**FORM, "column-0": "data"})
    assert (refused.status_code, "there must be a column that is email" in refused.text) == (400, True)
    answer = await browser.post(f"{path}/columns", data=FORM)
    assert answer.headers["location"] == path
    assert "being checked" in await read(browser, path)
    await wait_for(service, client, import_id, "checked")

    review = await read(browser, path)
    assert "1 leads go to the new list Q3" in review
    assert "4 rows in the file" in shown
    assert "4 rows in the file" in review
    assert "1 at least, 1 at most" in review
    assert 'value="ben(at)acme.example" aria-label="Work Email of row 3" aria-invalid="true"' in review
    mended = await browser.post(
        f"{path}/rows/3", data={"cell-0": "ben@acme.example", "back": f"{path}/rows?verdict=faulty"}
    )
    assert mended.headers["location"] == f"{path}/rows?verdict=faulty"
    elsewhere = await browser.post(f"{path}/rows/4", data={"act": "leave", "back": "//evil.example"})
    assert elsewhere.headers["location"] == path
    assert "Left out (1)" in await read(browser, f"{path}/rows?verdict=ready")
    assert "&lt;b&gt;bold&lt;/b&gt;" in await read(browser, f"{path}/rows")

    await browser.post(f"{path}/start", data={"most_email": "2000", "most_phone": "0"})
    done = await wait_for(service, client, import_id, "completed")
    summary = await read(browser, path)
    assert "The file is imported." in summary
    assert f"/lists/{done['lead_list_id']}" in summary
    assert "2 rows that were not imported" in summary
    file = await browser.get(f"{path}/refused")
    assert "ANNA@acme.example" in file.text
    assert "Q3 leads.csv" in await read(browser, "/import")
    await browser.post(f"{path}/undo")
    assert "This import was undone." in await read(browser, path)


async def test_file_that_cannot_be_read_is_told_on_the_page(browser: Client) -> None:
    answer = await browser.post("/import", files={"file": ("x.pdf", b"%PDF-1.7", "application/pdf")})
    assert (answer.status_code, "The file is a PDF" in answer.text) == (400, True)
    answer = await browser.post("/import", files={"file": ("", b"", "application/octet-stream")})
    assert answer.status_code == 400


async def test_names_are_read_from_another_row(browser: Client) -> None:
    path = await send(browser, b"email,x\nMail,Name\na@acme.example,A\n")
    await browser.post(f"{path}/columns", data={"header_row": "2", "again": "1"})
    shown = await read(browser, f"{path}?step=columns")
    assert re.search(r'<th scope="row" id="name-0">Mail</th>', shown)


async def test_progress_is_told_and_then_that_it_is_over(
    service: Service, browser: Client, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await send(browser)
    await browser.post(f"{path}/columns", data=FORM)
    (stream,) = re.findall(r'hx-sse:connect="([^"]+)"', await read(browser, path))
    monkeypatch.setattr("leadyard.dashboard.live.LIFETIME_SECONDS", 0.5)
    assert ": 0 percent</label>" in (await browser.get(f"{path}/live?since=before")).text
    await wait_for(service, client, path.rpartition("/")[2], "checked")
    assert "event: over" in (await browser.get(stream)).text
    await browser.post(f"{path}/cancel")
    assert "was canceled" in await read(browser, path)


async def test_import_that_became_dearer_is_shown_anew(
    service: Service, browser: Client, client: Client
) -> None:
    made = await create_list(client, "email", name="Nordics")
    path = await send(browser)
    await browser.post(f"{path}/columns", data={**FORM, "target": made["id"]})
    await wait_for(service, client, path.rpartition("/")[2], "checked")
    told = dict(re.findall(r'name="(most_\w+)" value="(\d+)"', await read(browser, path)))
    await client.patch(f"/lead-lists/{made['id']}", json={"options": {"validate_email": True}})
    await browser.post(f"{path}/start", data=told)
    shown = await read(browser, path)
    assert "What this costs has changed meanwhile." in shown
    told = dict(re.findall(r'name="(most_\w+)" value="(\d+)"', shown))
    assert told == {"most_email": "1000", "most_phone": "0"}
    await browser.post(f"{path}/start", data=told)
    await wait_for(service, client, path.rpartition("/")[2], "completed")
    await service.until_completed(client, made["id"])


async def test_encoding_can_be_chosen_where_it_is_guessed_wrong(browser: Client) -> None:
    file = {"file": ("a.csv", "E-mail;Имя\nanna@acme.example;Анна\n".encode("cp1251"), "text/csv")}
    chosen = await browser.post("/import", files=file, data={"encoding": "cp1251"})
    assert "Анна" in await read(browser, chosen.headers["location"])
    wrong = await browser.post("/import", files=file, data={"encoding": "cp1252"})
    assert "Àííà" in await read(browser, wrong.headers["location"])
    none = await browser.post("/import", files=file, data={"encoding": "klingon"})
    assert (none.status_code, "There is no such encoding." in none.text) == (400, True)


async def test_sample_file_is_one_that_can_be_imported(browser: Client) -> None:
    page = await read(browser, "/import")
    sample = next(link for link in Html(page).references if "sample-leads" in link)
    path = await send(browser, (await browser.get(sample)).content)
    shown = await read(browser, path)
    assert shown.count(" selected>") >= 8


async def test_file_for_a_list_is_for_that_list_unless_another_is_chosen(
    browser: Client, client: Client
) -> None:
    made = await create_list(client, "email", name="Nordics")
    path = f"/import?list={made['id']}"
    assert f'action="{path}"' in await read(browser, path)
    answer = await browser.post(path, files={"file": ("leads.csv", MESSY, "text/csv")})
    shown = await read(browser, answer.headers["location"])
    assert f'<option value="{made["id"]}" selected>' in shown
    (await client.delete(f"/lead-lists/{made['id']}")).raise_for_status()
    assert f'<option value="{made["id"]}"' not in await read(browser, answer.headers["location"])
