"""Questions that come while others are answered: the next answer is for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from leadyard.pipeline.giving_way import give_way

AskedT = TypeVar("AskedT")
ToldT = TypeVar("ToldT")


class Gathering(Generic[AskedT, ToldT]):
    """Asks for many what each asks for one. `answer` tells one thing for each that is asked, in their order.

    One answer is looked for at a time. It goes on when those who wait for it go away.
    """

    def __init__(self, answer: Callable[[Sequence[AskedT]], Awaitable[Sequence[ToldT]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[AskedT, asyncio.Future[ToldT]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, asked: AskedT) -> ToldT:
        """What is told of this one. Raises what looking for it raised."""
        told: asyncio.Future[ToldT] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, told))
        if self._task is None:
            self._task = asyncio.create_task(self._tell())
        return await told

    async def _tell(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                answers = await self._answer([asked for asked, _ in waiting])
            except Exception as error:
                for _, told in waiting:
                    if not told.done():
                        told.set_exception(error)
                continue
            for number, ((_, told), answer) in enumerate(zip(waiting, answers, strict=True)):
                if not told.done():
                    told.set_result(answer)
                await give_way(number)
        self._task = None
