"""Searches for one person: lists of one lead that nobody can read once they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text

from leadyard.domain.lead_lists import Purpose
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

_ENDED = text(
    "SELECT id FROM lead_lists WHERE purpose = :purpose AND status IN ('completed', 'canceled') "
    "AND deleted_at IS NULL AND updated_at < :before ORDER BY id LIMIT :limit"
)


async def list_old_searches(tx: Tx, before: datetime, limit: int) -> list[int]:
    """Row ids of searches that ended before a moment and were not emptied yet."""
    values = {"purpose": Purpose.PERSON_SEARCH, "before": to_ms(before), "limit": limit}
    return list((await tx.conn.execute(_ENDED, values)).scalars())


async def empty_searches(tx: Tx, row_ids: Sequence[int]) -> None:
    """Deletes what ended searches tell of a person. The list stays: lines of the ledger refer to it."""
    chosen = f"IN (SELECT number FROM {tx.dialect.numbers_from('ids')} AS n)"
    values = {"ids": msgspec.json.encode(row_ids).decode()}
    mark = text(
        f"UPDATE lead_lists SET deleted_at = :now, emptied_at = :now WHERE id {chosen} AND deleted_at IS NULL"
    )
    await tx.conn.execute(mark, {**values, "now": tx.now_ms})
    await tx.conn.execute(text(f"DELETE FROM lead_list_entries WHERE list_id {chosen}"), values)
    await tx.conn.execute(text(f"DELETE FROM entry_summaries WHERE list_id {chosen}"), values)
    await tx.conn.execute(text(f"UPDATE additions SET left_out = '[]' WHERE list_id {chosen}"), values)
