"""Who a person is, whichever provider tells of them: the keys they are known by, and one id for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from sqlalchemy import text

from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_COLUMNS = {"key": "text", "person_id": "text"}


async def resolve_person_ids(
    tx: Tx, workspace_id: int, persons: Sequence[Collection[str]], given: Sequence[str | None] = ()
) -> list[str]:
    """The id of each person, given all the keys that each is known by; a new one for whom nobody has met.

    `given` are ids that persons have already: those stay.

    Whoever comes second with a key gets the id that was given first, and the other keys lead to it from then
    on. That is what a charge once ever goes by.
    """
    known = await _find(tx, workspace_id, {key for keys in persons for key in keys})
    ids = []
    rows = []
    for keys, given_id in zip_longest(persons, given):
        first_id = min((known[key] for key in keys if key in known), default=None)
        person_id = given_id or first_id or new_id(tx.now_ms)
        rows += [{"key": key, "person_id": person_id} for key in keys if key not in known]
        known |= {key: person_id for key in keys if key not in known}
        ids.append(person_id)
    if not rows:
        return ids
    statement = text(
        "INSERT INTO person_keys (workspace_id, key, person_id) SELECT :workspace_id, r.key, r.person_id "
        f"FROM (SELECT * FROM {tx.dialect.rows_from('rows', _COLUMNS)}) AS r WHERE true ORDER BY r.key "
        "ON CONFLICT (workspace_id, key) DO NOTHING"
    )
    inserted = await tx.conn.execute(statement, {"workspace_id": workspace_id, "rows": _encode(rows)})
    if inserted.rowcount == len(rows):
        return ids
    known = await _find(tx, workspace_id, {key for keys in persons for key in keys})
    return [given_id or min(known[key] for key in keys) for keys, given_id in zip_longest(persons, given)]


async def _find(tx: Tx, workspace_id: int, keys: Collection[str]) -> dict[str, str]:
    statement = text(
        "SELECT k.key, k.person_id FROM person_keys k "
        f"JOIN (SELECT * FROM {tx.dialect.rows_from('rows', {'key': 'text'})}) AS r ON r.key = k.key "
        "WHERE k.workspace_id = :workspace_id"
    )
    values = {"workspace_id": workspace_id, "rows": _encode([{"key": key} for key in keys])}
    return {row.key: row.person_id for row in await tx.conn.execute(statement, values)}


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
