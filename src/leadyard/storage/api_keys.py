"""API keys, by their digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from leadyard.domain.accounts import ApiKey, Caller, Mode, Role, User
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_INSERT = text(
    "INSERT INTO api_keys (public_id, workspace_id, user_id, name, role, digest, last_four, created_at) "
    "VALUES (:public_id, :workspace_id, :user_id, :name, :role, :digest, :last_four, :now)"
)
_FIND = text(
    "SELECT k.id, k.digest, k.workspace_id, k.user_id, k.role, w.account_id, w.mode "
    "FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id JOIN users u ON u.id = k.user_id "
    "WHERE k.digest = :digest AND k.revoked_at IS NULL AND u.status = 'active'"
)
_LIST = text(
    "SELECT k.public_id, k.name, k.role, k.last_four, k.created_at, k.revoked_at, w.mode, u.email "
    "FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id JOIN users u ON u.id = k.user_id "
    "WHERE w.account_id = :account_id ORDER BY k.id"
)
_REVOKE = text(
    "UPDATE api_keys SET revoked_at = :now WHERE public_id = :public_id AND revoked_at IS NULL "
    "AND workspace_id IN (SELECT id FROM workspaces WHERE account_id = :account_id)"
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to store: its digest and what is kept to tell it by."""

    name: str
    role: Role
    digest: str
    last_four: str


async def add_api_key(tx: Tx, workspace_id: int, user: User, key: NewKey) -> str:
    """Stores a key made for a user; returns its public id."""
    public_id = new_id(tx.now_ms)
    values = {
        "public_id": public_id,
        "workspace_id": workspace_id,
        "user_id": user.row_id,
        "name": key.name,
        "role": key.role,
        "digest": key.digest,
        "last_four": key.last_four,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_INSERT, values)
    return public_id


async def find_caller(tx: Tx, digest: str) -> tuple[str, Caller] | None:
    """The stored digest and whom it stands for; None if unknown or revoked, or its user is disabled."""
    row = (await tx.conn.execute(_FIND, {"digest": digest})).one_or_none()
    if row is None:
        return None
    caller = Caller(row.account_id, row.workspace_id, Mode(row.mode), row.id, row.user_id, Role(row.role))
    return row.digest, caller


async def list_api_keys(tx: Tx, account_id: int) -> list[ApiKey]:
    """Every key of an account, revoked ones included, oldest first."""
    return [_to_key(row) for row in await tx.conn.execute(_LIST, {"account_id": account_id})]


async def revoke_api_key(tx: Tx, account_id: int, public_id: str) -> bool:
    """Ends a key; False when there is no such key, or it was revoked before."""
    values = {"now": tx.now_ms, "public_id": public_id, "account_id": account_id}
    return (await tx.conn.execute(_REVOKE, values)).rowcount == 1


def _to_key(row: Row[Any]) -> ApiKey:
    revoked_at = None if row.revoked_at is None else from_ms(row.revoked_at)
    return ApiKey(
        id=row.public_id,
        name=row.name,
        mode=Mode(row.mode),
        role=Role(row.role),
        user_email=row.email,
        last_four=row.last_four,
        created_at=from_ms(row.created_at),
        revoked_at=revoked_at,
    )
