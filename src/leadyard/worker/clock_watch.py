"""Notices that a clock was set back, and lets what waits wait no longer than it was to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from leadyard.storage.clock_steps import find_newest, move_waits, read_clocks
from leadyard.storage.database import Database

LEAST_STEP = timedelta(seconds=2)
"""Clocks of several machines may differ by a second, and nobody notices a wait that is longer by as much."""

ReadClocks = Callable[[Database], Awaitable[Sequence[float]]]

log = structlog.get_logger()


class ClockWatch:
    """Compares the clocks with how much time has passed, each time it looks.

    The first time it compares them with what is stored: they may have been set back while nobody worked.
    """

    def __init__(self, database: Database, read: ReadClocks = read_clocks) -> None:
        self._database = database
        self._read = read
        self._leads: Sequence[float] | None = None
        self._step = timedelta(0)

    async def notice_steps(self) -> timedelta:
        """Moves what waits, if a clock was set back; returns by how much."""
        leads = await self._read(self._database)
        if self._leads is None:
            back = await self._behind_what_is_stored()
        else:
            back = max(
                timedelta(seconds=before - now) for before, now in zip(self._leads, leads, strict=False)
            )
        self._leads = leads
        if back >= LEAST_STEP:
            self._step += back
        if moved := self._step:
            log.warning("clock_set_back", seconds=round(moved.total_seconds(), 1))
            await move_waits(self._database, moved)
            self._step = timedelta(0)
        return moved

    async def _behind_what_is_stored(self) -> timedelta:
        async with self._database.read() as tx:
            newest = await find_newest(tx)
            return timedelta(0) if newest is None else newest - tx.now
