"""Accounts and their workspaces."""

from __future__ import annotations

from sqlalchemy import text

from leadyard.domain.accounts import Account, Mode
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_INSERT = text(
    "INSERT INTO accounts (public_id, name, created_at) VALUES (:public_id, :name, :now) RETURNING id"
)
_INSERT_WORKSPACE = text("INSERT INTO workspaces (account_id, mode) VALUES (:account_id, :mode) RETURNING id")
_GET = text("SELECT id, public_id, name FROM accounts WHERE id = :id")
_FIRST = text("SELECT id, public_id, name FROM accounts ORDER BY id LIMIT 1")
_LOCK = text("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE")
_MODE = "SELECT mode FROM workspaces WHERE id = :id"
_WORKSPACE = text("SELECT id FROM workspaces WHERE account_id = :account_id AND mode = :mode")
_WORKSPACES = text("SELECT id, mode FROM workspaces WHERE account_id = :account_id")


async def create_account(tx: Tx, name: str) -> tuple[Account, dict[Mode, int]]:
    """A new account and the row ids of its two workspaces."""
    public_id = new_id(tx.now_ms)
    values = {"public_id": public_id, "name": name, "now": tx.now_ms}
    row_id = (await tx.conn.execute(_INSERT, values)).scalar_one()
    workspaces = {}
    for mode in Mode:
        result = await tx.conn.execute(_INSERT_WORKSPACE, {"account_id": row_id, "mode": mode})
        workspaces[mode] = result.scalar_one()
    return Account(row_id, public_id, name), workspaces


async def get_account(tx: Tx, row_id: int) -> Account:
    """The account with this row id."""
    row = (await tx.conn.execute(_GET, {"id": row_id})).one()
    return Account(row.id, row.public_id, row.name)


async def lock_accounts(tx: Tx) -> None:
    """Lets nobody else make an account until the commit; on SQLite nobody else can write anyway."""
    if tx.dialect.lock_clause():
        await tx.conn.execute(_LOCK)


async def find_first_account(tx: Tx) -> Account | None:
    """The installation's first account; None in an empty database."""
    row = (await tx.conn.execute(_FIRST)).one_or_none()
    return None if row is None else Account(row.id, row.public_id, row.name)


async def get_workspace_id(tx: Tx, account_id: int, mode: Mode) -> int:
    """The row id of an account's workspace."""
    result = await tx.conn.execute(_WORKSPACE, {"account_id": account_id, "mode": mode})
    return int(result.scalar_one())


async def lock_workspace(tx: Tx, workspace_id: int) -> None:
    """Locks a workspace until the commit, so that what it may spend is not spent twice."""
    if clause := tx.dialect.lock_clause():
        statement = text(f"SELECT id FROM workspaces WHERE id = :id {clause}")
        await tx.conn.execute(statement, {"id": workspace_id})


async def lock_users(tx: Tx, account_id: int) -> None:
    """Locks an account until the commit, so that its last admin is not lost in two places at once."""
    if clause := tx.dialect.lock_clause():
        statement = text(f"SELECT id FROM accounts WHERE id = :id {clause}")
        await tx.conn.execute(statement, {"id": account_id})


async def list_workspace_ids(tx: Tx, account_id: int) -> dict[Mode, int]:
    """The row ids of an account's workspaces."""
    rows = await tx.conn.execute(_WORKSPACES, {"account_id": account_id})
    return {Mode(row.mode): row.id for row in rows}


async def get_mode(tx: Tx, workspace_id: int) -> Mode:
    """Whether a workspace holds live or test data."""
    return Mode((await tx.run(_MODE, {"id": workspace_id})).rows[0].mode)
