"""Keyset paging over one integer column that never changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.database import Tx

ItemT = TypeVar("ItemT")


class Collection(msgspec.Struct, frozen=True):
    """What is paged through: the rows of `select`, which has a WHERE, in the order of `column`."""

    select: str
    column: str
    parameters: Mapping[str, Any]
    newest_first: bool = False


async def fetch_page(
    tx: Tx,
    rows: Collection,
    request: PageRequest,
    *,
    cursor: Callable[[str], Awaitable[int | None]],
    convert: Callable[[Any], ItemT],
) -> Page[ItemT] | None:
    """A page of a collection.

    One row more than asked for tells whether there is something further on; the cursor itself stands
    on the other side, so there is something there. None when the cursor is not known.
    """
    position: int | None = None
    token = request.after if request.after is not None else request.before
    if token is not None:
        position = await cursor(token)
        if position is None:
            return None
    is_backward = request.before is not None
    is_descending = rows.newest_first != is_backward
    statement = rows.select
    values = {**rows.parameters, "_limit": request.size + 1}
    if position is not None:
        statement += f" AND {rows.column} {'<' if is_descending else '>'} :_position"
        values["_position"] = position
    statement += f" ORDER BY {rows.column} {'DESC' if is_descending else 'ASC'} LIMIT :_limit"
    run = tx.run_last if tx.ends_with_action else tx.run_each
    found = (await run([(statement, values)]))[0].rows
    has_more = len(found) > request.size
    items = [convert(row) for row in found[: request.size]]
    if is_backward:
        return Page(items[::-1], has_previous=has_more, has_next=True)
    return Page(items, has_previous=position is not None, has_next=has_more)
