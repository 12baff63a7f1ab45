"""The pages beside the API. They are loaded when somebody opens the first: a start does not wait for them."""

from __future__ import annotations

import asyncio
from importlib import import_module

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

ROOTS = frozenset({"account", "assets", "import", "lists", "sign-in", "sign-out", "welcome"})
"""How the paths of pages begin. No path of the API begins so."""
GUIDE = "/docs/guide"


class LatePages:
    """An ASGI application of two: pages by their paths, and another one for everything else."""

    def __init__(self, beside: ASGIApp) -> None:
        self._beside = beside
        self._pages: ASGIApp | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == ScopeType.HTTP and is_page(scope["path"]):
            pages = self._pages or await self._load()
            await pages(scope, receive, send)
        else:
            await self._beside(scope, receive, send)

    async def _load(self) -> ASGIApp:
        async with self._loading:
            if self._pages is None:
                # In a thread, for it takes some tenths of a second, in which others are answered.
                self._pages = await asyncio.to_thread(_make_pages)
            return self._pages


def is_page(path: str) -> bool:
    """Whether a path is that of a page, or of nothing but under where pages are."""
    root = path.split("/", 2)[1]
    return root in ROOTS or path == GUIDE or path.startswith(f"{GUIDE}/") or path == "/"


def _make_pages() -> ASGIApp:
    pages: ASGIApp = import_module("leadyard.dashboard.application").make_pages()
    return pages
