"""Putting a list's unfinished work back in the queue: jobs that were lost, and lists that go on."""

from __future__ import annotations

from leadyard.domain.lead_lists import split_into_chunks
from leadyard.storage import additions as addition_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import pauses
from leadyard.storage.database import Tx


async def enqueue_unfinished(tx: Tx, list_row_id: int) -> int:
    """Enqueues chunks for all that is unfinished in a locked list; without anything it is completed.

    Returns how many chunks there are.
    """
    unfinished = await addition_rows.list_unfinished(tx, list_row_id)
    chunks = [
        chunk
        for addition_id, first, last in unfinished
        for chunk in split_into_chunks(list_row_id, addition_id, first, last)
    ]
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
