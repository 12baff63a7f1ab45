"""Requests a minute for each key, and the headers that tell of it.

Headers: draft-ietf-httpapi-ratelimit-headers (`RateLimit-Policy` and `RateLimit`). The count is kept in
each process; with several processes a key may reach the limit in each of them.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from leadyard.domain.errors import ErrorCode, Fault, LeadyardError

WINDOW_SECONDS = 60
MAX_KEYS = 10_000


class TooManyRequests(LeadyardError):
    """The key has used its requests of this minute (429). `retry_after` is in whole seconds."""

    def __init__(self, limit: int, retry_after: int) -> None:
        detail = f"More than {limit:,} requests in a minute."
        super().__init__(Fault(ErrorCode.TOO_MANY_REQUESTS, detail))
        self.retry_after = retry_after


class RateLimiter:
    """Counts requests in windows of a minute that begin with a key's first request. 0 is no limit."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: OrderedDict[int, tuple[float, int]] = OrderedDict()

    def count(self, key_id: int) -> int:
        """Counts a request of a key; returns how many that makes in its window."""
        now = self._clock()
        begin, used = self._windows.pop(key_id, (now, 0))
        if now - begin >= WINDOW_SECONDS:
            begin, used = now, 0
        self._windows[key_id] = (begin, used + 1)
        if len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)
        return used + 1

    def require_allowed(self, key_id: int) -> None:
        """Counts a request. Raises TooManyRequests when the window is used up."""
        if self._limit and self.count(key_id) > self._limit:
            raise TooManyRequests(self._limit, self._seconds_left(key_id))

    def headers(self, key_id: int | None) -> dict[str, str]:
        """The two headers for a key; without a key, those of one that has used nothing."""
        if not self._limit:
            return {}
        used, left = 0, WINDOW_SECONDS
        if key_id is not None and key_id in self._windows:
            used, left = self._windows[key_id][1], self._seconds_left(key_id)
        remaining = max(self._limit - used, 0)
        return {
            "RateLimit-Policy": f'"default";q={self._limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r={remaining};t={left}',
        }

    def _seconds_left(self, key_id: int) -> int:
        begin, _ = self._windows[key_id]
        return max(1, math.ceil(begin + WINDOW_SECONDS - self._clock()))
