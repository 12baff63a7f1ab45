"""What the database tells whoever runs the service, without asking it more often than that is worth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.statistics import Statistics
from leadyard.storage.database import Database
from leadyard.storage.statistics import get_statistics

KEPT_SECONDS = 10.0


class Watch:
    """Reads the statistics in one transaction, and keeps them for ten seconds, whoever asks meanwhile."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = asyncio.Lock()
        self._read_at: float | None = None
        self._known: Statistics | None = None

    async def look(self) -> Statistics | None:
        """The statistics; None while the database cannot be reached, which is remembered as well."""
        async with self._lock:
            now = self._clock()
            if self._read_at is None or now - self._read_at >= KEPT_SECONDS:
                self._known = await self._read()
                self._read_at = self._clock()
            return self._known

    async def _read(self) -> Statistics | None:
        try:
            async with self._database.read() as tx:
                return await get_statistics(tx)
        except DatabaseAway:
            return None
