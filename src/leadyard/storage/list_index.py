"""Finding lists by what people ask for: a page of them, counted from 1, in the order wanted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from leadyard.domain.accounts import Caller
from leadyard.domain.lead_lists import LeadList, Purpose
from leadyard.domain.list_index import INDEX_PAGE_SIZE, IndexPage, IndexRequest, ListSort, Shown
from leadyard.domain.list_view import limit_page
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.lead_lists import COLUMNS, VISIBLE, name_pattern, to_list

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
