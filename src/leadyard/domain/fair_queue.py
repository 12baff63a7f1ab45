"""Lines that take turns: who brings little does not stand behind who brings much."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class FairQueue(Generic[ItemT]):
    """Items in lines; the lines have their turns one after another, with one item each time."""

    def __init__(self) -> None:
        self._lines: dict[int, deque[ItemT]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    @property
    def lines(self) -> list[int]:
        """Those that are not empty, the one whose turn it is first."""
        return list(self._lines)

    def add(self, line: int, item: ItemT) -> None:
        """Puts an item at the end of its line."""
        self._lines.setdefault(line, deque()).append(item)

    def put_back(self, line: int, items: Iterable[ItemT]) -> None:
        """Puts items, in their order, at the head of their line."""
        for item in reversed(list(items)):
            self._lines.setdefault(line, deque()).appendleft(item)

    def take(self, line: int | None = None) -> ItemT:
        """The first of a line, or of the one whose turn it is; the next turn is another line's.

        Raises LookupError if there is none.
        """
        chosen = self.lines[0] if line is None else line
        items = self._lines.pop(chosen)
        item = items.popleft()
        if items:
            self._lines[chosen] = items
        return item

    def remove(self, line: int, item: ItemT) -> None:
        """Takes an item out of its line, if it is still there."""
        items = self._lines.get(line, deque())
        with suppress(ValueError):
            items.remove(item)
            if not items:
                del self._lines[line]
