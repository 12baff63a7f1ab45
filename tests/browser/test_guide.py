"""/docs/guide in a browser."""

from __future__ import annotations

from playwright.async_api import Page, expect
from tests.support.browser import LOOKS, check_accessibility, look_at


async def test_guide_reads_well_in_every_look_and_leads_on(page: Page) -> None:
    await page.goto("/docs/guide")
    for size, scheme in LOOKS:
        await look_at(page, size, scheme)
        await check_accessibility(page)
    await page.get_by_role("link", name="Endpoints").click()
    await expect(page.get_by_role("heading", name="Endpoints", level=1)).to_be_visible()
    for size, scheme in LOOKS:
        await look_at(page, size, scheme)
    # It is long: once in each size, and in each scheme.
    for size, scheme in LOOKS[::3]:
        await look_at(page, size, scheme)
        await check_accessibility(page)
