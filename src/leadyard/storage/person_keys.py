"""Who a person is, whichever provider tells of them: the keys they are known by, and one id for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_COLUMNS = {"key": "text", "person_id": "text"}


class Met(NamedTuple):
    """A person who was met: all the keys that they are known by, and the id that they may have already."""

    keys: Collection[str]
    person_id: str | None = None


async def resolve_person_ids(tx: Tx, workspace_id: int, persons: Sequence[Met]) -> list[str]:
    """The id of each person; a new one for whom nobody has met. Of several the one given first counts.

    Whoever comes second with a key gets the id that was given first, and the other keys lead to it from then
    on. That is what a charge once ever goes by. Keys are stored as digests.
    """
    digests = [{tx.digest(key) for key in met.keys} for met in persons]
    known = await _find(tx, workspace_id, set().union(*digests))
    ids = []
    rows = []
    for keys, met in zip(digests, persons, strict=True):
        person_id = _first(known, keys, met) or new_id(tx.now_ms)
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
    known = await _find(tx, workspace_id, set().union(*digests))
    return [_first(known, keys, met) or "" for keys, met in zip(digests, persons, strict=True)]


def _first(known: Mapping[str, str], keys: Collection[str], met: Met) -> str | None:
    """The id that was given first: ids sort in the order they were made."""
    ids = [known[key] for key in keys if key in known]
    return min([*ids, met.person_id] if met.person_id else ids, default=None)


async def _find(tx: Tx, workspace_id: int, keys: Collection[str]) -> dict[str, str]:
    # The rows come first: SQLite would otherwise read the parameter again for every key that there is.
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', {'key': 'text'})}) "
        "SELECT k.key, k.person_id FROM r CROSS JOIN person_keys k "
        "WHERE k.workspace_id = :workspace_id AND k.key = r.key"
    )
    values = {"workspace_id": workspace_id, "rows": _encode([{"key": key} for key in keys])}
    return {row.key: row.person_id for row in await tx.conn.execute(statement, values)}


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
