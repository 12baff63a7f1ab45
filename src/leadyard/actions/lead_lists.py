"""Creating, reading, changing, canceling and deleting lead lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller, User, UserStatus
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import Cost
from leadyard.domain.entries import Entry
from leadyard.domain.errors import Conflict, Forbidden, Gone, NotFound, Refused, unsupported_field
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.lead_lists import LeadList, NewList, entry_sequence, is_id
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage import list_index as index_rows
from leadyard.storage import users as user_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects.results import Run


class ListChanges(msgspec.Struct, frozen=True):
    """What a PATCH asks for; None is left as it is, and so are the options that are not named."""

    name: str | None = None
    shared: bool | None = None
    visible: bool | None = None
    owner: str | None = None
    options: Mapping[str, bool] = msgspec.field(default_factory=dict)
    cancel: bool = False

    def apply_to(self, lead_list: LeadList) -> LeadList:
        """The list with these settings; its owner is as before."""
        return replace(
            lead_list,
            name=lead_list.name if self.name is None else self.name,
            shared=lead_list.shared if self.shared is None else self.shared,
            visible=lead_list.visible if self.visible is None else self.visible,
            options=replace(lead_list.options, **self.options),
        )

    def told(self) -> dict[str, Any]:
        """What of it the audit log tells: which settings, and of those that are no names, what they are."""
        names = ("name", "shared", "visible", "owner")
        changed = [name for name in names if getattr(self, name) is not None]
        told: dict[str, Any] = {"changed": changed + (["options"] if self.options else [])}
        told.update({name: getattr(self, name) for name in ("shared", "visible") if name in changed})
        return {**told, "options": dict(self.options)} if self.options else told


async def get_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """The caller's list. Raises NotFound (also for another account's list, or a private one) and Gone."""
    if not is_id(list_id):
        raise NotFound("lead list")
    found = await list_rows.find_list(tx, caller.workspace_id, list_id)
    return require_present(require_visible(found, caller))


async def get_list_with_page(
    database: Database, caller: Caller, list_id: str, request: PageRequest
) -> tuple[LeadList, Page[Entry]]:
    """As `get_list`, with a page of its entries, read by itself.

    Raises Refused too, for a cursor that is none of them.
    """
    if not is_id(list_id):
        raise NotFound("lead list")
    found = await lead_rows.find_list_with_page(database, caller.workspace_id, list_id, request)
    lead_list, page = found or (None, None)
    return require_present(require_visible(lead_list, caller)), require_page(page, request)


def require_visible(found: LeadList | None, caller: Caller) -> LeadList:
    """The list, if the caller may know of it. Raises NotFound."""
    if found is None or not found.is_visible_to(caller):
        raise NotFound("lead list")
    return found


def require_present(found: LeadList) -> LeadList:
    """The list, if it is not deleted. Raises Gone."""
    if found.is_deleted:
        raise Gone
    return found


async def lock_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """As `get_list`, and locked until the commit, with what has become of it meanwhile."""
    found = await get_list(tx, caller, list_id)
    return require_present(require_visible(await list_rows.lock_list(tx, found.row_id), caller))


async def create_list(tx: Tx, caller: Caller, owner_email: str, new: NewList, capacity: int) -> LeadList:
    """A new, empty list. Raises Refused for an owner who is no active user of the account."""
    owner = await require_owner(tx, caller, owner_email)
    made = await list_rows.create_list(tx, caller.workspace_id, owner.row_id, new, capacity)
    await record(tx, caller, AuditAction.LIST_CREATED, made.id, owner=owner.id, shared=new.shared)
    return made


async def reload_list(tx: Tx, lead_list: LeadList) -> LeadList:
    """A list as it is now, for whoever has just made it: it may be private, and somebody else's."""
    return await list_rows.get_list(tx, lead_list.row_id)


async def require_owner(tx: Tx, caller: Caller, email: str) -> User:
    """The active user of the caller's account with this e-mail. Raises Refused, at /owner."""
    try:
        owner = await user_rows.find_user(tx, caller.account_id, email_key(email))
    except InvalidIdentity:
        owner = None
    if owner is None or owner.status is not UserStatus.ACTIVE:
        raise Refused(unsupported_field("owner"))
    return owner


async def list_lists(
    run: Run, caller: Caller, filters: Mapping[str, Any], request: PageRequest
) -> Page[LeadList]:
    """A page of the caller's lists, newest first. Raises Refused for a cursor that is none of them."""
    page = await index_rows.list_lists(run, caller, filters, request)
    return require_page(page, request)


async def get_entry(tx: Tx, lead_list: LeadList, entry: str) -> Entry:
    """One entry of a list, by its public id. Raises NotFound."""
    sequence = entry_sequence(lead_list.id, entry)
    found = None if sequence is None else await lead_rows.find_entry(tx, lead_list.row_id, sequence)
    if found is None:
        raise NotFound("lead list entry")
    return found


async def update_list(tx: Tx, caller: Caller, list_id: str, changes: ListChanges) -> LeadList:
    """Changes settings, or cancels. New options are for leads added from now on.

    Canceling stops what has not begun and ends every hold in the same transaction: whoever is late
    with a result finds its entries canceled, so nothing is charged after the answer. Raises NotFound,
    Gone, Refused, Forbidden for changing who sees a list of somebody else's, and Conflict for canceling a
    completed list.
    """
    lead_list = await lock_list(tx, caller, list_id)
    told = changes.told()
    changed = changes.apply_to(lead_list)
    if changes.owner is not None:
        owner = await require_owner(tx, caller, changes.owner)
        changed = replace(changed, owner_id=owner.row_id, owner_email=owner.email)
        told["owner"] = owner.id
    is_seen_as_before = (changed.shared, changed.owner_id) == (lead_list.shared, lead_list.owner_id)
    if not is_seen_as_before and not lead_list.is_of(caller):
        raise Forbidden("Only its owner and admins may change who sees a lead list.")
    await list_rows.update_list(tx, caller.account_id, changed)
    if told["changed"]:
        await record(tx, caller, AuditAction.LIST_CHANGED, list_id, **told)
    if changes.cancel:
        if lead_list.status.is_terminal and lead_list.status != "canceled":
            raise Conflict("Lead list is completed.", "/status")
        await stop_list(tx, lead_list)
        await record(tx, caller, AuditAction.LIST_CANCELED, list_id)
    return await list_rows.get_list(tx, lead_list.row_id)


async def delete_list(tx: Tx, caller: Caller, list_id: str) -> None:
    """Deletes a list: it stops, and every later call on it is answered with Gone."""
    lead_list = await lock_list(tx, caller, list_id)
    if not lead_list.status.is_terminal:
        await stop_list(tx, lead_list)
    await list_rows.delete_list(tx, lead_list.row_id)
    await record(tx, caller, AuditAction.LIST_DELETED, list_id)


async def restore_list(tx: Tx, rules: Rules, caller: Caller, list_id: str) -> LeadList:
    """Takes the deletion of a list back. What had not begun when it was deleted stays canceled.

    Raises NotFound, and Gone when it is too late. A list that is not deleted stays as it is.
    """
    if not is_id(list_id):
        raise NotFound("lead list")
    found = require_visible(await list_rows.find_list(tx, caller.workspace_id, list_id), caller)
    await list_rows.lock_list_row(tx, found.row_id)
    if await list_rows.restore_list(tx, found.row_id, tx.now - rules.undo):
        await record(tx, caller, AuditAction.LIST_RESTORED, list_id)
    return require_present(await list_rows.get_list(tx, found.row_id))


async def stop_list(tx: Tx, lead_list: LeadList) -> None:
    """Cancels a locked list: what is not finished, and every hold."""
    await ledger.lock_balances(tx, lead_list.workspace_id)
    await lead_rows.cancel_entries(tx, lead_list)
    await list_rows.cancel_list(tx, lead_list.row_id)
    held = await addition_rows.release_list_holds(tx, lead_list.row_id)
    await ledger.move_credits(tx, lead_list.workspace_id, spent=Cost(), released=held)
