"""Browsers that are signed in, by the digest of their token."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Mode, Role, User, UserStatus
from leadyard.domain.sign_in import IDLE_LIMIT, SEEN_STEP, SESSION_LIMIT, Session
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_INSERT = text(
    "INSERT INTO sessions (public_id, user_id, digest, mode, address, browser, created_at, seen_at) "
    "VALUES (:public_id, :user_id, :digest, :mode, :address, :browser, :now, :now)"
)
_SELECT = (
    "SELECT s.id, s.public_id, s.mode, s.address, s.browser, s.created_at, s.seen_at, w.id AS workspace_id, "
    "u.id AS user_id, u.public_id AS user_public_id, u.account_id, u.name, u.email, u.role, u.status, "
    "a.name AS account_name FROM sessions s JOIN users u ON u.id = s.user_id "
    "JOIN accounts a ON a.id = u.account_id "
    "JOIN workspaces w ON w.account_id = u.account_id AND w.mode = s.mode "
    "WHERE s.created_at > :oldest AND s.seen_at > :idle AND u.status = 'active'"
)
_FIND = text(f"{_SELECT} AND s.digest = :digest")
_OPEN = text(f"{_SELECT} AND s.id = :id")
_OF_USER = text(f"{_SELECT} AND s.user_id = :user_id ORDER BY s.seen_at DESC, s.id DESC")
_SEEN = text("UPDATE sessions SET seen_at = :now, address = :address WHERE id = :id AND seen_at < :before")
_SET_MODE = text("UPDATE sessions SET mode = :mode WHERE id = :id")
_DELETE = text("DELETE FROM sessions WHERE user_id = :user_id AND public_id = :public_id")
_DELETE_ALL = text("DELETE FROM sessions WHERE user_id = :user_id AND id <> :kept")
_FORGET = text("DELETE FROM sessions WHERE created_at <= :oldest OR seen_at <= :idle")


class NewSession(msgspec.Struct, frozen=True):
    """A session to store: whose, the digest of its token, and what is told of the browser."""

    user_id: int
    digest: str
    mode: Mode
    address: str | None
    browser: str


async def add_session(tx: Tx, new: NewSession) -> None:
    """Stores a session, and forgets all that have ended by themselves."""
    await tx.conn.execute(_FORGET, _limits(tx))
    values = {
        "public_id": new_id(tx.now_ms),
        "user_id": new.user_id,
        "digest": new.digest,
        "mode": new.mode,
        "address": new.address,
        "browser": new.browser,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_INSERT, values)


async def find_session(tx: Tx, digest: str) -> Session | None:
    """The session of a token, unless it has ended or its user is disabled."""
    row = (await tx.conn.execute(_FIND, {**_limits(tx), "digest": digest})).one_or_none()
    return None if row is None else _to_session(row)


async def find_open(tx: Tx, row_id: int) -> Session | None:
    """The session with this row id, unless it has ended or its user is disabled."""
    row = (await tx.conn.execute(_OPEN, {**_limits(tx), "id": row_id})).one_or_none()
    return None if row is None else _to_session(row)


async def list_sessions(tx: Tx, user_id: int) -> list[Session]:
    """The sessions of a user, the one used last first."""
    rows = await tx.conn.execute(_OF_USER, {**_limits(tx), "user_id": user_id})
    return [_to_session(row) for row in rows]


def is_seen_lately(tx: Tx, session: Session) -> bool:
    """Whether it is kept to the minute when a session was used."""
    return session.seen_at > tx.now - SEEN_STEP


async def note_seen(tx: Tx, row_id: int, address: str | None) -> None:
    """Keeps when, and from where, a session was used."""
    values = {"now": tx.now_ms, "before": to_ms(tx.now - SEEN_STEP), "id": row_id, "address": address}
    await tx.conn.execute(_SEEN, values)


async def set_mode(tx: Tx, row_id: int, mode: Mode) -> None:
    """Turns a session to the live or the test data."""
    await tx.conn.execute(_SET_MODE, {"mode": mode, "id": row_id})


async def delete_session(tx: Tx, user_id: int, public_id: str) -> bool:
    """Ends one session of a user; False if there is none."""
    values = {"user_id": user_id, "public_id": public_id}
    return (await tx.conn.execute(_DELETE, values)).rowcount == 1


async def delete_sessions(tx: Tx, user_id: int, kept: int = 0) -> int:
    """Ends all sessions of a user but one; returns how many."""
    return (await tx.conn.execute(_DELETE_ALL, {"user_id": user_id, "kept": kept})).rowcount


def _limits(tx: Tx) -> dict[str, int]:
    return {"oldest": to_ms(tx.now - SESSION_LIMIT), "idle": to_ms(tx.now - IDLE_LIMIT)}


def _to_session(row: Row[Any]) -> Session:
    role, status = Role(row.role), UserStatus(row.status)
    return Session(
        row_id=row.id,
        id=row.public_id,
        user=User(row.user_id, row.user_public_id, row.name, row.email, role, status),
        account_id=row.account_id,
        account_name=row.account_name,
        workspace_id=row.workspace_id,
        mode=Mode(row.mode),
        address=row.address,
        browser=row.browser,
        created_at=from_ms(row.created_at),
        seen_at=from_ms(row.seen_at),
    )
