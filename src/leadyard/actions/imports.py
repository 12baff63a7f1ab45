"""Imports: what a file is to become, before anything is added."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.lead_lists import create_list, get_list, require_owner, require_present
from leadyard.actions.leads import add_to_locked_list
from leadyard.actions.pages import require_page
from leadyard.actions.rules import Rules, require_at_most
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING, Cost, least_cost, most_cost
from leadyard.domain.errors import Conflict, ErrorCode, Fault, NotFound, Refused, unsupported_field
from leadyard.domain.import_columns import has_fields_for
from leadyard.domain.import_rows import (
    WITH_EMAIL,
    fields_of,
    guess_below,
    names_below,
    sum_tallies,
)
from leadyard.domain.imports import (
    RIDES_ALONG,
    SKIPPED,
    Import,
    ImportStatus,
    NewListPlan,
    RowVerdict,
    StagedRow,
)
from leadyard.domain.lead_lists import ListOptions, NewList, Purpose, is_id
from leadyard.domain.leads import ListType
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage.database import Tx

SAMPLES = 3
_SAMPLED_ROWS = 200


class ImportChanges(msgspec.Struct, frozen=True):
    """What is to be different; None is left as it is. A plan of a new list takes the place of a list."""

    header_row: int | None = None
    columns: Sequence[str] | None = None
    type: ListType | None = None
    list_id: str | None = None
    new_list: NewListPlan | None = None


class ImportDetails(msgspec.Struct, frozen=True):
    """An import with the names of its columns, some values of each, what its rows come to and cost."""

    imported: Import
    names: Sequence[str]
    samples: Sequence[Sequence[str]]
    counts: dict[str, int]
    options: ListOptions
    least: Cost = NOTHING
    most: Cost = NOTHING


async def get_import(tx: Tx, caller: Caller, import_id: str) -> Import:
    """The caller's import. Raises NotFound, also for one of somebody else."""
    found = await import_rows.find_import(tx, caller.workspace_id, import_id) if is_id(import_id) else None
    if found is None or not found.is_visible_to(caller):
        raise NotFound("import")
    return found.as_seen_by(caller)


async def lock_import(tx: Tx, caller: Caller, import_id: str) -> Import:
    """The same, locked until the commit."""
    found = await get_import(tx, caller, import_id)
    return await import_rows.lock_import(tx, found.row_id)


async def list_imports(tx: Tx, caller: Caller, request: PageRequest) -> Page[Import]:
    """A page of the imports that the caller may know of, newest first. Raises Refused for a bad cursor."""
    page = require_page(await import_rows.list_imports(tx, caller, request), request)
    return replace(page, items=[found.as_seen_by(caller) for found in page.items])


async def get_names(tx: Tx, imported: Import) -> list[str]:
    """The names of the columns, as the file has them."""
    head = await batch_rows.read_batch(tx, imported.row_id, 0)
    return names_below(head, imported.header_row, imported.width)


async def describe_import(tx: Tx, rules: Rules, imported: Import) -> ImportDetails:
    """Everything that is told of an import."""
    head = await batch_rows.read_batch(tx, imported.row_id, 0)
    names = names_below(head, imported.header_row, imported.width)
    below = [row for row in head if row.number > imported.header_row][:_SAMPLED_ROWS]
    batches = await batch_rows.list_batches(tx, imported.row_id)
    counts = sum_tallies(batch.tally for batch in batches)
    options = await _options_of(tx, imported)
    with_email, ready = counts.pop(WITH_EMAIL), counts[RowVerdict.READY]
    prices = rules.prices
    least, most = (
        price(options, prices, has_email=True) * with_email
        + price(options, prices, has_email=False) * (ready - with_email)
        for price in (least_cost, most_cost)
    )
    samples = [_sample(below, place) for place in range(imported.width)]
    return ImportDetails(imported, names, samples, counts, options, least, most)


async def update_import(tx: Tx, caller: Caller, import_id: str, changes: ImportChanges) -> Import:
    """Says what the columns are and where the rows go; they are checked in the background.

    What the columns are is remembered for the account's next file with the same names. Raises NotFound,
    Gone, Conflict for an import that has begun, and Refused for what does not fit the file or the list.
    """
    imported = await lock_import(tx, caller, import_id)
    if not imported.status.is_open:
        raise Conflict(f"Import is {imported.status}.")
    changed = await _remapped(tx, imported, changes)
    changed = await _aimed(tx, caller, changed, changes)
    if changed.type is None or not has_fields_for(changed.type, fields_of(changed.columns)):
        detail = "No type of list fits the columns." if changed.type is None else _lacks_columns(changed.type)
        raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/columns"))
    await import_rows.remap(tx, changed)
    await import_rows.remember_mapping(tx, changed)
    return await import_rows.get_import(tx, imported.row_id)


async def preview_start(tx: Tx, rules: Rules, caller: Caller, import_id: str) -> ImportDetails:
    """What starting an import would come to. Raises as `start_import` does, but changes nothing."""
    imported = await get_import(tx, caller, import_id)
    _require_ready(imported)
    return await describe_import(tx, rules, imported)


async def start_import(
    tx: Tx, rules: Rules, caller: Caller, import_id: str, at_most: Cost | None = None
) -> Import:
    """Lets an import begin that was checked, or go on that is paused; a list that is to be new is made.

    From here on its rows may cost what they can cost now: if the options of the list are changed and they
    could cost more, it pauses. Raises NotFound, Gone, Conflict for an import that cannot begin, or that can
    cost more than `at_most`, and Refused for an owner that is none.
    """
    imported = await lock_import(tx, caller, import_id)
    _require_ready(imported)
    most = (await describe_import(tx, rules, imported)).most
    require_at_most(most, at_most)
    list_row_id, made_list = imported.list_row_id, imported.made_list
    if list_row_id is None:
        list_row_id, made_list = await _make_list(tx, rules, caller, imported), True
    elif made_list:
        require_present(await list_rows.get_list(tx, list_row_id))
    else:
        assert imported.list_id is not None
        await get_list(tx, caller, imported.list_id)
    await import_rows.start(tx, imported, caller, list_row_id, most, made_list=made_list)
    await record(tx, caller, AuditAction.IMPORT_STARTED, imported.id)
    return await import_rows.get_import(tx, imported.row_id)


def _require_ready(imported: Import) -> None:
    if imported.status not in (ImportStatus.CHECKED, ImportStatus.PAUSED):
        raise Conflict(f"Import is {imported.status}.")


async def cancel_import(tx: Tx, rules: Rules, caller: Caller, import_id: str) -> Import:
    """Ends an import; what it has added stays, until it is undone. Raises NotFound and Conflict."""
    found = await get_import(tx, caller, import_id)
    if found.made_list:
        await close_made_list(tx, rules, caller, found)
    imported = await import_rows.lock_import(tx, found.row_id)
    if imported.made_list and not found.made_list:
        # Lists are locked before imports, and this one was not there yet.
        raise Conflict("Import has begun meanwhile. Cancel it again.", "/status")
    if imported.status is ImportStatus.CANCELED:
        return imported
    if imported.status.is_terminal:
        raise Conflict(f"Import is {imported.status}.", "/status")
    await import_rows.set_status(tx, imported.row_id, ImportStatus.CANCELED)
    await record(tx, caller, AuditAction.IMPORT_CANCELED, imported.id)
    return await import_rows.get_import(tx, imported.row_id)


async def close_made_list(tx: Tx, rules: Rules, caller: Caller, imported: Import) -> None:
    """Lets a list complete that the import made and that nothing was added to, as any empty list does."""
    assert imported.list_row_id is not None
    lead_list = await list_rows.lock_list(tx, imported.list_row_id)
    if not lead_list.last_sequence and not lead_list.status.is_terminal and not lead_list.is_deleted:
        await add_to_locked_list(tx, rules, caller, lead_list, [])


async def _make_list(tx: Tx, rules: Rules, caller: Caller, imported: Import) -> int:
    plan = imported.new_list
    assert imported.type is not None
    new = NewList(plan.name, imported.type, plan.shared, True, plan_options(plan))
    made = await create_list(tx, caller, plan.owner, new, rules.limits.leads_per_list)
    return made.row_id


def plan_options(plan: NewListPlan) -> ListOptions:
    """The options of a list that is to be made."""
    return ListOptions(
        enrich=plan.enrich,
        validate_email=plan.validate_email,
        reveal_phone_numbers=plan.reveal_phone_numbers,
    )


async def _options_of(tx: Tx, imported: Import) -> ListOptions:
    if imported.list_row_id is None:
        return plan_options(imported.new_list)
    return (await list_rows.get_list(tx, imported.list_row_id)).options


async def _remapped(tx: Tx, imported: Import, changes: ImportChanges) -> Import:
    changed = imported
    if changes.header_row is not None and changes.header_row != imported.header_row:
        head = await batch_rows.read_batch(tx, imported.row_id, 0)
        if changes.header_row and changes.header_row not in [row.number for row in head]:
            raise Refused(unsupported_field("header_row"))
        guess = guess_below(head, changes.header_row, imported.width)
        changed = replace(
            changed,
            header_row=guess.header_row,
            columns=guess.columns,
            fingerprint=guess.fingerprint,
            type=guess.type or imported.type,
        )
    if changes.columns is not None:
        faults = _column_faults(changes.columns, imported.width)
        if faults:
            raise Refused(*faults)
        changed = replace(changed, columns=tuple(changes.columns))
    return changed if changes.type is None else replace(changed, type=changes.type)


def _column_faults(columns: Sequence[str], width: int) -> list[Fault]:
    if len(columns) != width:
        detail = f"The file has {width:,} columns."
        return [Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/columns")]
    return [
        Fault(ErrorCode.UNSUPPORTED_VALUE, f"Two columns cannot both be {column}.", f"/columns/{place}")
        for place, column in enumerate(columns)
        if column not in (RIDES_ALONG, SKIPPED) and column in columns[:place]
    ]


async def _aimed(tx: Tx, caller: Caller, imported: Import, changes: ImportChanges) -> Import:
    """The import with the list that it is to go to."""
    if changes.new_list is not None:
        await _require_owner(tx, caller, changes.new_list.owner)
        imported = replace(imported, list_row_id=None, list_id=None, new_list=changes.new_list)
    if changes.list_id is not None:
        lead_list = await get_list(tx, caller, changes.list_id)
        if lead_list.purpose is not Purpose.LIST:
            raise NotFound("lead list")
        if changes.type not in (None, lead_list.type):
            detail = f"'{changes.type}' is not the type of this lead list."
            raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/type"))
        imported = replace(imported, list_row_id=lead_list.row_id, list_id=lead_list.id)
    if imported.list_id is not None and imported.list_row_id is not None:
        found = await get_list(tx, caller, imported.list_id)
        imported = replace(imported, type=found.type)
    return imported


async def _require_owner(tx: Tx, caller: Caller, email: str) -> None:
    try:
        await require_owner(tx, caller, email)
    except Refused:
        raise Refused(unsupported_field("new_list.owner", "/new_list/owner")) from None


def _lacks_columns(kind: ListType) -> str:
    needs = {
        ListType.EMAIL: "email",
        ListType.LINKEDIN: "linkedin_url",
        ListType.TITLES_AND_COMPANY: "title, and company_name or company_domain",
    }
    return f"For a list of type {kind} there must be a column that is {needs[kind]}."


def _sample(rows: Sequence[StagedRow], place: int) -> list[str]:
    values = (row.cells[place].strip() for row in rows if place < len(row.cells))
    return [value for value in values if value][:SAMPLES]
