"""A file of leads is imported in a browser: dropped, matched, mended, imported and looked at."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect
from tests.support.browser import TELEPHONE, PageWatch, check_accessibility, look_at, offline, tab_to

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


async def test_import_is_followed_to_its_end_though_the_connection_is_cut(
    member: Page, watch: PageWatch
) -> None:
    watch.expect("INTERNET_DISCONNECTED|Failed to fetch")
    rows = "".join(f"lead-{number}@acme.example\n" for number in range(10_000))
    await member.goto("/import")
    await member.get_by_label("Choose a file").set_input_files(
        {"name": "long.csv", "mimeType": "text/csv", "buffer": f"email\n{rows}".encode()}
    )
    await member.get_by_role("button", name="Upload").click()
    await member.get_by_role("button", name="Check the rows").click()
    await member.get_by_role("button", name="Import 10,000 leads").click()
    await expect(member.get_by_text("The rows are being imported")).to_be_visible()
    async with offline(member):
        await member.wait_for_timeout(2500)
    await expect(member.get_by_text("The file is imported.")).to_be_visible()
    await expect(member.get_by_role("link", name="Added: 10,000 rows")).to_be_visible()
