"""Answers that hold for a time, each asked for once meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")

Clock = Callable[[], float]
"""Seconds that only ever grow."""


class Kept(Generic[ValueT]):
    """At most `most` values by name, each until its time is over; the oldest make room."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._values: dict[str, tuple[float, ValueT]] = {}

    def find(self, name: str) -> ValueT | None:
        """The value, or None if there is none or its time is over."""
        expires_at, value = self._values.get(name, (float("-inf"), None))
        return value if self._clock() < expires_at else None

    def keep(self, name: str, value: ValueT, seconds: float) -> None:
        """Keeps a value in the place of an older one."""
        self._values.pop(name, None)
        if len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[name] = (self._clock() + seconds, value)


class AskedOnce(Generic[ValueT]):
    """Values that are asked for by name; `ask` returns one and for how many seconds it holds."""

    def __init__(
        self, ask: Callable[[str], Awaitable[tuple[ValueT, float]]], most: int, clock: Clock
    ) -> None:
        self._ask = ask
        self._kept: Kept[ValueT] = Kept(most, clock)
        self._running: dict[str, asyncio.Task[ValueT]] = {}

    async def get(self, name: str) -> ValueT:
        """The value; whoever asks while it is being asked for waits for that."""
        kept = self._kept.find(name)
        if kept is not None:
            return kept
        task = self._running.get(name)
        if task is None:
            task = asyncio.create_task(self._ask_and_keep(name))
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
        # Shielded, for one who gives up must not take the answer from the others.
        return await asyncio.shield(task)

    async def _ask_and_keep(self, name: str) -> ValueT:
        value, seconds = await self._ask(name)
        self._kept.keep(name, value, seconds)
        return value
