"""Chunks that wait in SQLite for the one process there is; on PostgreSQL they are Procrastinate's jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import asdict
from sqlalchemy import text

from leadyard.domain.additions import FewLeads
from leadyard.domain.lead_lists import Chunk, tag_chunks
from leadyard.domain.statistics import QueueState
from leadyard.storage.additions import AS_FEW, terms_of_few
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement

# A chunk that waits for a retry does not hold the clock back, or newer lists would all get in front of older
# ones. With nothing to begin the clock starts again at zero: there is nobody to be fair to.
_CLOCK = "SELECT coalesce(min(tag), 0) AS tag FROM chunks WHERE claimed_at IS NULL AND run_at <= :now"
_INSERT = (
    "INSERT INTO chunks (list_id, addition_id, first_sequence, last_sequence, tag, run_at) "
    "SELECT r.list_id, r.addition_id, r.first_sequence, r.last_sequence, r.tag, :due FROM {rows} AS r"
)
_OPEN = (
    "SELECT c.id FROM lead_lists AS l JOIN chunks AS c ON c.list_id = l.id "
    "JOIN additions AS a ON a.id = c.addition_id WHERE l.public_id = :public_id "
    "AND c.claimed_at IS NULL AND c.attempts = 0 AND c.run_at <= :latest "
    "AND c.last_sequence = l.last_sequence AND c.first_sequence > l.last_sequence + :count - :size "
    f"AND {AS_FEW.format(equals='IS')} LIMIT 1"
)
_JOIN = "UPDATE chunks SET last_sequence = :last_sequence WHERE id = :job_id"
_COLUMNS = ("list_id", "addition_id", "first_sequence", "last_sequence", "tag")
_CLAIM = (
    "UPDATE chunks SET claimed_at = :now, attempts = attempts + 1 WHERE id IN (SELECT id FROM chunks "
    "WHERE claimed_at IS NULL AND run_at <= :now ORDER BY tag, id LIMIT :count) "
    "RETURNING id, list_id, addition_id, first_sequence, last_sequence, tag, attempts"
)
_NEXT_RUN = "SELECT min(run_at) AS run_at FROM chunks WHERE claimed_at IS NULL"
_MEASURE = text(
    "SELECT count(*) AS jobs, count(claimed_at) AS running, "
    "coalesce(sum(claimed_at IS NULL AND run_at > :now), 0) AS later, "
    "min(CASE WHEN claimed_at IS NULL AND run_at <= :now THEN run_at END) AS oldest FROM chunks"
)
_FINISH = "DELETE FROM chunks WHERE id = :id"
_PUT_BACK = (
    "UPDATE chunks SET claimed_at = NULL, run_at = :run_at, "
    "attempts = CASE WHEN :has_failed THEN attempts ELSE 0 END WHERE id = :id"
)
_DROP = text("DELETE FROM chunks WHERE list_id = :list_id AND claimed_at IS NULL")
_FREE_ALL = text("UPDATE chunks SET claimed_at = NULL WHERE claimed_at IS NOT NULL")
_ORPHANS = text(
    "SELECT id FROM lead_lists WHERE status IN ('queued', 'processing') AND deleted_at IS NULL "
    "AND paused_at IS NULL AND updated_at < :before "
    "AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.list_id = lead_lists.id)"
)

_STRAYS = text(
    "SELECT DISTINCT list_id FROM chunks "
    "WHERE NOT EXISTS (SELECT 1 FROM lead_lists WHERE lead_lists.id = chunks.list_id)"
)


class ClaimedChunk(msgspec.Struct, frozen=True):
    """A chunk in the hands of a worker; `attempts` counts this one."""

    id: int
    chunk: Chunk
    attempts: int


async def add_chunks(tx: Tx, chunks: Sequence[Chunk], *, pending: int, due: datetime | None = None) -> None:
    """Lines up a list's chunks behind the `pending` ones that it has waiting; they are `due` now or then."""
    clock = (await tx.run(_CLOCK, {"now": tx.now_ms})).rows[0].tag
    tags = tag_chunks(chunks, pending, clock)
    rows = [{**asdict(chunk), "tag": tag} for chunk, tag in zip(chunks, tags, strict=True)]
    statement = _INSERT.format(rows=tx.dialect.rows_from("rows", dict.fromkeys(_COLUMNS, "bigint")))
    values = {"rows": msgspec.json.encode(rows).decode(), "due": tx.now_ms if due is None else to_ms(due)}
    await tx.run(statement, values)


def open_chunk_statement(few: FewLeads) -> Statement:
    """What finds a chunk that leads may join (see storage.database.ChunkQueue)."""
    return _OPEN, {**terms_of_few(few), "latest": to_ms(few.latest)}


def join_statement(chunk_id: int, last_sequence: int) -> Statement:
    """What has it do more leads."""
    return _JOIN, {"job_id": chunk_id, "last_sequence": last_sequence}


class EndedChunk(msgspec.Struct, frozen=True):
    """What a worker is done with, for good or until `run_at`. A wait that was planned is no failure."""

    id: int
    run_at: datetime | None
    has_failed: bool = False


async def claim_chunks(tx: Tx, count: int) -> list[ClaimedChunk]:
    """Takes the chunks with the lowest tags that are due, in the order of their tags, at most so many."""
    rows = (await tx.run(_CLAIM, {"now": tx.now_ms, "count": count})).rows
    return [
        ClaimedChunk(
            row.id, Chunk(row.list_id, row.addition_id, row.first_sequence, row.last_sequence), row.attempts
        )
        for row in sorted(rows, key=lambda row: (row.tag, row.id))
    ]


async def find_next_due(tx: Tx) -> datetime | None:
    """When the next chunk that waits is due; None when none waits."""
    milliseconds = (await tx.run(_NEXT_RUN, {})).rows[0].run_at
    return None if milliseconds is None else from_ms(milliseconds)


async def leave_chunks(tx: Tx, ended: Sequence[EndedChunk]) -> None:
    """Removes the chunks that are done, and lets the others wait."""
    if ended:
        await tx.run_each([_leave_statement(each) for each in ended])


def _leave_statement(ended: EndedChunk) -> Statement:
    if ended.run_at is None:
        return _FINISH, {"id": ended.id}
    return _PUT_BACK, {"id": ended.id, "run_at": to_ms(ended.run_at), "has_failed": ended.has_failed}


async def drop_chunks(tx: Tx, list_row_id: int) -> None:
    """Removes the chunks of a list that nobody has begun."""
    await tx.conn.execute(_DROP, {"list_id": list_row_id})


async def free_chunks(tx: Tx) -> int:
    """Frees what a process that died had claimed; returns how many. Nobody else may be running."""
    return (await tx.conn.execute(_FREE_ALL)).rowcount


async def list_orphans(tx: Tx, unchanged_since: datetime) -> list[int]:
    """Row ids of lists that have work but no chunk."""
    rows = await tx.conn.execute(_ORPHANS, {"before": to_ms(unchanged_since)})
    return list(rows.scalars())


async def list_strays(tx: Tx) -> list[int]:
    """Row ids of lists that are not there although chunks of them wait."""
    return list((await tx.conn.execute(_STRAYS)).scalars())


async def measure_queue(tx: Tx) -> QueueState:
    """The chunks there are."""
    row = (await tx.conn.execute(_MEASURE, {"now": tx.now_ms})).one()
    waiting = row.jobs - row.running - row.later
    return QueueState(waiting, row.later, row.running, (tx.now_ms - (row.oldest or tx.now_ms)) / 1000)
