"""Small chunks of one list take turns in what locks it, here and not in the database."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from weakref import WeakValueDictionary

from leadyard.domain.lead_lists import Chunk


class ListTurns:
    """A lock for each list, for one process.

    Whoever waits for a list in the database waits behind all who came before. Of leads that are added one by
    one each has a chunk, and were these all in that line, whoever adds another would get the list after each
    of them, and too many would wait soon. As it is, one small chunk waits there at most.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, chunk: Chunk) -> AbstractAsyncContextManager[None]:
        """The turn of a chunk, if it is small: larger ones are few, and slower if they take turns."""
        if not chunk.is_small:
            return nullcontext()
        lock = self._locks.get(chunk.list_id)
        if lock is None:
            lock = self._locks[chunk.list_id] = asyncio.Lock()
        return lock
