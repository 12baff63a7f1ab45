"""Moments that were planned before a clock was set back: moved along, so that nothing waits longer for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import TextClause, text

from leadyard.storage.clock import from_ms
from leadyard.storage.database import Database, Tx
from leadyard.storage.jobs import QUEUE
from leadyard.storage.lead_lists import lock_list_row

MAX_READ_SECONDS = 0.5
"""A clock that takes longer to be read tells too little of when it was read."""

_NEWEST = text("SELECT max(updated_at) FROM lead_lists")
_SERVER_TIME = text("SELECT clock_timestamp()")
_UNFINISHED = text(
    "SELECT id FROM lead_lists WHERE status IN ('queued', 'processing') AND deleted_at IS NULL ORDER BY id"
)
_AHEAD = text("SELECT id FROM lead_lists WHERE updated_at > :now ORDER BY id")
_TOUCH = text("UPDATE lead_lists SET updated_at = :now WHERE id = :id AND updated_at > :now")
_ENTRIES = text(
    "UPDATE lead_list_entries SET not_before = not_before - :step "
    "WHERE list_id = :id AND status = 'queued' AND not_before > :now"
)


def _sooner(table: str, column: str, where: str = "") -> TextClause:
    return text(f"UPDATE {table} SET {column} = {column} - :step WHERE {column} > :now {where}")


_WAITS = (
    _sooner("provider_gates", "closed_until"),
    _sooner("provider_gates", "next_call_at"),
    _sooner("provider_calls", "created_at", "AND state IN ('reserved', 'ordered')"),
    _sooner("mail_host_places", "held_until"),
    _sooner("imports", "next_turn_at"),
    _sooner("webhook_endpoints", "next_turn_at"),
    _sooner("webhook_deliveries", "next_attempt_at", "AND status = 'pending'"),
)
_CHUNKS = (_sooner("chunks", "run_at", "AND claimed_at IS NULL"),)
_JOBS = (
    text(
        "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - CAST(:step AS interval) "
        "WHERE status = 'todo' AND queue_name = :queue AND scheduled_at > now()"
    ),
    text(
        "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - CAST(:step AS interval) "
        "WHERE last_heartbeat > now()"
    ),
    text(
        "UPDATE procrastinate_events SET at = at - CAST(:step AS interval) WHERE at > now() "
        "AND job_id IN (SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND queue_name = :queue)"
    ),
)


async def read_clocks(database: Database) -> list[float]:
    """By how many seconds each clock that moments are written by is ahead of `time.monotonic`.

    They are that of this process and that of the database server, if there is one that answers at once.
    """
    leads = [database.clock().timestamp() - time.monotonic()]
    if not database.is_sqlite:
        async with database.read() as tx:
            asked_at = time.monotonic()
            server_time: datetime = (await tx.conn.execute(_SERVER_TIME)).scalar_one()
            if time.monotonic() - asked_at < MAX_READ_SECONDS:
                leads.append(server_time.timestamp() - asked_at)
    return leads


async def find_newest(tx: Tx) -> datetime | None:
    """When something of a list was changed last, as far as is known."""
    newest = (await tx.conn.execute(_NEWEST)).scalar_one()
    return None if newest is None else from_ms(newest)


async def move_waits(database: Database, step: timedelta) -> None:
    """Brings all that waits forward by what a clock was set back.

    If several processes do so, what waits may be early by that. Each list and each table is a transaction.
    Lists are told last that they were changed now: by them whoever is next notices what was not finished.
    """
    async with database.read() as tx:
        unfinished: Sequence[int] = (await tx.conn.execute(_UNFINISHED)).scalars().all()
    step_ms = step // timedelta(milliseconds=1)
    for row_id in unfinished:
        async with database.write() as tx:
            await lock_list_row(tx, row_id)
            values = {"id": row_id, "now": tx.now_ms, "step": step_ms}
            await tx.conn.execute(_ENTRIES, values)
    for statement in _WAITS + (_CHUNKS if database.is_sqlite else ()):
        async with database.write() as tx:
            await tx.conn.execute(statement, {"now": tx.now_ms, "step": step_ms})
    for statement in () if database.is_sqlite else _JOBS:
        async with database.write() as tx:
            await tx.conn.execute(statement, {"step": step, "queue": QUEUE})
    async with database.read() as tx:
        ahead: Sequence[int] = (await tx.conn.execute(_AHEAD, {"now": tx.now_ms})).scalars().all()
    for row_id in ahead:
        async with database.write() as tx:
            await lock_list_row(tx, row_id)
            await tx.conn.execute(_TOUCH, {"id": row_id, "now": tx.now_ms})
