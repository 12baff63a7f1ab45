"""The entries of a list that have ended, and putting them back in the queue."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, TextClause, text

from leadyard.domain.entries import EntryStatus
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.reconciliation import TermsOfAddition, find_terms
from leadyard.domain.reopening import FinishedEntry, ReopenedEntry
from leadyard.storage.additions import list_terms
from leadyard.storage.database import Tx
from leadyard.storage.leads import to_work_item
from leadyard.storage.summaries import open_summaries

_FINISHED = (
    "SELECT sequence, key, lead, attempts, findings, status FROM lead_list_entries "
    "WHERE list_id = :list_id AND sequence BETWEEN :first AND :last AND {condition} ORDER BY sequence"
)
_CHOSEN = (
    "SELECT sequence, key, lead, attempts, findings, status FROM lead_list_entries WHERE list_id = :list_id "
    "AND sequence IN (SELECT n.number FROM {numbers} AS n) AND status IN ('done', 'failed') ORDER BY sequence"
)
# More than what failed: the text may also stand in an entry's history. The caller looks at each.
_PERHAPS_FAILED = text(
    _FINISHED.format(
        condition="(status = 'failed' OR status = 'done' AND findings LIKE '%:\"unavailable\"%')"
    )
)
_REOPEN = (
    "UPDATE lead_list_entries SET status = 'queued', attempts = 0, not_before = NULL, findings = r.findings "
    "FROM r WHERE list_id = :list_id AND lead_list_entries.sequence = r.sequence "
    "AND lead_list_entries.sequence BETWEEN :first_sequence AND :last_sequence "
    "AND lead_list_entries.status IN ('done', 'failed')"
)
_REOPENED_COLUMNS = {"sequence": "integer", "findings": "text"}
_UNFINISHED = text(
    "SELECT sequence FROM lead_list_entries WHERE list_id = :list_id "
    "AND status IN ('queued', 'processing') ORDER BY sequence"
)
BATCH_SIZE = 1_000
"""Entries that are read and written at once: others get their turn in between, and memory stays small."""
_decode_reopened = msgspec.json.Decoder(list[tuple[int, str]]).decode


def read_perhaps_failed(tx: Tx, lead_list: LeadList) -> AsyncIterator[list[FinishedEntry]]:
    """Finished entries, in batches, with all that failed or have a step whose provider was unavailable.

    Each comes with its addition and that one's terms.
    """
    return _read(tx, lead_list, _PERHAPS_FAILED, {})


def read_perhaps_stale(
    tx: Tx, lead_list: LeadList, older_than: datetime
) -> AsyncIterator[list[FinishedEntry]]:
    """The same with all entries about whom the last was heard before a moment."""
    condition = f"status = 'done' AND NOT {tx.dialect.has_heard_since('findings', 'moment')}"
    statement = text(_FINISHED.format(condition=condition))
    return _read(tx, lead_list, statement, {"moment": _next_second(older_than)})


async def read_chosen(
    tx: Tx, lead_list: LeadList, sequences: Sequence[int]
) -> AsyncIterator[list[FinishedEntry]]:
    """The same with those that have ended of some entries, in order."""
    additions = await list_terms(tx, lead_list)
    statement = text(_CHOSEN.format(numbers=tx.dialect.numbers_from("sequences")))
    for start in range(0, len(sequences), BATCH_SIZE):
        chosen = msgspec.json.encode(sequences[start : start + BATCH_SIZE]).decode()
        rows = await tx.conn.execute(statement, {"list_id": lead_list.row_id, "sequences": chosen})
        yield [_to_finished(row, lead_list, additions) for row in rows]


async def list_unfinished_sequences(tx: Tx, list_row_id: int) -> list[int]:
    """The sequences of the entries that wait or are under way, in order."""
    return list((await tx.conn.execute(_UNFINISHED, {"list_id": list_row_id})).scalars())


def encode_reopened(reopened: Sequence[ReopenedEntry]) -> bytes:
    """What is to be written of a batch, small enough to be kept for a whole list."""
    rows = [(each.entry.item.sequence, msgspec.json.encode(each.findings).decode()) for each in reopened]
    return zlib.compress(msgspec.json.encode(rows), level=1)


async def reopen_entries(tx: Tx, list_row_id: int, encoded: bytes) -> None:
    """Puts finished entries of a locked list, at most a batch, back in the queue."""
    rows = _decode_reopened(zlib.decompress(encoded))
    sequences = [sequence for sequence, _ in rows]
    values = {"list_id": list_row_id, "first_sequence": min(sequences), "last_sequence": max(sequences)}
    await tx.dialect.run_with_rows(tx.conn, _REOPEN, _REOPENED_COLUMNS, rows, values)
    await open_summaries(tx, list_row_id, sequences)


async def _read(
    tx: Tx, lead_list: LeadList, statement: TextClause, values: dict[str, str]
) -> AsyncIterator[list[FinishedEntry]]:
    additions = await list_terms(tx, lead_list)
    for first in range(1, lead_list.last_sequence + 1, BATCH_SIZE):
        scope = {"list_id": lead_list.row_id, "first": first, "last": first + BATCH_SIZE - 1}
        rows = await tx.conn.execute(statement, {**values, **scope})
        yield [_to_finished(row, lead_list, additions) for row in rows]


def _to_finished(row: Row[Any], lead_list: LeadList, additions: Sequence[TermsOfAddition]) -> FinishedEntry:
    came_with = find_terms(additions, row.sequence)
    item = to_work_item(row, lead_list)
    return FinishedEntry(item, EntryStatus(row.status), came_with.row_id, came_with.terms, came_with.run)


def _next_second(moment: datetime) -> str:
    """A text that is greater than that of every moment before, to any precision, in findings."""
    return (moment.astimezone(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
