"""What we ask of Procrastinate's jobs, which hold the chunks on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from leadyard.domain.additions import FewLeads
from leadyard.domain.statistics import QueueState
from leadyard.storage.additions import AS_FEW, terms_of_few
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement

QUEUE = "leads"

_LOWEST_TAG = text(
    "SELECT coalesce(-max(priority), 0) FROM procrastinate_jobs WHERE status = 'todo' "
    "AND queue_name = :queue AND (scheduled_at IS NULL OR scheduled_at <= now())"
)
# Skipping locked rows, and looking at a row again once it is locked, lets any number of workers do this at
# once: each stalled job is put back by one of them.
_PUT_BACK_STALLED = text(
    "SELECT s.id, procrastinate_retry_job_v2(s.id, NULL, NULL, NULL, NULL) FROM ("
    "SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
    "WHERE j.status = 'doing' AND j.queue_name = :queue AND "
    "(w.id IS NULL OR w.last_heartbeat < now() - CAST(:dead_after AS interval) OR "
    "(SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'started') "
    "< now() - CAST(:lost_after AS interval)) FOR UPDATE OF j SKIP LOCKED) s"
)
# What a worker is about to take is passed over, and is looked at again once it is locked.
_OPEN = (
    "SELECT j.id FROM lead_lists AS l "
    "JOIN procrastinate_jobs AS j ON CAST(j.args ->> 'list_id' AS bigint) = l.id "
    "JOIN additions AS a ON a.id = CAST(j.args ->> 'addition_id' AS bigint) "
    "WHERE l.public_id = :public_id AND j.status = 'todo' AND j.queue_name = :queue AND j.attempts = 0 "
    "AND (j.scheduled_at IS NULL OR j.scheduled_at <= :latest) "
    "AND CAST(j.args ->> 'last_sequence' AS integer) = l.last_sequence "
    "AND CAST(j.args ->> 'first_sequence' AS integer) > l.last_sequence + :count - :size "
    f"AND {AS_FEW.format(equals='IS NOT DISTINCT FROM')} LIMIT 1 FOR UPDATE OF j SKIP LOCKED"
)
_JOIN = (
    "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{last_sequence}', "
    "to_jsonb(CAST(:last_sequence AS integer))) WHERE id = :job_id"
)
_DROP = text(
    "DELETE FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'todo' "
    "AND CAST(args ->> 'list_id' AS bigint) = :list_id"
)
_ORPHANS = text(
    "SELECT l.id FROM lead_lists l WHERE l.status IN ('queued', 'processing') AND l.deleted_at IS NULL "
    "AND l.paused_at IS NULL AND l.updated_at < :before AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j "
    "WHERE j.queue_name = :queue AND j.status IN ('todo', 'doing') "
    "AND CAST(j.args ->> 'list_id' AS bigint) = l.id)"
)

_STRAYS = text(
    "SELECT DISTINCT CAST(args ->> 'list_id' AS bigint) FROM procrastinate_jobs "
    "WHERE queue_name = :queue AND status IN ('todo', 'doing') "
    "AND NOT EXISTS (SELECT 1 FROM lead_lists l WHERE l.id = CAST(args ->> 'list_id' AS bigint))"
)
# A job has been due since it was put in the queue, or since the moment that it was to wait for.
_MEASURE = text(
    "SELECT count(*) FILTER (WHERE j.status = 'doing') AS running, "
    "count(*) FILTER (WHERE j.status = 'todo' AND j.scheduled_at > now()) AS later, "
    "count(*) FILTER (WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())) "
    "AS waiting, coalesce(extract(epoch FROM now() - min(greatest(e.at, j.scheduled_at)) FILTER "
    "(WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))), 0) AS oldest "
    "FROM procrastinate_jobs j LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
    "WHERE j.queue_name = :queue AND j.status IN ('todo', 'doing')"
)


async def find_lowest_tag(tx: Tx) -> int:
    """The clock of fair queueing (see chunks.py). A job's priority is its tag, negative."""
    return int((await tx.conn.execute(_LOWEST_TAG, {"queue": QUEUE})).scalar_one())


async def put_back_stalled(tx: Tx, *, dead_after: timedelta, lost_after: timedelta) -> int:
    """Frees the jobs whose worker has no heartbeat since `dead_after`, and those begun before `lost_after`.

    The latter are jobs that no worker has: each has a deadline, so their end could not be written down.
    Returns how many. The lost time counts from when they were begun.
    """
    values = {"queue": QUEUE, "dead_after": dead_after, "lost_after": lost_after}
    return len((await tx.conn.execute(_PUT_BACK_STALLED, values)).all())


def open_job_statement(few: FewLeads) -> Statement:
    """What finds a job that leads may join (see storage.database.ChunkQueue)."""
    return _OPEN, {**terms_of_few(few), "queue": QUEUE, "latest": few.latest}


def join_statement(job_id: int, last_sequence: int) -> Statement:
    """What has it do more leads."""
    return _JOIN, {"job_id": job_id, "last_sequence": last_sequence}


async def drop_jobs(tx: Tx, list_row_id: int) -> None:
    """Removes the jobs of a list that nobody has begun."""
    await tx.conn.execute(_DROP, {"queue": QUEUE, "list_id": list_row_id})


async def list_orphans(tx: Tx, unchanged_since: datetime) -> list[int]:
    """Row ids of lists that have work but no job."""
    values = {"queue": QUEUE, "before": to_ms(unchanged_since)}
    return list((await tx.conn.execute(_ORPHANS, values)).scalars())


async def list_strays(tx: Tx) -> list[int]:
    """Row ids of lists that are not there although jobs of them wait."""
    return list((await tx.conn.execute(_STRAYS, {"queue": QUEUE})).scalars())


async def measure_queue(tx: Tx) -> QueueState:
    """The jobs there are."""
    row = (await tx.conn.execute(_MEASURE, {"queue": QUEUE})).one()
    return QueueState(row.waiting, row.later, row.running, max(0.0, float(row.oldest)))
