"""Deleting the leads of lists whose time is over. The list stays, since lines of the ledger refer to it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

_OVER = (
    "emptied_at IS NULL AND (deleted_at < :deleted_before "
    "OR (status IN ('completed', 'canceled') AND updated_at < :ended_before))"
)
_LIST_OVER = text(f"SELECT id FROM lead_lists WHERE {_OVER} AND id > :after ORDER BY id LIMIT :limit")
# As if it had been deleted when its time was over: nobody takes that back while its leads are going.
_CLOSE = text(
    f"UPDATE lead_lists SET deleted_at = coalesce(deleted_at, :ended_before) WHERE id = :id AND {_OVER} "
    "RETURNING workspace_id, public_id, last_sequence"
)
_PART = "WHERE list_id = :list_id AND sequence > :after AND sequence <= :upto"
_DELETE = text(f"DELETE FROM lead_list_entries {_PART}")
_DELETE_SUMMARIES = text(f"DELETE FROM entry_summaries {_PART}")
_VALIDATIONS = text(
    "SELECT id, charge_key FROM credit_entries WHERE workspace_id = :workspace_id "
    "AND charge_key > :after AND charge_key < :end ORDER BY charge_key LIMIT :limit"
)
_FORGET_PLACES = text("UPDATE additions SET left_out = '[]' WHERE list_id = :list_id")
_EMPTIED = text("UPDATE lead_lists SET emptied_at = :now WHERE id = :list_id")
_RENAMED = {"id": "bigint", "charge_key": "text"}


class ClosedList(msgspec.Struct, frozen=True):
    """A list that nobody can read or add to any more."""

    row_id: int
    workspace_id: int
    id: str
    last_sequence: int


class Deadlines(msgspec.Struct, frozen=True):
    """Lists that were deleted, or that ended, before these moments are to be emptied; None is none."""

    deleted_before: datetime
    ended_before: datetime | None

    @property
    def values(self) -> dict[str, int]:
        """As parameters of a query; no list ended before the beginning of time."""
        ended = 0 if self.ended_before is None else to_ms(self.ended_before)
        return {"deleted_before": to_ms(self.deleted_before), "ended_before": ended}


async def list_over(tx: Tx, deadlines: Deadlines, after: int, limit: int) -> list[int]:
    """Row ids, behind `after`, of lists of any kind whose leads are to be deleted."""
    values = {**deadlines.values, "after": after, "limit": limit}
    return list((await tx.conn.execute(_LIST_OVER, values)).scalars())


async def close_list(tx: Tx, row_id: int, deadlines: Deadlines) -> ClosedList | None:
    """Deletes a locked list, if its time is over still; what can be known of it goes later."""
    values = {**deadlines.values, "id": row_id}
    row = (await tx.conn.execute(_CLOSE, values)).one_or_none()
    return None if row is None else ClosedList(row_id, row.workspace_id, row.public_id, row.last_sequence)


async def delete_entries(tx: Tx, closed: ClosedList, after: int, upto: int) -> None:
    """Deletes the leads behind a sequence, up to another."""
    values = {"list_id": closed.row_id, "after": after, "upto": upto}
    await tx.conn.execute(_DELETE_SUMMARIES, values)
    await tx.conn.execute(_DELETE, values)


async def forget_validated_emails(tx: Tx, closed: ClosedList, after: str, limit: int) -> str | None:
    """Puts digests in the place of e-mails in the charge keys of a list's validations, as an erasure does.

    Looks at up to `limit` keys behind `after`; returns the last of them, None if there was none.
    """
    prefix = f"validation:{closed.id}:"
    scope = {"workspace_id": closed.workspace_id, "end": f"validation:{closed.id};", "limit": limit}
    lines = (await tx.conn.execute(_VALIDATIONS, {**scope, "after": after or prefix})).all()
    renamed = [
        {"id": line.id, "charge_key": prefix + tx.digest(f"email:{line.charge_key.removeprefix(prefix)}")}
        for line in lines
        if "@" in line.charge_key
    ]
    if renamed:
        statement = text(
            f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _RENAMED)}) "
            "UPDATE credit_entries SET charge_key = r.charge_key FROM r WHERE credit_entries.id = r.id"
        )
        await tx.conn.execute(statement, {"rows": msgspec.json.encode(renamed).decode()})
    return lines[-1].charge_key if lines else None


async def mark_emptied(tx: Tx, closed: ClosedList) -> None:
    """Writes down that nothing of the leads is left."""
    await tx.conn.execute(_FORGET_PLACES, {"list_id": closed.row_id})
    await tx.conn.execute(_EMPTIED, {"list_id": closed.row_id, "now": tx.now_ms})
