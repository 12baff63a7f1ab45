"""Hashes of passwords, and links to set one."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Role, User, UserStatus
from leadyard.domain.sign_in import LINK_LIFETIMES, LinkPurpose, Member, PasswordLink
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx

_USER = "u.id AS user_id, u.public_id, u.account_id, u.name, u.email, u.role, u.status"
_FIND = text(
    f"SELECT {_USER}, u.password_hash FROM users u "
    "WHERE u.email = :email AND u.status = 'active' AND u.password_hash IS NOT NULL ORDER BY u.id"
)
_HOLD = text(
    "UPDATE users SET password_hash = password_hash "
    "WHERE id = :id AND password_hash = :hash AND status = 'active'"
)
_HASH = text("SELECT password_hash FROM users WHERE id = :id")
_SET = text("UPDATE users SET password_hash = :hash WHERE id = :id")
_ANY = text("SELECT 1 FROM users WHERE password_hash IS NOT NULL LIMIT 1")
_ADD_LINK = text(
    "INSERT INTO password_links (user_id, purpose, digest, created_at, expires_at) "
    "VALUES (:user_id, :purpose, :digest, :now, :expires_at)"
)
_FIND_LINK = text(
    f"SELECT l.id, l.purpose, l.expires_at, {_USER} FROM password_links l JOIN users u ON u.id = l.user_id "
    "WHERE l.digest = :digest AND l.expires_at > :now AND u.status = 'active' "
    "AND (l.purpose <> 'first_start' OR NOT EXISTS "
    "(SELECT 1 FROM users o WHERE o.password_hash IS NOT NULL))"
)
_DELETE_LINKS = text("DELETE FROM password_links WHERE user_id = :user_id OR expires_at <= :now")
_DELETE_LINK = text("DELETE FROM password_links WHERE id = :id")
_MEMBERS = text(
    f"SELECT {_USER}, u.password_hash IS NOT NULL AS has_password, "
    "(SELECT max(s.seen_at) FROM sessions s WHERE s.user_id = u.id) AS seen_at, "
    "(SELECT l.purpose FROM password_links l WHERE l.user_id = u.id AND l.expires_at > :now "
    "ORDER BY l.id DESC LIMIT 1) AS purpose, "
    "(SELECT l.expires_at FROM password_links l WHERE l.user_id = u.id AND l.expires_at > :now "
    "ORDER BY l.id DESC LIMIT 1) AS link_expires_at "
    "FROM users u WHERE u.account_id = :account_id ORDER BY u.id"
)


class SecretOf(msgspec.Struct, frozen=True):
    """A user who can sign in, with the hash of their password."""

    user: User
    account_id: int
    password_hash: str


async def list_secrets(tx: Tx, email: str) -> list[SecretOf]:
    """The active users with this normalized e-mail who have a password: one in each account."""
    rows = await tx.conn.execute(_FIND, {"email": email})
    return [SecretOf(_to_user(row), row.account_id, row.password_hash) for row in rows]


async def hold_hash(tx: Tx, user_id: int, password_hash: str) -> bool:
    """Locks an active user who still has this password, until the commit; False for any other."""
    values = {"id": user_id, "hash": password_hash}
    return (await tx.conn.execute(_HOLD, values)).rowcount == 1


async def find_hash(tx: Tx, user_id: int) -> str | None:
    """The hash of a user's password."""
    found: str | None = (await tx.conn.execute(_HASH, {"id": user_id})).scalar_one()
    return found


async def set_hash(tx: Tx, user_id: int, password_hash: str) -> None:
    """Gives a user a password; links to set one are gone."""
    await tx.conn.execute(_SET, {"hash": password_hash, "id": user_id})
    await delete_links(tx, user_id)


async def has_any_password(tx: Tx) -> bool:
    """Whether anybody of the installation has a password."""
    return (await tx.conn.execute(_ANY)).first() is not None


async def add_link(tx: Tx, user_id: int, purpose: LinkPurpose, digest: str) -> None:
    """Stores a link."""
    values = {
        "user_id": user_id,
        "purpose": purpose,
        "digest": digest,
        "now": tx.now_ms,
        "expires_at": to_ms(tx.now + LINK_LIFETIMES[purpose]),
    }
    await tx.conn.execute(_ADD_LINK, values)


async def find_link(tx: Tx, digest: str) -> PasswordLink | None:
    """A link that can be used. That of the first start is for an installation in which nobody can sign in."""
    row = (await tx.conn.execute(_FIND_LINK, {"digest": digest, "now": tx.now_ms})).one_or_none()
    if row is None:
        return None
    expires_at = from_ms(row.expires_at)
    return PasswordLink(row.id, LinkPurpose(row.purpose), row.account_id, _to_user(row), expires_at)


async def use_link(tx: Tx, row_id: int) -> bool:
    """Takes a link away; False if it was used meanwhile."""
    return (await tx.conn.execute(_DELETE_LINK, {"id": row_id})).rowcount == 1


async def delete_links(tx: Tx, user_id: int) -> None:
    """Takes all links of a user away, and those of others that have expired."""
    await tx.conn.execute(_DELETE_LINKS, {"user_id": user_id, "now": tx.now_ms})


async def list_members(tx: Tx, account_id: int) -> list[Member]:
    """All users of an account, oldest first, with what is known of their signing in."""
    rows = await tx.conn.execute(_MEMBERS, {"account_id": account_id, "now": tx.now_ms})
    return [_to_member(row) for row in rows]


def _to_user(row: Row[Any]) -> User:
    return User(row.user_id, row.public_id, row.name, row.email, Role(row.role), UserStatus(row.status))


def _to_member(row: Row[Any]) -> Member:
    return Member(
        user=_to_user(row),
        has_password=bool(row.has_password),
        seen_at=None if row.seen_at is None else from_ms(row.seen_at),
        open_link=None if row.purpose is None else LinkPurpose(row.purpose),
        link_expires_at=None if row.link_expires_at is None else from_ms(row.link_expires_at),
    )
