"""Exclusions: e-mails and domains that a workspace wants to have nothing to do with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.suppression import Exclusion, ExclusionKind
from leadyard.storage import paging
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx
from leadyard.storage.paging import fetch_page

_SELECT = (
    "SELECT id, kind, value, reason, created_at FROM exclusions "
    "WHERE workspace_id = :workspace_id AND kind = :kind"
)
_FIND = text(f"{_SELECT} AND value = :value")
_VALUE = {"value": "text"}


async def add_exclusions(
    tx: Tx, workspace_id: int, kind: ExclusionKind, values: Collection[str], reason: str
) -> set[str]:
    """Adds those that are not there yet; returns these. In order, so that nobody deadlocks."""
    statement = text(
        "INSERT INTO exclusions (workspace_id, kind, value, reason, created_at) "
        "SELECT :workspace_id, :kind, r.value, :reason, :now "
        f"FROM (SELECT * FROM {tx.dialect.rows_from('rows', _VALUE)}) AS r WHERE true ORDER BY r.value "
        "ON CONFLICT (workspace_id, kind, value) DO NOTHING RETURNING value"
    )
    parameters = {
        "workspace_id": workspace_id,
        "kind": kind,
        "reason": reason,
        "now": tx.now_ms,
        "rows": _encode(values),
    }
    return set((await tx.conn.execute(statement, parameters)).scalars())


async def remove_exclusions(
    tx: Tx, workspace_id: int, kind: ExclusionKind, values: Collection[str]
) -> set[str]:
    """Removes those that are there; returns these. Locked in order first, so that nobody deadlocks."""
    clause = tx.dialect.lock_clause()
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _VALUE)}) "
        "DELETE FROM exclusions WHERE id IN (SELECT e.id FROM r CROSS JOIN exclusions AS e "
        "WHERE e.workspace_id = :workspace_id AND e.kind = :kind AND e.value = r.value ORDER BY e.value "
        f"{clause and clause + ' OF e'}) RETURNING value"
    )
    parameters = {"workspace_id": workspace_id, "kind": kind, "rows": _encode(values)}
    return set((await tx.conn.execute(statement, parameters)).scalars())


async def list_exclusions(
    tx: Tx, workspace_id: int, kind: ExclusionKind, request: PageRequest
) -> Page[Exclusion] | None:
    """A page of one kind, newest first; the cursor is the address or domain. None for an unknown one."""
    scope = {"workspace_id": workspace_id, "kind": kind}

    async def position(cursor: str) -> int | None:
        row = (await tx.conn.execute(_FIND, {**scope, "value": cursor})).one_or_none()
        return None if row is None else int(row.id)

    return await fetch_page(
        tx,
        paging.Collection(_SELECT, "id", scope, newest_first=True),
        request,
        cursor=position,
        convert=_to_exclusion,
    )


async def find_exclusions(
    tx: Tx, workspace_id: int, kind: ExclusionKind, values: Collection[str]
) -> list[Exclusion]:
    """Those of these addresses or domains that are excluded."""
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _VALUE)}) "
        "SELECT e.kind, e.value, e.reason, e.created_at FROM r CROSS JOIN exclusions AS e "
        "WHERE e.workspace_id = :workspace_id AND e.kind = :kind AND e.value = r.value ORDER BY e.id"
    )
    parameters = {"workspace_id": workspace_id, "kind": kind, "rows": _encode(values)}
    return [_to_exclusion(row) for row in await tx.conn.execute(statement, parameters)]


def _encode(values: Collection[str]) -> str:
    return msgspec.json.encode([{"value": value} for value in sorted(values)]).decode()


def _to_exclusion(row: Row[Any]) -> Exclusion:
    return Exclusion(ExclusionKind(row.kind), row.value, row.reason, from_ms(row.created_at))
