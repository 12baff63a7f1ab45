"""/docs in a browser."""

from __future__ import annotations

from playwright.async_api import Page, expect
from tests.support.browser import LOOKS, check_accessibility, look_at

VENDORED = ".swagger-ui"
"""What is not ours to mend: axe finds selects without names and buttons within buttons there."""


async def test_reference_shows_every_operation_and_its_details(page: Page) -> None:
    await page.goto("/docs")
    add_leads = page.locator(".opblock", has_text="/lead-lists/{id}/leads").first
    await expect(add_leads).to_be_visible()
    await add_leads.locator(".opblock-summary-control").first.click()
    await expect(add_leads.get_by_text("over_capacity").first).to_be_visible()


async def test_reference_reads_well_in_every_look(page: Page) -> None:
    await page.goto("/docs")
    await expect(page.locator(".opblock").first).to_be_visible()
    for size, scheme in LOOKS:
        await look_at(page, size, scheme)
        await check_accessibility(page, without=(VENDORED,))
