"""Copying the leads of a list into another, within the database."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from leadyard.domain.erasure import ERASED_KEY_PREFIX
from leadyard.domain.lead_lists import LeadList
from leadyard.storage.database import Tx

COPIED_AT_ONCE = 2_500
_COPY = (
    "INSERT INTO lead_list_entries (list_id, sequence, key, lead) "
    "SELECT :target, :copied + row_number() OVER (ORDER BY e.sequence), e.key, e.lead "
    "FROM lead_list_entries AS e WHERE e.list_id = :source "
    "AND e.sequence BETWEEN :first_sequence AND :last_sequence AND substr(e.key, 1, 1) <> :erased "
    "AND e.sequence NOT IN (SELECT n.number FROM {numbers} AS n) ORDER BY e.sequence LIMIT :most"
)


async def copy_leads(tx: Tx, source: LeadList, target: LeadList, without: Sequence[int], most: int) -> int:
    """Stores the leads of a list as they were sent in an empty, locked one; returns how many.

    None of them comes to this process, but SQLite keeps what a statement copies in memory. What is emptied is
    left out, and so are the sequences in `without`.
    """
    statement = text(_COPY.format(numbers=tx.dialect.numbers_from("without")))
    left_out = msgspec.json.encode(without).decode()
    copied = 0
    for first in range(1, source.last_sequence + 1, COPIED_AT_ONCE):
        values = {
            "target": target.row_id,
            "source": source.row_id,
            "first_sequence": first,
            "last_sequence": first + COPIED_AT_ONCE - 1,
            "erased": ERASED_KEY_PREFIX,
            "without": left_out,
            "copied": copied,
            "most": most - copied,
        }
        copied += (await tx.conn.execute(statement, values)).rowcount
    return copied
