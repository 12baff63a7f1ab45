"""What we read of Procrastinate's jobs, which hold the chunks on PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

QUEUE = "leads"

_LOWEST_TAG = text(
    "SELECT coalesce(-max(priority), 0) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue"
)
_ORPHANS = text(
    "SELECT l.id FROM lead_lists l WHERE l.status IN ('queued', 'processing') AND l.deleted_at IS NULL "
    "AND l.updated_at < :before AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j "
    "WHERE j.queue_name = :queue AND j.status IN ('todo', 'doing') "
    "AND CAST(j.args ->> 'list_id' AS bigint) = l.id)"
)


async def find_lowest_tag(tx: Tx) -> int:
    """The clock of fair queueing: the lowest tag that waits. A job's priority is its tag, negative."""
    return int((await tx.conn.execute(_LOWEST_TAG, {"queue": QUEUE})).scalar_one())


async def list_orphans(tx: Tx, unchanged_since: datetime) -> list[int]:
    """Row ids of lists that have work but no job."""
    values = {"queue": QUEUE, "before": to_ms(unchanged_since)}
    return list((await tx.conn.execute(_ORPHANS, values)).scalars())
