"""Questions that outlast a turn: they go on, and the answer waits for whoever asked to come back."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

from leadyard.domain.providers import EmailAnswer, Unavailable

MAX_LEFT = 20_000
KEPT_SECONDS = 3600.0
TURN_SECONDS = 1.0
"""Long enough for a mail host that is quick. Others lose nothing by it, but for their place."""

Answers = list[EmailAnswer | Unavailable]
Asker = tuple[str, int]
"""Who is asked, and in which line."""


class Inquiries:
    """The questions of this process to validators of our own.

    At most MAX_LEFT are left to themselves, and a line leaves no more than there is room for others.
    """

    def __init__(self) -> None:
        self._left: dict[tuple[Asker, tuple[str, ...]], tuple[asyncio.Task[Answers], float]] = {}
        self._held: Counter[Asker] = Counter()

    async def ask(
        self,
        asker: Asker,
        ask: Callable[[Sequence[str]], Coroutine[Any, Any, Answers]],
        batches: Sequence[tuple[str, ...]],
        until: float,
    ) -> list[Answers | None]:
        """The answers to each batch; None if there are none before a time of `time.monotonic`.

        Whoever asks for the same batch again gets the answer that has come meanwhile, or waits on.
        """
        self._forget_old()
        tasks = {
            batch: self._resume(asker, batch) or asyncio.create_task(ask(batch))
            for batch in dict.fromkeys(batches)
        }
        seconds = None if math.isinf(until) else min(until - time.monotonic(), TURN_SECONDS)
        try:
            if tasks:
                await asyncio.wait(tasks.values(), timeout=seconds)
        finally:
            for batch, task in tasks.items():
                if not task.done():
                    self._leave(asker, batch, task)
        return [tasks[batch].result() if tasks[batch].done() else None for batch in batches]

    @property
    def lines(self) -> set[int]:
        """The lines that have questions which were left to themselves."""
        return {line for _, line in self._held}

    def end(self, lines: Collection[int]) -> None:
        """Ends what is asked for these lines: nobody will come back for it."""
        for asker, batch in [left for left in self._left if left[0][1] in lines]:
            if (task := self._resume(asker, batch)) is not None:
                task.cancel()

    async def close(self) -> None:
        """Ends all that is still asked."""
        tasks = [task for task, _ in self._left.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._left.clear()
        self._held.clear()

    def _resume(self, asker: Asker, batch: tuple[str, ...]) -> asyncio.Task[Answers] | None:
        task, _ = self._left.pop((asker, batch), (None, 0.0))
        if task is not None:
            self._held[asker] -= 1
            if not self._held[asker]:
                del self._held[asker]
        return task

    def _leave(self, asker: Asker, batch: tuple[str, ...], task: asyncio.Task[Answers]) -> None:
        if self._held[asker] >= MAX_LEFT - len(self._left) or (asker, batch) in self._left:
            task.cancel()
            return
        self._left[asker, batch] = task, time.monotonic()
        self._held[asker] += 1

    def _forget_old(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        while self._left:
            (asker, batch), (task, left_at) = next(iter(self._left.items()))
            if left_at > oldest:
                return
            self._resume(asker, batch)
            task.cancel()
