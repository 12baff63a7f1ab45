"""Work that is seen through although whoever asked for it has gone: what was paid for is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from leadyard.domain.errors import DatabaseAway

LAST_SECONDS = 60.0
"""For so long a process that ends waits for its errands: as long as a call to a provider can take."""
RETRY_SECONDS = 0.5

ResultT = TypeVar("ResultT")

log = structlog.get_logger()


class Errands:
    """The work of this process that nobody's going away ends."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    async def see_through(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """What the work comes to. If whoever waits here is canceled, it goes on without them."""
        return await asyncio.shield(self.start(work))

    def start(self, work: Coroutine[Any, Any, ResultT]) -> asyncio.Task[ResultT]:
        """Begins work that nobody waits for, but the process before it ends."""
        errand = asyncio.create_task(work)
        self._under_way.add(errand)
        errand.add_done_callback(self._under_way.discard)
        return errand

    async def close(self, seconds: float = LAST_SECONDS) -> None:
        """Waits until all are done, and ends those that take longer."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=seconds)
        for errand in late:
            errand.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def insist(write: Callable[[], Awaitable[ResultT]], seconds: float) -> ResultT:
    """Writes down what must not be forgotten, as soon as the database is back.

    What was written already although the database was lost is written again. Raises DatabaseAway if it is
    away for longer.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return await write()
        except DatabaseAway:
            if time.monotonic() >= end:
                raise
            log.warning("paid_call_waits_for_database")
        await asyncio.sleep(RETRY_SECONDS)
