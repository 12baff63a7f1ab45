"""What no page may do is seen."""

from __future__ import annotations

import pytest
from playwright.async_api import Page
from tests.support.browser import PageWatch, check_accessibility

DEEDS = {
    "console error: broken": "console.error('broken')",
    "error in a script": "setTimeout(() => { throw new Error('thrown') })",
    "console error: policy violation: style-src-attr inline": "document.body.setAttribute('style', 'top: 0')",
    "request off the host: http://elsewhere.example": "location.href = 'http://elsewhere.example/'",
}


@pytest.mark.parametrize("told", DEEDS)
async def test_what_no_page_may_do_is_seen(page: Page, watch: PageWatch, told: str) -> None:
    await page.goto("/healthz")
    assert watch.faults() == []
    await page.evaluate(DEEDS[told])
    await page.wait_for_timeout(100)
    assert [fault for fault in watch.faults() if fault.startswith(told)], watch.faults()
    watch.expect(".")


async def test_finding_of_axe_fails_the_test(page: Page) -> None:
    await page.goto("/healthz")
    await page.evaluate("document.body.replaceChildren(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        await check_accessibility(page)
