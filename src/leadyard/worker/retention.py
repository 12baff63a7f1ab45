"""Deletes leads whose time is over, a few at a time, so that nobody waits for it."""

from __future__ import annotations

from datetime import timedelta

import structlog

from leadyard.domain.retention import Keeping
from leadyard.storage import imports as import_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import retention as rows
from leadyard.storage.database import Database
from leadyard.storage.retention import ClosedList, Deadlines
from leadyard.worker.failures import failure_told

LISTS_AT_ONCE = 100
BATCH_ENTRIES = 1_000
UPLOAD_TIME = timedelta(hours=1)
"""How long a file may be read without any of its rows arriving."""

log = structlog.get_logger()


async def delete_old_leads(database: Database, keeping: Keeping) -> int:
    """Empties lists that were deleted, or that ended, long enough ago; returns how many.

    A list that had only ended is deleted by it. If it breaks off, the next run does the rest; one that fails
    stops no other.
    """
    count = after = 0
    while True:
        async with database.read() as tx:
            ended_before = None if keeping.leads is None else tx.now - keeping.leads
            deadlines = Deadlines(tx.now - keeping.deleted_leads, ended_before)
            row_ids = await rows.list_over(tx, deadlines, after, LISTS_AT_ONCE)
        if not row_ids:
            return count
        for row_id in row_ids:
            with failure_told("delete_old_leads", list_id=row_id):
                count += await _empty(database, row_id, deadlines)
        after = row_ids[-1]


async def delete_old_imports(database: Database, keeping: Keeping) -> int:
    """Deletes the rows of imports whose time is over, and uploads that broke off; returns how many."""
    count = after = 0
    while True:
        async with database.read() as tx:
            before, lost_before = tx.now - keeping.imports, tx.now - UPLOAD_TIME
            row_ids = await import_rows.list_old_imports(tx, before, lost_before, after, LISTS_AT_ONCE)
        if not row_ids:
            return count
        for row_id in row_ids:
            with failure_told("delete_old_imports", import_id=row_id):
                async with database.write() as tx:
                    if await import_rows.lock_old_import(tx, row_id, before, lost_before):
                        await import_rows.empty_import(tx, row_id)
                        count += 1
        after = row_ids[-1]


async def _empty(database: Database, row_id: int, deadlines: Deadlines) -> bool:
    async with database.write() as tx:
        await list_rows.lock_list_row(tx, row_id)
        closed = await rows.close_list(tx, row_id, deadlines)
        if closed is None:
            return False
        await tx.queue.drop(tx, row_id)
    for after in range(0, closed.last_sequence, BATCH_ENTRIES):
        async with database.write() as tx:
            await rows.delete_entries(tx, closed, after, after + BATCH_ENTRIES)
    await _forget_validated_emails(database, closed)
    async with database.write() as tx:
        await rows.mark_emptied(tx, closed)
    log.info("list_emptied", list_id=row_id, leads=closed.last_sequence)
    return True


async def _forget_validated_emails(database: Database, closed: ClosedList) -> None:
    after: str | None = ""
    while after is not None:
        async with database.write() as tx:
            after = await rows.forget_validated_emails(tx, closed, after, BATCH_ENTRIES)
