"""Users of an account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text

from leadyard.domain.accounts import Role, User, UserStatus
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id
from leadyard.storage.paging import Collection, fetch_page

_COLUMNS = "id, public_id, name, email, role, status"
_INSERT = text(
    "INSERT INTO users (public_id, account_id, name, email, role, created_at) "
    "VALUES (:public_id, :account_id, :name, :email, :role, :now) "
    "ON CONFLICT (account_id, email) DO NOTHING RETURNING id"
)
_FIND = text(f"SELECT {_COLUMNS} FROM users WHERE account_id = :account_id AND email = :email")
_GET = text(f"SELECT {_COLUMNS} FROM users WHERE id = :id")
_ADMIN = text(
    f"SELECT {_COLUMNS} FROM users WHERE account_id = :account_id AND role = 'admin' ORDER BY id LIMIT 1"
)
_FIRST_ACTIVE_ADMIN = text(
    f"SELECT {_COLUMNS} FROM users WHERE account_id = :account_id AND role = 'admin' AND status = 'active' "
    "ORDER BY id LIMIT 1"
)
_UPDATE = text("UPDATE users SET role = :role, status = :status WHERE id = :id")
_ACTIVE_ADMIN = text(
    "SELECT 1 FROM users WHERE account_id = :account_id AND role = 'admin' AND status = 'active' LIMIT 1"
)
_CURSOR = text("SELECT id FROM users WHERE account_id = :account_id AND public_id = :public_id")


async def add_user(tx: Tx, account_id: int, name: str, email: str, role: Role) -> User | None:
    """A new user; None when the account has one with this e-mail. The e-mail is normalized."""
    public_id = new_id(tx.now_ms)
    values = {
        "public_id": public_id,
        "account_id": account_id,
        "name": name,
        "email": email,
        "role": role,
        "now": tx.now_ms,
    }
    row_id = (await tx.conn.execute(_INSERT, values)).scalar_one_or_none()
    if row_id is None:
        return None
    return User(row_id, public_id, name, email, role, UserStatus.ACTIVE)


async def get_user(tx: Tx, row_id: int) -> User:
    """The user with this row id."""
    return _to_user((await tx.conn.execute(_GET, {"id": row_id})).one())


async def find_user(tx: Tx, account_id: int, email: str) -> User | None:
    """The account's user with this normalized e-mail."""
    row = (await tx.conn.execute(_FIND, {"account_id": account_id, "email": email})).one_or_none()
    return None if row is None else _to_user(row)


async def get_admin(tx: Tx, account_id: int) -> User:
    """The admin whose credits are taken: the account's first."""
    return _to_user((await tx.conn.execute(_ADMIN, {"account_id": account_id})).one())


async def get_active_admin(tx: Tx, account_id: int) -> User:
    """The first admin who is not disabled; every account has one."""
    return _to_user((await tx.conn.execute(_FIRST_ACTIVE_ADMIN, {"account_id": account_id})).one())


async def update_user(tx: Tx, changed: User) -> None:
    """Writes a user's role and status."""
    values = {"id": changed.row_id, "role": changed.role, "status": changed.status}
    await tx.conn.execute(_UPDATE, values)


async def has_admin(tx: Tx, account_id: int) -> bool:
    """Whether the account has an active admin."""
    return (await tx.conn.execute(_ACTIVE_ADMIN, {"account_id": account_id})).first() is not None


async def list_users(tx: Tx, account_id: int, request: PageRequest) -> Page[User] | None:
    """A page of the account's users, oldest first; None for a cursor that is not one of them."""
    scope = {"account_id": account_id}
    return await fetch_page(
        tx,
        Collection(f"SELECT {_COLUMNS} FROM users WHERE account_id = :account_id", "id", scope),
        request,
        cursor=lambda public_id: _find_cursor(tx, account_id, public_id),
        convert=_to_user,
    )


async def _find_cursor(tx: Tx, account_id: int, public_id: str) -> int | None:
    values = {"account_id": account_id, "public_id": public_id}
    return (await tx.conn.execute(_CURSOR, values)).scalar_one_or_none()


def _to_user(row: Row[Any]) -> User:
    return User(row.id, row.public_id, row.name, row.email, Role(row.role), UserStatus(row.status))
