"""What a worker does side by side, begun one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from leadyard.worker.dispatcher import pause

GAP_SECONDS = 0.05
"""Longer than a look at the database takes."""

Part = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Goes on until the event is set."""


async def run_all(parts: Iterable[Part], stop: asyncio.Event) -> None:
    """Runs all until they have ended. What one raises ends the others.

    Each begins with a look at the database: begun at once, each would find no connection free, open one, and
    keep it.
    """
    async with asyncio.TaskGroup() as tasks:
        for part in parts:
            tasks.create_task(part(stop))
            await pause(GAP_SECONDS, stop)
