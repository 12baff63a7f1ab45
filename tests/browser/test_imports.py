"""A file of leads is imported in a browser: dropped, matched, mended, imported and looked at."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack

from playwright.async_api import Page, expect
from tests.support.browser import TELEPHONE, PageWatch, check_accessibility, look_at, offline, tab_to
from tests.support.cable import lay_cable
from tests.support.served import Served

MESSY = (
    "Export of the CRM\n\n"
    "Work E-mail;Vorname;Nachname;Firma;Notiz\n"
    "zoe@acme.example;Zoë;Müller;Acme;'=1+1\n"
    "ZOE@Acme.example ;Zoë;Müller;Acme;\n"
    'ben(at)acme.example;Ben;Roe;Acme;"two\nlines"\n'
    ";;;;\n"
    ";Nobody;;;\n"
    "cem@acme.example;Cem;Öz;Acme;\n"
).encode("cp1252")


async def test_messy_file_is_imported_and_what_is_left_comes_back_as_a_file(member: Page) -> None:
    await member.goto("/import")
    await check_accessibility(member)
    await member.get_by_label("Choose a file").set_input_files(
        {"name": "prospects.csv", "mimeType": "text/csv", "buffer": MESSY}
    )
    await member.get_by_role("button", name="Upload").click()
    await expect(member.get_by_role("heading", name="prospects.csv")).to_be_visible()
    await expect(member.get_by_label("Work E-mail")).to_have_value("email")
    await expect(member.get_by_label("Notiz")).to_have_value("data")
    await expect(member.get_by_text("Zoë · Zoë · Ben")).to_be_visible()
    await check_accessibility(member)
    await member.get_by_label("Name of the new list").fill("From a file")
    await tab_to(member, member.get_by_role("button", name="Check the rows"))
    await member.keyboard.press("Enter")

    await expect(member.get_by_role("heading", name="2 leads go to the new list From a file")).to_be_visible()
    await look_at(member, TELEPHONE, "dark")
    await check_accessibility(member)
    await member.get_by_label("Work E-mail of row 6").fill("ben@acme.example")
    await member.get_by_role("button", name="Save row 6").click()
    await expect(member.get_by_text("Row 6 is ready.")).to_be_visible()
    await member.get_by_role("button", name="Import 3 leads").click()

    await expect(member.get_by_text("The file is imported.")).to_be_visible()
    await check_accessibility(member)
    async with member.expect_download() as download:
        await member.get_by_role("link", name="2 rows that were not imported").click()
    refused = (await (await download.value).path()).read_text()
    assert re.findall(r"^(\d+),([^,]*),", refused, re.MULTILINE) == [
        ("5", "is there twice in the file"),
        ("8", "no email"),
    ]
    await member.get_by_role("link", name="Added: 3 rows").click()
    await expect(member.get_by_role("cell", name="cem@acme.example")).to_be_visible()
    await check_accessibility(member)
    await member.go_back()
    await member.get_by_role("button", name="Undo the import").click()
    await expect(member.get_by_text("This import was undone.")).to_be_visible()


async def test_file_that_is_none_is_told_of_where_it_was_chosen(member: Page, watch: PageWatch) -> None:
    watch.expect("status of 400")
    await member.goto("/import")
    await member.get_by_label("Choose a file").set_input_files(
        {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    await member.get_by_role("button", name="Upload").click()
    await expect(member.get_by_text("The file is a PDF: save it as XLSX or CSV.")).to_be_visible()


async def upload(page: Page, name: str, content: bytes, address: str = "/import") -> None:
    await page.goto(address)
    await page.get_by_label("Choose a file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    await page.get_by_role("button", name="Upload").click()


async def begin_long_import(page: Page, name: str, count: int) -> None:
    rows = "".join(f"lead-{number}@acme.example\n" for number in range(count))
    await upload(page, name, f"email\n{rows}".encode())
    await page.get_by_role("button", name="Check the rows").click()
    await page.get_by_role("button", name=f"Import {count:,} leads").click()
    await expect(page.get_by_text("The rows are being imported")).to_be_visible()


async def test_import_is_followed_to_its_end_though_the_connection_is_cut(
    member: Page, watch: PageWatch
) -> None:
    watch.expect("INTERNET_DISCONNECTED|Failed to fetch")
    await begin_long_import(member, "long.csv", 10_000)
    async with offline(member):
        await member.wait_for_timeout(2500)
    await expect(member.get_by_text("The file is imported.")).to_be_visible()
    await expect(member.get_by_role("link", name="Added: 10,000 rows")).to_be_visible()


async def test_import_is_followed_to_its_end_though_the_server_is_killed(
    member: Page, watch: PageWatch, served: Served
) -> None:
    watch.expect("ERR_|Failed to fetch|network error|status of 503")
    half_way = "SELECT 1 FROM imports WHERE status = 'importing' AND next_batch > 0"
    with ExitStack() as held:
        holding = asyncio.create_task(asyncio.to_thread(held.enter_context, served.hold(half_way)))
        await begin_long_import(member, "killed.csv", 10_000)
        await holding
        await asyncio.to_thread(served.kill)
    await expect(member.get_by_role("progressbar")).to_be_visible()
    await asyncio.to_thread(served.start_again)
    await expect(member.get_by_text("The file is imported.")).to_be_visible()
    await expect(member.get_by_role("link", name="Added: 10,000 rows")).to_be_visible()
    await member.get_by_role("link", name="Open").click()
    await expect(member.get_by_text("10,000 leads", exact=False).first).to_be_visible()


async def test_upload_that_was_cut_off_is_sent_again_and_kept_once(
    member: Page, watch: PageWatch, served: Served
) -> None:
    note = "x" * 1_000
    rows = "".join(f"lead-{number}@acme.example,{note}\n" for number in range(2_000))
    async with lay_cable(served.port) as cable:
        watch.expect(f"request off the host: {cable.url}|ERR_")
        cable.breaks_after = 1_000_000
        await upload(member, "cut.csv", f"email,note\n{rows}".encode(), f"{cable.url}/import")
        await expect(member.get_by_text("The connection was lost. Send the file again.")).to_be_visible()
        cable.breaks_after = None
        await member.get_by_role("button", name="Upload").click()
        await expect(member.get_by_role("heading", name="cut.csv")).to_be_visible()
        await member.goto("/import")
        await expect(member.get_by_role("link", name="cut.csv")).to_have_count(1)
