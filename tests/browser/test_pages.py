"""What all pages have in common, in a browser: looks, the keyboard, and that they work without script."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.support.browser import TELEPHONE, WIDE, PageWatch, Scheme, check_accessibility, look_at, tab_to
from tests.support.installation import ADMIN_EMAIL
from tests.support.served import Served
from tests.support.signing_in import PASSWORD, sign_in

from leadyard.dashboard.navigation import NAVIGATION

PATHS = [
    "/account/profile",
    "/account/erasures",
    *(entry.path for group in NAVIGATION for entry in group.entries),
]


async def test_somebody_signs_in_and_out_by_keyboard(
    page: Page, context: BrowserContext, served: Served
) -> None:
    await sign_in(context, served, ADMIN_EMAIL)
    await context.clear_cookies()
    await page.goto("/account/credits?days=7")
    await expect(page).to_have_title("Sign in · Leadyard")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await page.keyboard.type(ADMIN_EMAIL)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/account/credits\?days=7$"))
    await tab_to(page, page.get_by_role("button", name="Sign out", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You are signed out.")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (TELEPHONE, "dark")], ids=["wide", "telephone"]
)
async def test_every_page_reads_well(
    page: Page, context: BrowserContext, served: Served, size: dict[str, int], scheme: Scheme
) -> None:
    await sign_in(context, served, ADMIN_EMAIL, "live")
    for path in PATHS:
        await page.goto(path)
        await look_at(page, size, scheme)  # type: ignore[arg-type]
        await check_accessibility(page)


async def test_dialog_is_filled_in_by_keyboard_and_its_key_is_shown(
    page: Page, context: BrowserContext, served: Served
) -> None:
    await sign_in(context, served, ADMIN_EMAIL)
    await page.goto("/account/keys")
    opener = page.get_by_role("button", name="Create a key").first
    await tab_to(page, opener)
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await check_accessibility(page)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, dialog.get_by_label("Name"))
    await page.keyboard.type("Made by keyboard")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Copy this key now.")).to_be_visible()
    await expect(page.locator("#made-key")).to_have_text(re.compile(r"^ly_test_\w{39}$"))


async def test_form_that_is_refused_is_open_again_with_what_was_typed(
    page: Page, context: BrowserContext, served: Served, watch: PageWatch
) -> None:
    watch.expect("status of 400")
    await sign_in(context, served, ADMIN_EMAIL)
    await page.goto("/account/credits")
    await page.get_by_role("button", name="Grant credits").click()
    await page.get_by_label("Amount").fill("many")
    await page.get_by_label("Reason").fill("for autumn")
    await page.get_by_role("button", name="Grant", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Reason")).to_have_value("for autumn")
    await expect(dialog.get_by_text("The amount must be more than 0")).to_be_visible()


async def test_menu_opens_on_a_telephone(page: Page, context: BrowserContext, served: Served) -> None:
    await sign_in(context, served, ADMIN_EMAIL)
    await page.set_viewport_size(TELEPHONE)
    await page.goto("/lists")
    link = page.get_by_role("link", name="Audit log")
    await expect(link).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await link.click()
    await expect(page).to_have_url(re.compile("/account/audit$"))


async def test_pages_work_without_script(browser: Browser, served: Served) -> None:
    context = await browser.new_context(base_url=served.url, java_script_enabled=False, viewport=WIDE)
    await sign_in(context, served, ADMIN_EMAIL)
    page = await context.new_page()
    await page.goto("/account/exclusions")
    await page.get_by_role("button", name="Live data").click()
    await expect(page.get_by_text("Test data.", exact=True)).to_be_hidden()
    await page.get_by_role("button", name="Dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("button", name="Exclude e-mails").first.click()
    await page.get_by_label("One in each line").fill("no.script@acme.example")
    await page.get_by_role("button", name="Exclude", exact=True).click()
    await expect(page.get_by_role("rowheader", name="no.script@acme.example")).to_be_visible()
    await context.close()
