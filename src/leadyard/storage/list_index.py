"""Finding lists: the collection that callers page through, and what people ask for, a page counted from 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from leadyard.domain.accounts import Caller
from leadyard.domain.lead_lists import LeadList, Purpose
from leadyard.domain.list_index import INDEX_PAGE_SIZE, IndexPage, IndexRequest, ListSort, Shown
from leadyard.domain.list_view import limit_page
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Run
from leadyard.storage.lead_lists import BY_PUBLIC_ID, COLUMNS, to_list
from leadyard.storage.paging import Collection, cursor_of, make_page, page_statement

VISIBLE = "(shared OR owner_id = coalesce(:viewer_id, owner_id))"
_CURSOR = f"SELECT id FROM lead_lists {BY_PUBLIC_ID} AND {VISIBLE}"
_ORDER = {
    ListSort.CREATED: "id",
    ListSort.NAME: "lower(name)",
    ListSort.STATUS: "status",
    ListSort.LEADS: "entry_count",
    ListSort.OWNER: "owner_email",
}
_SHOWN = {
    Shown.ALL: "deleted_at IS NULL AND visible",
    Shown.HIDDEN: "deleted_at IS NULL AND NOT visible",
    Shown.DELETED: "deleted_at > :deleted_since AND emptied_at IS NULL",
}


async def list_lists(
    run: Run, caller: Caller, filters: Mapping[str, Any], request: PageRequest
) -> Page[LeadList] | None:
    """A page of the lists that the caller may know of, newest first; None for an unknown cursor.

    `run` is a transaction's `run_each` or a database's `read_at_once`. `filters` may hold status, type,
    shared, owner_email, owner_id (a user's public id) and name (a part of it, in any letter case).
    """
    conditions = {
        "status": "status = :status",
        "type": "type = :type",
        "shared": "shared = :shared",
        "owner_email": "owner_id IN (SELECT id FROM users WHERE email = :owner_email)",
        "owner_id": "owner_id IN (SELECT id FROM users WHERE public_id = :owner_id)",
        "name": "lower(name) LIKE lower(:name) ESCAPE '!'",
    }
    where = "".join(f" AND {conditions[name]}" for name in filters)
    token = cursor_of(request)
    values = {**_seen_by(caller), **filters, "public_id": token}
    if "name" in values:
        values["name"] = name_pattern(str(values["name"]))
    lists = Collection(
        f"SELECT {COLUMNS} FROM lead_lists WHERE workspace_id = :workspace_id "
        f"AND purpose = :purpose AND deleted_at IS NULL AND {VISIBLE}{where}",
        "id",
        values,
        newest_first=True,
    )
    if token is None:
        (found,) = await run([page_statement(lists, request, None)])
        return make_page(found, request, to_list)
    cursor, found = await run([(_CURSOR, values), page_statement(lists, request, f"({_CURSOR})")])
    return make_page(found, request, to_list) if cursor.rows else None


def name_pattern(part: str) -> str:
    """The pattern of LIKE for names that contain a text; its special characters are escaped by `!`."""
    for special in "!%_":
        part = part.replace(special, "!" + special)
    return f"%{part}%"


def _seen_by(caller: Caller) -> dict[str, Any]:
    seen = {"workspace_id": caller.workspace_id, "viewer_id": caller.viewer_id}
    return {**seen, "purpose": Purpose.LIST}


async def page_of_lists(tx: Tx, caller: Caller, request: IndexRequest, undo: timedelta) -> IndexPage:
    """A page of the lists that the caller may know of; behind the last page it is the last."""
    conditions = ["workspace_id = :workspace_id", "purpose = :purpose", VISIBLE, _SHOWN[request.shown]]
    values: dict[str, Any] = {
        "workspace_id": caller.workspace_id,
        "viewer_id": caller.viewer_id,
        "purpose": Purpose.LIST,
        "deleted_since": to_ms(tx.now - undo),
    }
    if request.search:
        conditions.append("lower(name) LIKE lower(:name) ESCAPE '!'")
        values["name"] = name_pattern(request.search)
    if request.status:
        conditions.append("status = :status")
        values["status"] = request.status
    if request.type:
        conditions.append("type = :type")
        values["type"] = request.type
    if request.is_mine:
        conditions.append("owner_id = :owner_id")
        values["owner_id"] = caller.user_id
    body = f"FROM lead_lists WHERE {' AND '.join(conditions)}"
    total = int((await tx.conn.execute(text(f"SELECT count(*) {body}"), values)).scalar_one())
    page = limit_page(request.page, total, INDEX_PAGE_SIZE)
    direction = "DESC" if request.is_descending else "ASC"
    statement = (
        f"SELECT {COLUMNS} {body} ORDER BY {_ORDER[request.sort]} {direction}, id {direction} "
        "LIMIT :limit OFFSET :offset"
    )
    scope = {"limit": INDEX_PAGE_SIZE, "offset": (page - 1) * INDEX_PAGE_SIZE}
    rows = await tx.conn.execute(text(statement), {**values, **scope})
    return IndexPage([to_list(row) for row in rows], total, page)


async def list_targets(tx: Tx, caller: Caller, lead_list: LeadList, limit: int) -> list[LeadList]:
    """Lists of the same type that leads can be moved to, the newest first."""
    statement = text(
        f"SELECT {COLUMNS} FROM lead_lists WHERE workspace_id = :workspace_id AND purpose = :purpose "
        f"AND {VISIBLE} AND deleted_at IS NULL AND status <> 'canceled' AND type = :type AND id <> :id "
        "ORDER BY id DESC LIMIT :limit"
    )
    values = {
        "workspace_id": caller.workspace_id,
        "viewer_id": caller.viewer_id,
        "purpose": Purpose.LIST,
        "type": lead_list.type,
        "id": lead_list.row_id,
        "limit": limit,
    }
    return [to_list(row) for row in await tx.conn.execute(statement, values)]
