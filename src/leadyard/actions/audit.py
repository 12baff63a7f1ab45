"""Writing down who changed what, in the transaction that changes it, and reading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.audit import AuditAction, AuditEntry
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import audit as audit_rows
from leadyard.storage.database import Tx


async def record(
    tx: Tx, caller: Caller, action: AuditAction, subject: str | None = None, **detail: Any
) -> None:
    """Writes down what the caller does to something of their workspace. No personal data may be in it."""
    await audit_rows.add_entry(tx, caller, action, subject, detail, is_of_account=False)


async def record_for_account(
    tx: Tx, caller: Caller, action: AuditAction, subject: str, **detail: Any
) -> None:
    """The same for what live and test data have in common."""
    await audit_rows.add_entry(tx, caller, action, subject, detail, is_of_account=True)


async def list_audit_entries(
    tx: Tx, caller: Caller, filters: Mapping[str, str], request: PageRequest
) -> Page[AuditEntry]:
    """A page of the log, newest first. Raises Forbidden, and Refused for an unknown cursor."""
    caller.require(Scope.AUDIT_READ)
    return require_page(await audit_rows.list_entries(tx, caller, filters, request), request)
