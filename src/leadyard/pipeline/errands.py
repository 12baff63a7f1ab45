"""Work that is seen through although whoever asked for it has gone: what was paid for is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

LAST_SECONDS = 60.0
"""For so long a process that ends waits for its errands: as long as a call to a provider can take."""

ResultT = TypeVar("ResultT")


class Errands:
    """The work of this process that nobody's going away ends."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    async def see_through(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """What the work comes to. If whoever waits here is canceled, it goes on without them."""
        errand = asyncio.create_task(work)
        self._under_way.add(errand)
        errand.add_done_callback(self._under_way.discard)
        return await asyncio.shield(errand)

    async def close(self, seconds: float = LAST_SECONDS) -> None:
        """Waits until all are done, and ends those that take longer."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=seconds)
        for errand in late:
            errand.cancel()
        await asyncio.gather(*late, return_exceptions=True)
