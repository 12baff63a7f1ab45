"""Reading balances and the ledger, and granting credits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import Balance, CreditEntry, CreditKind, Reason
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.usage import Usage
from leadyard.storage import credit_usage as usage_rows
from leadyard.storage import credits as ledger
from leadyard.storage.credits import Asker
from leadyard.storage.database import Tx


async def get_balances(tx: Tx, caller: Caller) -> dict[CreditKind, Balance]:
    """Both balances of the caller's workspace."""
    return await ledger.list_balances(tx, caller.workspace_id)


async def list_credit_entries(
    tx: Tx, caller: Caller, request: PageRequest, filters: Mapping[str, str] = MappingProxyType({})
) -> Page[CreditEntry]:
    """A page of the ledger, newest first. Raises Refused for an unknown cursor.

    `filters` may hold kind, reason, user (an e-mail) and list (an id).
    """
    return require_page(await ledger.list_credit_entries(tx, caller, request, filters), request)


async def get_usage(tx: Tx, caller: Caller, days: int) -> Usage:
    """What was spent in the last days, today included: by day, list, user and key."""
    return await usage_rows.get_usage(tx, caller, days)


async def grant_credits(
    tx: Tx, caller: Caller, kind: CreditKind, amount: int, note: str | None
) -> CreditEntry:
    """Adds milli-credits to the caller's workspace. Raises Forbidden."""
    caller.require(Scope.CREDITS_GRANT)
    asker = Asker(caller.workspace_id, caller.key_id or None, caller.user_id or None)
    entry = await ledger.grant_credits(tx, asker, kind, amount, Reason.GRANT, note)
    await record(tx, caller, AuditAction.CREDITS_GRANTED, str(entry.id), kind=kind, milli_credits=amount)
    return entry
