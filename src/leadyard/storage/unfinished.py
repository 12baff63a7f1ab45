"""Putting a list's unfinished work back in the queue: jobs that were lost, and lists that go on."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import text

from leadyard.storage import additions as addition_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import pauses
from leadyard.storage.database import Tx

_IS_GOING_ON = (
    "status IN ('queued', 'processing') AND deleted_at IS NULL "
    "AND (paused_reason IS NULL OR paused_reason <> 'requested')"
)


async def list_going_on(tx: Tx, row_ids: Collection[int]) -> set[int]:
    """Which of these lists go on, now or by themselves: not those that ended, or that somebody stopped."""
    numbers = tx.dialect.numbers_from("ids")
    statement = text(
        f"SELECT id FROM lead_lists WHERE id IN (SELECT n.number FROM {numbers} AS n) AND {_IS_GOING_ON}"
    )
    values = {"ids": msgspec.json.encode(list(row_ids)).decode()}
    return set((await tx.conn.execute(statement, values)).scalars())


async def enqueue_unfinished(tx: Tx, list_row_id: int) -> int:
    """Enqueues chunks for all that is unfinished in a locked list; without anything it is completed.

    Returns how many chunks there are.
    """
    chunks = await addition_rows.list_unfinished_chunks(tx, list_row_id)
    if chunks:
        await tx.queue.enqueue(tx, chunks, pending=0)
    else:
        await list_rows.count_claimed(tx, list_row_id, 0)
    return len(chunks)


async def resume_list(tx: Tx, list_row_id: int) -> None:
    """Ends the pause of a locked list, and puts its work back in the queue."""
    await pauses.end_pause(tx, list_row_id)
    await tx.queue.drop(tx, list_row_id)
    await enqueue_unfinished(tx, list_row_id)
