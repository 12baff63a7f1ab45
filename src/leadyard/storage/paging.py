"""Keyset paging over one integer column that never changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Result, Statement

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
    """A page of a collection. None when the cursor is not known."""
    position: int | None = None
    token = cursor_of(request)
    if token is not None:
        position = await cursor(token)
        if position is None:
            return None
    placed = replace(rows, parameters={**rows.parameters, "_position": position})
    statement = page_statement(placed, request, None if position is None else ":_position")
    (found,) = await tx.run_each([statement])
    return make_page(found, request, convert)


def cursor_of(request: PageRequest) -> str | None:
    """Behind what, or before what, the page is."""
    return request.after if request.after is not None else request.before


def page_statement(rows: Collection, request: PageRequest, position: str | None) -> Statement:
    """The statement of a page behind or before a place in the collection; None for the first page.

    The place is an expression over the collection's parameters. One row more than asked for tells whether
    there is something further on.
    """
    is_descending = rows.newest_first != (request.before is not None)
    statement = rows.select
    values = {**rows.parameters, "_limit": request.size + 1}
    if position is not None:
        statement += f" AND {rows.column} {'<' if is_descending else '>'} {position}"
    statement += f" ORDER BY {rows.column} {'DESC' if is_descending else 'ASC'} LIMIT :_limit"
    return statement, values


def make_page(found: Result, request: PageRequest, convert: Callable[[Any], ItemT]) -> Page[ItemT]:
    """The page that a statement of `page_statement` has found.

    The cursor itself stands on the other side, so there is something there.
    """
    has_more = len(found.rows) > request.size
    items = [convert(row) for row in found.rows[: request.size]]
    if request.before is not None:
        return Page(items[::-1], has_previous=has_more, has_next=True)
    return Page(items, has_previous=request.after is not None, has_next=has_more)
