"""Keyset paging: a page is asked for by a cursor, both ways (contract §1, Paging)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

MAX_PAGE_SIZE = 1000

ItemT = TypeVar("ItemT")


class PageRequest(msgspec.Struct, frozen=True):
    """At most one cursor; both are exclusive."""

    size: int
    after: str | None = None
    before: str | None = None


class Page(msgspec.Struct, Generic[ItemT], frozen=True):
    """Items in the order of the collection, and whether there is something on either side."""

    items: Sequence[ItemT]
    has_previous: bool
    has_next: bool
