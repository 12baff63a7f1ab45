"""What browser tests share: a watch over a page, sizes, accessibility, the keyboard, and being offline."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    WebError,
)

WIDE: ViewportSize = {"width": 1440, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[ViewportSize, Scheme], ...] = (
    (WIDE, "light"),
    (WIDE, "dark"),
    (TELEPHONE, "light"),
    (TELEPHONE, "dark"),
)
MAX_TAB_STOPS = 200
ACCESSIBILITY_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
GRAVE = ("serious", "critical")
INNER_SCHEMES = ("data", "blob", "about")
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
})
"""


class PageWatch:
    """Collects what no page may do: errors in console or script, violated policies, requests off the host."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        """Watches every page of the context; `host` is the only one, with its port, that they may ask."""
        self._host = host
        self._expected: list[re.Pattern[str]] = []
        self._seen: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def expect(self, pattern: str) -> None:
        """What the test brings about on purpose is no fault: `expect("status of 422")`."""
        self._expected.append(re.compile(pattern))

    def faults(self) -> list[str]:
        """What happened and was not expected."""
        return [seen for seen in self._seen if not any(known.search(seen) for known in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self._seen.append(f"error in a script: {error.error}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in INNER_SCHEMES and address.netloc != self._host:
            self._seen.append(f"request off the host: {request.url}")


async def check_accessibility(page: Page, without: tuple[str, ...] = ()) -> None:
    """Fails for every serious or critical finding of axe (WCAG 2.1 A and AA), but for those in `without`."""
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": list(ACCESSIBILITY_TAGS)}}
    found = await Axe().run(page, context={"exclude": [[part] for part in without]}, options=options)
    grave = [
        f"{violation['id']} ({violation['impact']}): {node['html'][:200]}: {node['failureSummary']}"
        for violation in found.response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
    assert not grave, "\n".join([page.url, *grave])


async def look_at(page: Page, size: ViewportSize, scheme: Scheme) -> None:
    """The page as it is at this size, light or dark; it must not scroll sideways."""
    await page.set_viewport_size(size)
    await page.emulate_media(color_scheme=scheme)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], f"{page.url} is {width} pixels wide at {size['width']}"


async def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until the target has the focus, as somebody without a mouse does."""
    for _ in range(MAX_TAB_STOPS):
        await page.keyboard.press("Tab")
        if await target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached by Tab")


@asynccontextmanager
async def offline(page: Page) -> AsyncIterator[None]:
    """The connection is cut for as long as the block runs."""
    await page.context.set_offline(True)
    try:
        yield
    finally:
        await page.context.set_offline(False)
