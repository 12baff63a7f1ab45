"""Lists that begin nothing more for a while: what they wait for, and until when."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from leadyard.domain.lead_lists import LeadList, Pause
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.lead_lists import COLUMNS, to_list
from leadyard.storage.outbox import tell_paused

_PAUSE = text(
    "UPDATE lead_lists SET paused_reason = :reason, paused_at = :now, paused_for = :causes, "
    "paused_until = :until, updated_at = :now WHERE id = :id "
    f"RETURNING {COLUMNS}"
)
_RESUME = text(
    "UPDATE lead_lists SET paused_reason = NULL, paused_at = NULL, paused_for = NULL, paused_until = NULL, "
    "updated_at = :now WHERE id = :id"
)
_DEFER_PAUSE = text("UPDATE lead_lists SET paused_until = :until WHERE id = :id")
_WAITING = "paused_reason IN ('spending_limit', 'provider_unavailable') AND deleted_at IS NULL"
_LIST_WAITING = text(f"SELECT {COLUMNS} FROM lead_lists WHERE {_WAITING} ORDER BY id")
_LOCK_WAITING = (
    f"SELECT id FROM lead_lists WHERE workspace_id = :workspace_id AND (({_WAITING}) OR id = :row_id) "
    "ORDER BY id"
)
_LOOK_AGAIN = "UPDATE lead_lists SET paused_for = NULL, paused_until = :now"


async def pause_list(tx: Tx, row_id: int, pause: Pause) -> None:
    """Marks a locked list paused: no chunk of it is begun from now on."""
    values = {
        "id": row_id,
        "reason": pause.reason,
        "now": tx.now_ms,
        "causes": msgspec.json.encode(pause.causes).decode() if pause.causes else None,
        "until": None if pause.until is None else to_ms(pause.until),
    }
    await tell_paused(tx, to_list((await tx.conn.execute(_PAUSE, values)).one()), pause.reason)


async def end_pause(tx: Tx, row_id: int) -> None:
    """Ends the pause of a locked list (see `unfinished.py` for its work)."""
    await tx.conn.execute(_RESUME, {"id": row_id, "now": tx.now_ms})


async def list_waiting(tx: Tx) -> list[LeadList]:
    """The lists that are paused and go on by themselves, as soon as they can."""
    return [to_list(row) for row in await tx.conn.execute(_LIST_WAITING)]


async def defer_pause(tx: Tx, row_id: int, until: datetime) -> None:
    """Says when a list is looked at again."""
    await tx.conn.execute(_DEFER_PAUSE, {"id": row_id, "until": to_ms(until)})


async def look_again(tx: Tx, workspace_id: int, row_id: int = 0) -> None:
    """Lets the lists of a workspace that wait try again: what they waited for may have changed.

    Locks these lists, and the one with this row id, in the order of their ids: two who do so never meet.
    """
    lock = text(f"{_LOCK_WAITING} {tx.dialect.lock_clause()}")
    locked = (await tx.conn.execute(lock, {"workspace_id": workspace_id, "row_id": row_id})).scalars()
    chosen = f"id IN (SELECT number FROM {tx.dialect.numbers_from('ids')} AS n)"
    values = {"ids": msgspec.json.encode(list(locked)).decode(), "now": tx.now_ms}
    await tx.conn.execute(text(f"{_LOOK_AGAIN} WHERE {chosen} AND {_WAITING}"), values)
