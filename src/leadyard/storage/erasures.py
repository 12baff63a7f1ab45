"""The records of erasures, and the tombstones that keep the erased from coming back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller
from leadyard.domain.erasure import Erasure, ErasureCounts
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.suppression import Identity
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id
from leadyard.storage.paging import Collection as Rows
from leadyard.storage.paging import fetch_page

# Every writer of lists, of the directory, of exclusions or of imports has a lock on the table before it looks
# who was erased. This one waits for those that have looked already; readers are not in its way.
_WAIT_FOR_WRITERS = (
    text("LOCK TABLE lead_lists IN EXCLUSIVE MODE"),
    text("LOCK TABLE directory_people IN EXCLUSIVE MODE"),
    text("LOCK TABLE exclusions IN EXCLUSIVE MODE"),
    text("LOCK TABLE provider_answers IN EXCLUSIVE MODE"),
    text("LOCK TABLE imports IN EXCLUSIVE MODE"),
)
_INSERT = text(
    "INSERT INTO erasures (public_id, workspace_id, key_id, user_id, entries, directory_people, exclusions, "
    "credit_entries, created_at) VALUES (:public_id, :workspace_id, :key_id, :user_id, :entries, "
    ":directory_people, :exclusions, :credit_entries, :now)"
)
_SELECT = (
    "SELECT id, public_id, entries, directory_people, exclusions, credit_entries, created_at FROM erasures "
    "WHERE workspace_id = :workspace_id"
)
_FIND = text(f"{_SELECT} AND public_id = :public_id")
_DIGEST = {"digest": "text"}


async def add_tombstones(tx: Tx, workspace_ids: Sequence[int], identity: Identity) -> None:
    """Keeps a person out from the commit on: whoever writes later sees it, whoever wrote before is done."""
    if tx.dialect.lock_clause():
        for statement in _WAIT_FOR_WRITERS:
            await tx.conn.execute(statement)
    statement = text(
        "INSERT INTO tombstones (digest, workspace_id, created_at) SELECT r.digest, :workspace_id, :now "
        f"FROM (SELECT * FROM {tx.dialect.rows_from('rows', _DIGEST)}) AS r WHERE true "
        "ON CONFLICT (digest, workspace_id) DO NOTHING"
    )
    rows = _encode([{"digest": tx.digest(mark)} for mark in identity.marks])
    for workspace_id in workspace_ids:
        values = {"workspace_id": workspace_id, "now": tx.now_ms, "rows": rows}
        await tx.conn.execute(statement, values)


async def add_erasure(tx: Tx, caller: Caller, counts: ErasureCounts) -> Erasure:
    """Writes the record."""
    erasure = Erasure(new_id(tx.now_ms), counts, from_ms(tx.now_ms))
    values = {
        "public_id": erasure.id,
        "workspace_id": caller.workspace_id,
        "key_id": caller.key_id or None,
        "user_id": caller.user_id,
        "entries": counts.entries,
        "directory_people": counts.directory_people,
        "exclusions": counts.exclusions,
        "credit_entries": counts.credit_entries,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_INSERT, values)
    return erasure


async def list_erasures(tx: Tx, workspace_id: int, request: PageRequest) -> Page[Erasure] | None:
    """A page of the workspace's erasures, newest first; None for an unknown cursor."""
    scope = {"workspace_id": workspace_id}

    async def position(cursor: str) -> int | None:
        row = (await tx.conn.execute(_FIND, {**scope, "public_id": cursor})).one_or_none()
        return None if row is None else int(row.id)

    rows = Rows(_SELECT, "id", scope, newest_first=True)
    return await fetch_page(tx, rows, request, cursor=position, convert=_to_erasure)


def _encode(rows: Collection[Any]) -> str:
    return msgspec.json.encode(rows).decode()


def _to_erasure(row: Row[Any]) -> Erasure:
    counts = ErasureCounts(row.entries, row.directory_people, row.exclusions, row.credit_entries)
    return Erasure(row.public_id, counts, from_ms(row.created_at))
