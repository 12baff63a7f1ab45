"""People of the directory one by one: those with the traces of a person, for an export or an erasure."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from leadyard.domain.directory import KnownPerson
from leadyard.storage.database import Tx
from leadyard.storage.directory import BY_EMAIL, BY_LINKEDIN, BY_PUBLIC_ID, encode, find_people

EVERYBODY = 1_000_000_000
"""More people than have one address."""


async def lock_for_loading(tx: Tx) -> None:
    """Before a load looks who was erased: an erasure waits for those that have looked already."""
    if tx.dialect.lock_clause():
        await tx.conn.execute(text("LOCK TABLE directory_people IN ROW EXCLUSIVE MODE"))


async def find_traces(
    tx: Tx, profiles: Collection[str], emails: Collection[str], public_ids: Collection[str]
) -> list[KnownPerson]:
    """The people with one of these profiles, e-mails or ids, each once."""
    found: dict[str, KnownPerson] = {}
    for matches, keys in ((BY_LINKEDIN, profiles), (BY_EMAIL, emails), (BY_PUBLIC_ID, public_ids)):
        for people in await find_people(tx, matches, list(keys), EVERYBODY) if keys else ():
            for known in people:
                found.setdefault(known.key, known)
    return list(found.values())


async def delete_people(tx: Tx, keys: Collection[str]) -> int:
    """Removes people by their keys; their companies stay. Returns how many there were."""
    rows = tx.dialect.rows_from("rows", {"key": "text"})
    statement = text(
        f"DELETE FROM directory_people WHERE key IN (SELECT r.key FROM (SELECT * FROM {rows}) AS r)"
    )
    values = {"rows": encode([{"key": key} for key in keys])}
    return (await tx.conn.execute(statement, values)).rowcount
