"""The entries of a list that have ended, and putting them back in the queue."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.credits import Prices
from leadyard.domain.entries import EntryStatus, Terms
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.reopening import FinishedEntry, ReopenedEntry
from leadyard.storage.database import Tx
from leadyard.storage.lead_lists import read_options
from leadyard.storage.leads import to_work_item

_ADDITIONS = text(
    "SELECT id, first_sequence, enrich, validate_email, reveal_phone_numbers, reveal_email, prices "
    "FROM additions WHERE list_id = :list_id AND added > 0 ORDER BY first_sequence"
)
_FINISHED = (
    "SELECT sequence, key, lead, attempts, findings, status FROM lead_list_entries WHERE list_id = :list_id"
)
_ENDED = text(f"{_FINISHED} AND status IN ('done', 'failed') ORDER BY sequence")
# More than what failed: the text may also stand in an entry's history. The caller looks at each.
_PERHAPS_FAILED = text(
    f"{_FINISHED} AND (status = 'failed' OR status = 'done' AND findings LIKE '%:\"unavailable\"%') "
    "ORDER BY sequence"
)
_UNFINISHED = text(
    "SELECT sequence FROM lead_list_entries WHERE list_id = :list_id "
    "AND status IN ('queued', 'processing') ORDER BY sequence"
)
_COLUMNS = {"sequence": "integer", "findings": "text"}


async def list_finished(tx: Tx, lead_list: LeadList) -> list[FinishedEntry]:
    """The entries of a list that are done or failed, each with its addition and that one's terms."""
    return await _read(tx, lead_list, _ENDED)


async def list_perhaps_failed(tx: Tx, lead_list: LeadList) -> list[FinishedEntry]:
    """Those among which all are that failed, or have a step whose provider was unavailable."""
    return await _read(tx, lead_list, _PERHAPS_FAILED)


async def list_unfinished_sequences(tx: Tx, list_row_id: int) -> list[int]:
    """The sequences of the entries that wait or are under way, in order."""
    return list((await tx.conn.execute(_UNFINISHED, {"list_id": list_row_id})).scalars())


async def reopen_entries(tx: Tx, list_row_id: int, reopened: Sequence[ReopenedEntry]) -> None:
    """Puts finished entries of a locked list back in the queue, in one statement."""
    rows = [
        {
            "sequence": each.entry.item.sequence,
            "findings": msgspec.json.encode(each.findings).decode(),
        }
        for each in reopened
    ]
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _COLUMNS)}) "
        "UPDATE lead_list_entries SET status = 'queued', attempts = 0, not_before = NULL, "
        "findings = r.findings FROM r WHERE list_id = :list_id "
        "AND lead_list_entries.sequence = r.sequence AND lead_list_entries.status IN ('done', 'failed')"
    )
    await tx.conn.execute(statement, {"list_id": list_row_id, "rows": msgspec.json.encode(rows).decode()})


async def _read(tx: Tx, lead_list: LeadList, statement: Any) -> list[FinishedEntry]:
    values = {"list_id": lead_list.row_id}
    additions = list(await tx.conn.execute(_ADDITIONS, values))
    starts = [row.first_sequence for row in additions]
    terms = [_to_terms(row, lead_list) for row in additions]
    finished = []
    for row in await tx.conn.execute(statement, values):
        place = bisect_right(starts, row.sequence) - 1
        item = to_work_item(row, lead_list)
        finished.append(FinishedEntry(item, EntryStatus(row.status), additions[place].id, terms[place]))
    return finished


def _to_terms(row: Row[Any], lead_list: LeadList) -> Terms:
    return Terms(lead_list.id, read_options(row), msgspec.json.decode(row.prices, type=Prices))
