"""The summaries of a list's entries: written with their results, and nothing else of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import text

from leadyard.domain.summaries import Summary
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement

_COLUMNS = {
    "sequence": "integer",
    "status": "text",
    "name": "text",
    "email": "text",
    "title": "text",
    "company": "text",
    "has_phone": "boolean",
    "enrich": "text",
    "validate": "text",
    "reveal": "text",
    "result": "text",
    "trouble": "text",
}
_READ = text(
    f"SELECT {', '.join(_COLUMNS)} FROM entry_summaries "
    "WHERE list_id = :list_id AND sequence > :after AND sequence <= :upto"
)
_ROWS_A_STATEMENT = 500
_SEQUENCES = "IN (SELECT n.number FROM {numbers} AS n)"


async def write_summaries(tx: Tx, list_row_id: int, summaries: Sequence[Summary]) -> None:
    """Writes the summaries of entries of a locked list, whether they had some before or not."""
    if not summaries:
        return
    names = ", ".join(_COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "sequence")
    statement = (
        f"INSERT INTO entry_summaries (list_id, {names}) SELECT :list_id, {names} FROM r WHERE true "
        f"ON CONFLICT (list_id, sequence) DO UPDATE SET {changed}"
    )
    rows = list(map(msgspec.structs.astuple, summaries))
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        part = rows[start : start + _ROWS_A_STATEMENT]
        await tx.dialect.run_with_rows(tx.conn, statement, _COLUMNS, part, {"list_id": list_row_id})


def summaries_statement(tx: Tx, list_row_id: int, summaries: Sequence[Summary]) -> Statement:
    """What writes the summaries of a few entries that have none."""
    names = ", ".join(_COLUMNS)
    rows_from = tx.dialect.rows_from("summaries", _COLUMNS)
    statement = f"INSERT INTO entry_summaries (list_id, {names}) SELECT :list_id, {names} FROM {rows_from}"
    return statement, {"list_id": list_row_id, "summaries": msgspec.json.encode(summaries).decode()}


async def open_summaries(tx: Tx, list_row_id: int, sequences: Collection[int]) -> None:
    """Says of entries that they are in the queue again. What they came to before is still shown."""
    chosen = _SEQUENCES.format(numbers=tx.dialect.numbers_from("sequences"))
    statement = text(
        f"UPDATE entry_summaries SET status = 'queued' WHERE list_id = :list_id AND sequence {chosen}"
    )
    await tx.conn.execute(statement, {"list_id": list_row_id, "sequences": _encode(sequences)})


async def read_summaries(tx: Tx, list_row_id: int, after: int, upto: int) -> dict[int, Summary]:
    """The summaries of a list behind a sequence, up to another."""
    rows = await tx.conn.execute(_READ, {"list_id": list_row_id, "after": after, "upto": upto})
    return {row.sequence: msgspec.convert(dict(row._mapping), Summary, strict=False) for row in rows}


async def delete_summaries(tx: Tx, list_row_id: int, sequences: Collection[int]) -> None:
    """Deletes the summaries of these entries of a locked list."""
    chosen = _SEQUENCES.format(numbers=tx.dialect.numbers_from("sequences"))
    statement = text(f"DELETE FROM entry_summaries WHERE list_id = :list_id AND sequence {chosen}")
    await tx.conn.execute(statement, {"list_id": list_row_id, "sequences": _encode(sequences)})


async def empty_summaries(tx: Tx, list_row_id: int, sequences: Collection[int]) -> None:
    """Leaves nothing of what these entries told."""
    await write_summaries(tx, list_row_id, [Summary.emptied(sequence) for sequence in sequences])


def _encode(sequences: Collection[int]) -> str:
    return msgspec.json.encode(list(sequences)).decode()
