"""E-mail validations and enrichment requests: lists with another purpose, made and ended in one go."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.lead_lists import stop_list
from leadyard.actions.leads import AdditionPreview, add_to_locked_list, preview_new_list
from leadyard.actions.pages import require_page, unknown_cursor
from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.email_batches import MAX_EMAILS, VALIDATION_LIMITS
from leadyard.domain.entries import Entry
from leadyard.domain.errors import Conflict, Gone, NotFound
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus, NewList, Purpose, is_id
from leadyard.domain.leads import LeadDraft, ListType
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import additions as addition_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage.database import Tx

MAX_ID_DIGITS = 18

NAMES = {
    Purpose.EMAIL_VALIDATION: "email validation",
    Purpose.PERSON_ENRICHMENT: "person enrichment request",
}
"""What each is called in errors."""


async def start_validation(tx: Tx, rules: Rules, caller: Caller, drafts: Sequence[LeadDraft]) -> LeadList:
    """Starts validating e-mails; of equal ones the first counts. Raises InsufficientCredits."""
    made = await list_rows.create_list(tx, caller.workspace_id, caller.user_id, _VALIDATION, MAX_EMAILS)
    await add_to_locked_list(tx, replace(rules, limits=VALIDATION_LIMITS), caller, made, drafts)
    return await list_rows.get_list(tx, made.row_id)


async def preview_validation(
    tx: Tx, rules: Rules, caller: Caller, drafts: Sequence[LeadDraft]
) -> AdditionPreview:
    """What validating these e-mails would come to."""
    return await preview_new_list(tx, replace(rules, limits=VALIDATION_LIMITS), caller, _VALIDATION, drafts)


async def start_enrichment(
    tx: Tx, rules: Rules, caller: Caller, options: ListOptions, drafts: Sequence[LeadDraft]
) -> LeadList:
    """Starts enriching people. Leads that are the same are looked for once. Raises InsufficientCredits."""
    new = _new_enrichment(options)
    capacity = rules.limits.leads_per_list
    made = await list_rows.create_list(tx, caller.workspace_id, caller.user_id, new, capacity)
    await add_to_locked_list(tx, rules, caller, made, drafts)
    return await list_rows.get_list(tx, made.row_id)


async def preview_enrichment(
    tx: Tx, rules: Rules, caller: Caller, options: ListOptions, drafts: Sequence[LeadDraft]
) -> AdditionPreview:
    """What enriching these people would come to."""
    return await preview_new_list(tx, rules, caller, _new_enrichment(options), drafts)


def new_batch(purpose: Purpose, list_type: ListType, options: ListOptions) -> NewList:
    """A list that callers do not see as one. Where leads are of many kinds its type says nothing."""
    return NewList(purpose.value, list_type, shared=False, visible=False, options=options, purpose=purpose)


_VALIDATION = new_batch(Purpose.EMAIL_VALIDATION, ListType.EMAIL, ListOptions(validate_email=True))


def _new_enrichment(options: ListOptions) -> NewList:
    return new_batch(Purpose.PERSON_ENRICHMENT, ListType.LINKEDIN, options)


async def get_batch(tx: Tx, caller: Caller, purpose: Purpose, batch_id: str) -> LeadList:
    """The validation, by its id, or enrichment request, by its number, that the caller may know of.

    That is what its user started, and for an admin every one of the workspace. Raises NotFound, and Gone for
    one whose leads were deleted when their time was over.
    """
    found = None
    if purpose is Purpose.EMAIL_VALIDATION:
        if is_id(batch_id):
            found = await list_rows.find_list(tx, caller.workspace_id, batch_id, purpose)
    elif batch_id.isascii() and batch_id.isdigit() and len(batch_id) <= MAX_ID_DIGITS:
        found = await list_rows.find_list_by_row_id(tx, caller.workspace_id, int(batch_id), purpose)
    if found is None or not found.is_visible_to(caller):
        raise NotFound(NAMES[purpose])
    return _require_present(found)


async def cancel_batch(tx: Tx, caller: Caller, purpose: Purpose, batch_id: str) -> LeadList:
    """Stops what has not begun; nothing is charged after the commit.

    Raises NotFound, Gone, and Conflict for what is completed.
    """
    batch = await get_batch(tx, caller, purpose, batch_id)
    batch = _require_present(await list_rows.lock_list(tx, batch.row_id))
    if batch.status is ListStatus.COMPLETED:
        raise Conflict(f"{NAMES[purpose].capitalize()} is completed.", "/status")
    if batch.status is not ListStatus.CANCELED:
        await stop_list(tx, batch)
        await record(tx, caller, AuditAction.BATCH_CANCELED, batch_id, purpose=purpose)
    return await list_rows.get_list(tx, batch.row_id)


def _require_present(batch: LeadList) -> LeadList:
    if batch.is_deleted:
        raise Gone(NAMES[batch.purpose])
    return batch


async def list_validated(tx: Tx, batch: LeadList, request: PageRequest) -> Page[Entry]:
    """A page of the e-mails whose verdict is known, once there will be no more; until then none.

    Raises Refused for a cursor that is no e-mail of the validation.
    """
    if not batch.status.is_terminal:
        return Page([], has_previous=False, has_next=False)
    return require_page(await lead_rows.list_validated(tx, batch, request), request)


async def list_enriched(tx: Tx, batch: LeadList, request: PageRequest) -> tuple[Page[Entry | None], int]:
    """A page of results, one a lead sent, in the order sent, and the place (from 1) of the first of them.

    There are none until the request is completed. None stands for a lead that was not stored. Raises Refused
    for a cursor that is no place.
    """
    if batch.status is not ListStatus.COMPLETED:
        return Page([], has_previous=False, has_next=False), 1
    places = await addition_rows.list_places(tx, batch.row_id)
    start, end = _window(len(places), request)
    sequences = places[start:end]
    wanted = {sequence for sequence in sequences if sequence is not None}
    entries = await lead_rows.list_some_entries(tx, batch.row_id, wanted)
    items = [None if sequence is None else entries.get(sequence) for sequence in sequences]
    return Page(items, has_previous=start > 0, has_next=end < len(places)), start + 1


def _window(total: int, request: PageRequest) -> tuple[int, int]:
    """Where a page of places begins and ends, from 0, the end not included. Raises Refused."""
    if request.after is not None:
        start = _place(request.after, total, request)
        return start, min(start + request.size, total)
    if request.before is not None:
        end = _place(request.before, total, request) - 1
        return max(end - request.size, 0), end
    return 0, min(request.size, total)


def _place(cursor: str, total: int, request: PageRequest) -> int:
    is_number = cursor.isascii() and cursor.isdigit() and len(cursor) <= MAX_ID_DIGITS
    if not (is_number and 1 <= int(cursor) <= total):
        raise unknown_cursor(request)
    return int(cursor)
