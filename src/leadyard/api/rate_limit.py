"""Requests a minute for each key, and the headers that tell of it.

Headers: draft-ietf-httpapi-ratelimit-headers (`RateLimit-Policy` and `RateLimit`). Where there may be several
processes they share what a key has: each takes some requests at a time, so that few of those it answers cost
a look into the database, and together they never answer more than the limit.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from leadyard.domain.errors import ErrorCode, Fault, LeadyardError
from leadyard.domain.request_windows import Lease

WINDOW_SECONDS = 60
MAX_KEYS = 10_000

TakeLease = Callable[[int, int, float], Awaitable[Lease]]
"""Takes some requests of a key, of so many in a window of so many seconds."""


class TooManyRequests(LeadyardError):
    """The key has used its requests of this minute (429). `retry_after` is in whole seconds."""

    def __init__(self, limit: int, retry_after: int) -> None:
        detail = f"More than {limit:,} requests in a minute."
        super().__init__(Fault(ErrorCode.TOO_MANY_REQUESTS, detail))
        self.retry_after = retry_after


class _Window(msgspec.Struct):
    """A key's minute: when it ends, what all processes took of it, and what this one may still answer."""

    ends_at: float
    taken: int = 0
    leased: int = 0
    is_used_up: bool = False
    turn: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class RateLimiter:
    """Counts requests in windows of a minute that begin with a key's first request. 0 is no limit.

    Without `take_lease` this process is the only one.
    """

    def __init__(
        self, limit: int, clock: Callable[[], float] = time.monotonic, take_lease: TakeLease | None = None
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._take_lease = take_lease or self._take_all
        self._windows: OrderedDict[int, _Window] = OrderedDict()

    async def require_allowed(self, key_id: int) -> None:
        """Counts a request. Raises TooManyRequests when the window is used up, and DatabaseAway."""
        if not self._limit:
            return
        window = self._window(key_id)
        if not window.leased and not window.is_used_up:
            async with window.turn:
                if not window.leased and not window.is_used_up:
                    await self._lease(key_id, window)
        if not window.leased:
            raise TooManyRequests(self._limit, self._seconds_left(window))
        window.leased -= 1

    def headers(self, key_id: int | None) -> dict[str, str]:
        """The two headers for a key; without a key, those of one that has used nothing."""
        if not self._limit:
            return {}
        remaining, left = self._limit, WINDOW_SECONDS
        window = None if key_id is None else self._windows.get(key_id)
        if window is not None:
            remaining, left = self._limit - window.taken + window.leased, self._seconds_left(window)
        return {
            "RateLimit-Policy": f'"default";q={self._limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r={remaining};t={left}',
        }

    def _window(self, key_id: int) -> _Window:
        window = self._windows.get(key_id)
        if window is None or self._clock() >= window.ends_at:
            window = self._windows[key_id] = _Window(self._clock() + WINDOW_SECONDS)
        self._windows.move_to_end(key_id)
        if len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)
        return window

    async def _lease(self, key_id: int, window: _Window) -> None:
        lease = await self._take_lease(key_id, self._limit, WINDOW_SECONDS)
        window.ends_at = self._clock() + lease.seconds_left
        window.taken, window.leased, window.is_used_up = lease.taken, lease.granted, not lease.granted

    async def _take_all(self, key_id: int, limit: int, seconds: float) -> Lease:
        """All that there is, once in a window: nobody else takes any."""
        window = self._windows[key_id]
        return Lease(0 if window.taken else limit, limit, window.ends_at - self._clock())

    def _seconds_left(self, window: _Window) -> int:
        return max(1, math.ceil(window.ends_at - self._clock()))
