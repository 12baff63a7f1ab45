"""The rows of imports, compressed, a few thousand together: one file can have millions of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.compression import zstd
from leadyard.domain.import_rows import tally_rows
from leadyard.domain.imports import StagedRow
from leadyard.storage.database import Tx

_INSERT = text(
    "INSERT INTO import_batches (import_id, number, first_row, last_row, tally, rows) "
    "VALUES (:import_id, :number, :first_row, :last_row, :tally, :rows)"
)
_UPDATE = text(
    "UPDATE import_batches SET tally = :tally, rows = :rows WHERE import_id = :import_id AND number = :number"
)
_ADDED = text(
    "UPDATE import_batches SET first_sequence = :first_sequence, added = :added "
    "WHERE import_id = :import_id AND number = :number"
)
_ROWS = text("SELECT rows FROM import_batches WHERE import_id = :import_id AND number = :number")
_INDEX = text(
    "SELECT number, first_row, last_row, tally, first_sequence, added FROM import_batches "
    "WHERE import_id = :import_id ORDER BY number"
)
_NEXT = text(
    "SELECT b.import_id, b.number FROM import_batches b JOIN imports i ON i.id = b.import_id "
    "WHERE i.workspace_id = :workspace_id AND (b.import_id > :import_id "
    "OR (b.import_id = :import_id AND b.number > :number)) ORDER BY b.import_id, b.number LIMIT 1"
)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[StagedRow]).decode
_LEVEL = 1


class Batch(msgspec.Struct, frozen=True):
    """Some rows of an import that follow each other, without the rows themselves.

    `first_sequence` and `added` say which entries of the list they have become.
    """

    number: int
    first_row: int
    last_row: int
    tally: dict[str, int]
    first_sequence: int | None
    added: int

    @property
    def sequences(self) -> range:
        """The entries of the list that they have become."""
        first = self.first_sequence or 1
        return range(first, first + self.added)


def pack_rows(rows: Sequence[StagedRow]) -> bytes:
    """Rows as they are stored."""
    packed: bytes = zstd.compress(_encode(rows), _LEVEL)
    return packed


def unpack_rows(packed: bytes) -> list[StagedRow]:
    """Stored rows."""
    return _decode(zstd.decompress(packed))


async def add_batch(tx: Tx, import_row_id: int, number: int, rows: Sequence[StagedRow]) -> None:
    """Stores rows behind those that are there."""
    values = {
        **_values(import_row_id, number, rows),
        "first_row": rows[0].number,
        "last_row": rows[-1].number,
    }
    await tx.conn.execute(_INSERT, values)


async def write_batch(tx: Tx, import_row_id: int, number: int, rows: Sequence[StagedRow]) -> None:
    """Stores rows anew."""
    await tx.conn.execute(_UPDATE, _values(import_row_id, number, rows))


async def mark_added(tx: Tx, import_row_id: int, number: int, first_sequence: int, added: int) -> None:
    """Writes down which entries of the list the rows have become."""
    values = {"import_id": import_row_id, "number": number, "first_sequence": first_sequence, "added": added}
    await tx.conn.execute(_ADDED, values)


async def read_batch(tx: Tx, import_row_id: int, number: int) -> list[StagedRow]:
    """The rows of a batch; none if there is no such batch."""
    values = {"import_id": import_row_id, "number": number}
    packed = (await tx.conn.execute(_ROWS, values)).scalar_one_or_none()
    return [] if packed is None else unpack_rows(packed)


async def list_batches(tx: Tx, import_row_id: int) -> list[Batch]:
    """All batches of an import, in their order."""
    return [_to_batch(row) for row in await tx.conn.execute(_INDEX, {"import_id": import_row_id})]


async def find_next_batch(tx: Tx, workspace_id: int, after: tuple[int, int]) -> tuple[int, int] | None:
    """The next batch of any import of a workspace: the import's row id and the batch's number."""
    values = {"workspace_id": workspace_id, "import_id": after[0], "number": after[1]}
    row = (await tx.conn.execute(_NEXT, values)).one_or_none()
    return None if row is None else (row.import_id, row.number)


def _values(import_row_id: int, number: int, rows: Sequence[StagedRow]) -> dict[str, Any]:
    tally = msgspec.json.encode(tally_rows(rows)).decode()
    return {"import_id": import_row_id, "number": number, "tally": tally, "rows": pack_rows(rows)}


def _to_batch(row: Row[Any]) -> Batch:
    tally = msgspec.json.decode(row.tally, type=dict[str, int])
    return Batch(row.number, row.first_row, row.last_row, tally, row.first_sequence, row.added)
