"""A browser and a served installation, one of each for all the tests here, and a page for each test.

The tests here share one event loop, since the browser belongs to it, and run in one worker of pytest-xdist.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tests.support.browser import TELL_VIOLATIONS, WIDE, PageWatch
from tests.support.chromium import ARGUMENTS, NoChromium, chromium_path, is_required
from tests.support.installation import ADMIN_EMAIL
from tests.support.served import Served, serve
from tests.support.signing_in import sign_in

PATIENCE_MS = 20_000


def pytest_itemcollected(item: pytest.Item) -> None:
    """One loop for all of them."""
    item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window and with a profile that is thrown away."""
    try:
        path = chromium_path()
    except NoChromium as missing:
        if is_required():
            raise
        pytest.skip(str(missing))
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation for all the tests here: each makes the lists that it looks at itself."""
    with serve(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, served: Served) -> AsyncIterator[BrowserContext]:
    """A browser that knows nothing yet: no cookies, no cache."""
    # Colors that fade are not what axe should look at.
    made = await browser.new_context(
        base_url=served.url, viewport=WIDE, color_scheme="light", reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE_MS)
    await made.add_init_script(TELL_VIOLATIONS)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def watch(context: BrowserContext, served: Served) -> AsyncIterator[PageWatch]:
    """Over all pages of this test; fails it for what no page may do."""
    watching = PageWatch(context, urlsplit(served.url).netloc)
    yield watching
    assert watching.faults() == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, watch: PageWatch) -> Page:
    """A page of its own, watched; addresses are paths: `await page.goto("/docs")`."""
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def member(page: Page, served: Served) -> Page:
    """A page of the admin, on the test data."""
    await sign_in(page.context, served, ADMIN_EMAIL)
    return page
