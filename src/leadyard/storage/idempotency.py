"""Answers kept by Idempotency-Key, rows of the same transaction as what they answer for."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import text

from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

KEPT_FOR = timedelta(hours=24)
_PERSONS = "persons:"

_FIND = (
    "SELECT fingerprint, status, headers, body FROM idempotency_keys "
    "WHERE workspace_id = :workspace_id AND key = :key AND created_at > :oldest"
)
_STORE = (
    "INSERT INTO idempotency_keys (workspace_id, key, fingerprint, status, headers, body, created_at) "
    "VALUES (:workspace_id, :key, :fingerprint, :status, :headers, :body, :now) "
    "ON CONFLICT (workspace_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
    "status = excluded.status, headers = excluded.headers, body = excluded.body, "
    "created_at = excluded.created_at"
)
_FORGET_PERSONS = text(
    f"DELETE FROM idempotency_keys WHERE workspace_id = :workspace_id AND fingerprint LIKE '{_PERSONS}%'"
)
_DELETE_OLD = text("DELETE FROM idempotency_keys WHERE created_at <= :oldest")


class StoredAnswer(msgspec.Struct, frozen=True):
    """An answer as it was given: status, headers beyond the common ones, and the body's text.

    `fingerprint` is a digest of the request it answered. What `tells_persons` has e-mails or profiles in it,
    perhaps as they were sent, and can be had again without doing anything twice.
    """

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: str
    tells_persons: bool = False


async def find_answer(tx: Tx, workspace_id: int, key: str) -> StoredAnswer | None:
    """The answer kept for a key in the last 24 hours."""
    values = {"workspace_id": workspace_id, "key": key, "oldest": to_ms(tx.now - KEPT_FOR)}
    found = await tx.run(_FIND, values)
    if not found.rows:
        return None
    (row,) = found.rows
    headers = msgspec.json.decode(row.headers, type=dict[str, str])
    fingerprint = row.fingerprint.removeprefix(_PERSONS)
    return StoredAnswer(fingerprint, row.status, headers, row.body, fingerprint != row.fingerprint)


async def store_answer(tx: Tx, workspace_id: int, key: str, answer: StoredAnswer) -> None:
    """Keeps an answer for 24 hours."""
    values = {
        "workspace_id": workspace_id,
        "key": key,
        "fingerprint": _PERSONS + answer.fingerprint if answer.tells_persons else answer.fingerprint,
        "status": answer.status,
        "headers": msgspec.json.encode(answer.headers).decode(),
        "body": answer.body,
        "now": tx.now_ms,
    }
    await tx.run(_STORE, values)


async def forget_persons(tx: Tx, workspace_id: int) -> None:
    """Forgets every answer of a workspace that tells of persons, whoever they are."""
    await tx.conn.execute(_FORGET_PERSONS, {"workspace_id": workspace_id})


async def delete_old_answers(tx: Tx) -> int:
    """Forgets answers older than 24 hours; returns how many."""
    return (await tx.conn.execute(_DELETE_OLD, {"oldest": to_ms(tx.now - KEPT_FOR)})).rowcount
