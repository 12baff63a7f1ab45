"""The audit log, which is only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller, Mode, Role
from leadyard.domain.audit import AuditAction, AuditEntry
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx
from leadyard.storage.paging import Collection, fetch_page

_INSERT = text(
    "INSERT INTO audit_entries (account_id, workspace_id, user_id, key_id, action, subject, detail, address, "
    "request_id, created_at) VALUES (:account_id, :workspace_id, :user_id, :key_id, :action, :subject, "
    ":detail, :address, :request_id, :now)"
)
_SELECT = (
    "SELECT a.id, a.action, a.subject, a.detail, a.address, a.request_id, a.created_at, "
    "u.email AS user_email, k.public_id AS key_public_id, k.name AS key_name FROM audit_entries a "
    "LEFT JOIN users u ON u.id = a.user_id LEFT JOIN api_keys k ON k.id = a.key_id "
    "WHERE a.account_id = :account_id AND (a.workspace_id IS NULL OR a.workspace_id = :workspace_id)"
)
_WORKSPACE = text("SELECT account_id, mode FROM workspaces WHERE id = :id")
_CURSOR = text(f"{_SELECT} AND a.id = :id")
_CONDITIONS = {"action": "a.action = :action", "user": "u.email = :user"}


async def add_entry(
    tx: Tx,
    caller: Caller,
    action: AuditAction,
    subject: str | None,
    detail: Mapping[str, Any],
    *,
    is_of_account: bool,
) -> None:
    """Writes an entry about the caller's workspace, or about the account as a whole."""
    values = {
        "account_id": caller.account_id,
        "workspace_id": None if is_of_account else caller.workspace_id,
        "user_id": caller.user_id or None,
        "key_id": caller.key_id or None,
        "action": action,
        "subject": subject,
        "detail": msgspec.json.encode(detail).decode(),
        "address": caller.origin.address,
        "request_id": caller.origin.request_id,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_INSERT, values)


async def add_repair(tx: Tx, workspace_id: int, action: AuditAction, detail: Mapping[str, Any]) -> None:
    """Writes an entry about something that the command line set right in a workspace."""
    row = (await tx.conn.execute(_WORKSPACE, {"id": workspace_id})).one()
    operator = Caller(row.account_id, workspace_id, Mode(row.mode), key_id=0, user_id=0, role=Role.ADMIN)
    await add_entry(tx, operator, action, None, detail, is_of_account=False)


async def list_entries(
    tx: Tx, caller: Caller, filters: Mapping[str, str], request: PageRequest
) -> Page[AuditEntry] | None:
    """A page of what was done to the workspace or the whole account, newest first.

    `filters` may hold action, and user (an e-mail). None for an unknown cursor.
    """
    scope = {"account_id": caller.account_id, "workspace_id": caller.workspace_id}
    where = "".join(f" AND {_CONDITIONS[name]}" for name in filters)

    async def position(cursor: str) -> int | None:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            return None
        row = (await tx.conn.execute(_CURSOR, {**scope, "id": int(cursor)})).one_or_none()
        return None if row is None else int(row.id)

    return await fetch_page(
        tx,
        Collection(_SELECT + where, "a.id", {**scope, **filters}, newest_first=True),
        request,
        cursor=position,
        convert=_to_entry,
    )


def _to_entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        action=AuditAction(row.action),
        subject=row.subject,
        detail=msgspec.json.decode(row.detail),
        user_email=row.user_email,
        key_id=row.key_public_id,
        key_name=row.key_name,
        address=row.address,
        request_id=row.request_id,
        created_at=from_ms(row.created_at),
    )
