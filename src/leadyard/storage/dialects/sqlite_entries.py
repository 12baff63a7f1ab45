"""The statements that insert leads into SQLite: few, of many rows each.

The driver gives up the interpreter lock once a statement, not once a row.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from leadyard.domain.leads import LeadDraft

MOST_ROWS = 10_000
"""As many as a request brings; of the parameters that a statement may have, 20,003 of 32,766."""
FEW_ROWS = 1_024
"""Up to so many there are statements of many sizes; each is padded to twice its rows at most."""
_SHORT_BYTES = 1_024
_USUAL_SECONDS = 0.1
"""Drafts of usual leads take half of it. Others have no turn before: bodies that come would be looked at
before these leads are stored, and not meanwhile."""
_key_of, _raw_of = attrgetter("key"), attrgetter("raw")


def insert_statements(
    list_id: int, first_sequence: int, parts: Iterable[Sequence[LeadDraft]]
) -> Iterator[tuple[str, Sequence[Any]] | None]:
    """Statements, and what is bound to each, that insert drafts; None when others should have a turn.

    There are as many places for rows as the next power of two, or as the most, so that few statements are
    ever read and all are kept. Each keeps what it was given last.
    """
    for rows in _gathered(parts):
        if rows is None:
            yield None
            continue
        places = 1 << (len(rows) - 1).bit_length() if len(rows) <= FEW_ROWS else MOST_ROWS
        values: list[Any] = [0] * (2 * places)
        values[: 2 * len(rows) : 2] = map(_key_of, rows)
        raws = map(_raw_of, rows)
        # Of its own types the driver binds these without looking for an adapter, which takes longer than to
        # copy a short lead, and not as long as to copy a long one.
        values[1 : 2 * len(rows) : 2] = map(bytearray, raws) if _is_short(rows[0]) else raws
        yield _insert_statement(places), (list_id, first_sequence, *values, len(rows))
        first_sequence += len(rows)


def _gathered(parts: Iterable[Sequence[LeadDraft]]) -> Iterator[Sequence[LeadDraft] | None]:
    """The rows of each statement, before anything is waited for that is no draft.

    Long leads all go into one: to make their drafts and to store them are both a matter of reading memory,
    and slow each other down. Drafts that take longer than usual have None in between.
    """
    rows: list[LeadDraft] = []
    begun = time.monotonic()
    for part in parts:
        if time.monotonic() - begun > _USUAL_SECONDS:
            yield None
        most = FEW_ROWS if rows and _is_short(rows[0]) else MOST_ROWS
        if rows and (not part or len(rows) + len(part) > most):
            yield rows
            rows = []
        rows += part
    if rows:
        yield rows


def _is_short(draft: LeadDraft) -> bool:
    return len(memoryview(draft.raw)) <= _SHORT_BYTES


@lru_cache(maxsize=16)
def _insert_statement(places: int) -> str:
    """Rows are nothing but numbers and places, which SQLite reads in a time that grows as they do.

    With the arithmetic in each row it compared each number with all before: 0.4 s for 10,000 rows.
    """
    rows = ", ".join(f"({row}, ?, ?)" for row in range(places))
    return (
        "INSERT INTO lead_list_entries (list_id, sequence, key, lead) "
        f"SELECT ?1, ?2 + column1, column2, CAST(column3 AS TEXT) FROM (VALUES {rows}) LIMIT ?"
    )
