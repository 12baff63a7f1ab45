"""API keys, by their digest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import ApiKey, Caller, Mode, Role, Scope, lesser_role
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id
from leadyard.storage.paging import Collection, fetch_page

_INSERT = text(
    "INSERT INTO api_keys (public_id, workspace_id, user_id, name, role, scopes, digest, last_four, "
    "created_at, expires_at) VALUES (:public_id, :workspace_id, :user_id, :name, :role, :scopes, :digest, "
    ":last_four, :now, :expires_at)"
)
_FIND_CALLER = text(
    "SELECT k.id, k.digest, k.workspace_id, k.user_id, k.role, k.scopes, w.account_id, w.mode, "
    "u.role AS user_role "
    "FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id JOIN users u ON u.id = k.user_id "
    "WHERE k.digest = :digest AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now) "
    "AND u.status = 'active'"
)
_SELECT = (
    "SELECT k.id, k.public_id, k.user_id, k.name, k.role, k.scopes, k.last_four, k.created_at, k.expires_at, "
    "k.last_used_at, k.rotated_at, k.revoked_at, w.mode, u.email, u.role AS user_role "
    "FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id JOIN users u ON u.id = k.user_id"
)
_FIND = text(f"{_SELECT} WHERE k.workspace_id = :workspace_id AND k.public_id = :public_id")
_OF_ACCOUNT = text(f"{_SELECT} WHERE w.account_id = :account_id ORDER BY k.id")
_EXPIRY = text("SELECT expires_at FROM api_keys WHERE id = :id")
_REVOKE = text("UPDATE api_keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
_END_AFTER = text(
    "UPDATE api_keys SET rotated_at = :now, "
    "expires_at = CASE WHEN expires_at < :ends_at THEN expires_at ELSE :ends_at END "
    "WHERE id = :id AND rotated_at IS NULL AND revoked_at IS NULL "
    "AND (expires_at IS NULL OR expires_at > :now)"
)


class NewKey(msgspec.Struct, frozen=True):
    """A key to store: its digest and what is kept to tell it by. Without scopes it has all of its role."""

    name: str
    role: Role
    digest: str
    last_four: str
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None


async def add_api_key(tx: Tx, workspace_id: int, user_id: int, key: NewKey) -> str:
    """Stores a key made for a user, by their row id; returns its public id."""
    public_id = new_id(tx.now_ms)
    values = {
        "public_id": public_id,
        "workspace_id": workspace_id,
        "user_id": user_id,
        "name": key.name,
        "role": key.role,
        "scopes": None if key.scopes is None else " ".join(sorted(key.scopes)),
        "digest": key.digest,
        "last_four": key.last_four,
        "now": tx.now_ms,
        "expires_at": None if key.expires_at is None else to_ms(key.expires_at),
    }
    await tx.conn.execute(_INSERT, values)
    return public_id


async def find_caller(tx: Tx, digest: str) -> tuple[str, Caller] | None:
    """The stored digest and whom it stands for; None if unknown or ended, or its user is disabled.

    A key of a user who has a lesser role by now has no more than that.
    """
    row = (await tx.conn.execute(_FIND_CALLER, {"digest": digest, "now": tx.now_ms})).one_or_none()
    if row is None:
        return None
    role, mode = _effective_role(row), Mode(row.mode)
    caller = Caller(row.account_id, row.workspace_id, mode, row.id, row.user_id, role, _own_scopes(row))
    return row.digest, caller


async def find_key(tx: Tx, workspace_id: int, public_id: str) -> ApiKey | None:
    """The workspace's key with this id, ended or not."""
    values = {"workspace_id": workspace_id, "public_id": public_id}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else _to_key(row)


async def find_expiry(tx: Tx, row_id: int) -> datetime | None:
    """When a key expires; None if it does not."""
    expires_at = (await tx.conn.execute(_EXPIRY, {"id": row_id})).scalar_one_or_none()
    return None if expires_at is None else from_ms(expires_at)


async def list_keys(tx: Tx, workspace_id: int, request: PageRequest) -> Page[ApiKey] | None:
    """A page of a workspace's keys, newest first; None for a cursor that is not one of them."""

    async def position(public_id: str) -> int | None:
        found = await find_key(tx, workspace_id, public_id)
        return None if found is None else found.row_id

    return await fetch_page(
        tx,
        Collection(
            f"{_SELECT} WHERE k.workspace_id = :workspace_id",
            "k.id",
            {"workspace_id": workspace_id},
            newest_first=True,
        ),
        request,
        cursor=position,
        convert=_to_key,
    )


async def list_account_keys(tx: Tx, account_id: int) -> list[ApiKey]:
    """Every key of an account, those that have ended included, oldest first."""
    return [_to_key(row) for row in await tx.conn.execute(_OF_ACCOUNT, {"account_id": account_id})]


async def revoke_key(tx: Tx, row_id: int) -> bool:
    """Ends a key at once; False when it was revoked before."""
    return (await tx.conn.execute(_REVOKE, {"now": tx.now_ms, "id": row_id})).rowcount == 1


async def end_after(tx: Tx, row_id: int, overlap: timedelta) -> bool:
    """Lets a rotated key end after a while, if it does not end before; False if it cannot be rotated."""
    values = {"now": tx.now_ms, "ends_at": to_ms(tx.now + overlap), "id": row_id}
    return (await tx.conn.execute(_END_AFTER, values)).rowcount == 1


async def note_uses(tx: Tx, uses: Mapping[int, int]) -> None:
    """Keeps when keys were used last, by row id, in UTC milliseconds."""
    rows = [{"id": row_id, "used_at": used_at} for row_id, used_at in sorted(uses.items())]
    source = tx.dialect.rows_from("rows", {"id": "bigint", "used_at": "bigint"})
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {source}) UPDATE api_keys SET last_used_at = r.used_at "
        "FROM r WHERE api_keys.id = r.id AND coalesce(api_keys.last_used_at, 0) < r.used_at"
    )
    await tx.conn.execute(statement, {"rows": msgspec.json.encode(rows).decode()})


def _effective_role(row: Row[Any]) -> Role:
    return lesser_role(Role(row.role), Role(row.user_role))


def _own_scopes(row: Row[Any]) -> frozenset[Scope] | None:
    return None if row.scopes is None else frozenset(map(Scope, row.scopes.split()))


def _to_key(row: Row[Any]) -> ApiKey:
    def moment(name: str) -> datetime | None:
        value = getattr(row, name)
        return None if value is None else from_ms(value)

    return ApiKey(
        row_id=row.id,
        id=row.public_id,
        user_id=row.user_id,
        name=row.name,
        mode=Mode(row.mode),
        role=_effective_role(row),
        own_scopes=_own_scopes(row),
        user_email=row.email,
        last_four=row.last_four,
        created_at=from_ms(row.created_at),
        expires_at=moment("expires_at"),
        last_used_at=moment("last_used_at"),
        rotated_at=moment("rotated_at"),
        revoked_at=moment("revoked_at"),
    )
