"""Slots for which lines take turns: who wants few does not stand behind who wants many."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from leadyard.domain.fair_queue import FairQueue


class FairSlots:
    """At most `most` at once, and lines that take turns when there are more.

    With `leaves_room` a line gets a slot only while it holds fewer than are free: the first line gets
    half of all, the next one half of the rest, so that there is one left for whoever comes next.
    """

    def __init__(self, most: int, *, leaves_room: bool = False) -> None:
        self._free = most
        self._leaves_room = leaves_room
        self._held: Counter[int] = Counter()
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()

    @asynccontextmanager
    async def slot(self, line: int) -> AsyncIterator[None]:
        """A slot for as long as the block lasts."""
        await self._take(line)
        try:
            yield
        finally:
            self._give_back(line)

    def _may_take(self, line: int) -> bool:
        return self._free > (self._held[line] if self._leaves_room else 0)

    def _grant(self, line: int) -> None:
        self._free -= 1
        self._held[line] += 1

    async def _take(self, line: int) -> None:
        if self._may_take(line):
            self._grant(line)
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.add(line, granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self._give_back(line)
            raise

    def _give_back(self, line: int) -> None:
        self._free += 1
        self._held[line] -= 1
        if not self._held[line]:
            del self._held[line]
        while line_to_admit := [line for line in self._waiting.lines if self._may_take(line)]:
            granted = self._waiting.take(line_to_admit[0])
            if not granted.done():
                self._grant(line_to_admit[0])
                granted.set_result(None)
