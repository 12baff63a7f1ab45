"""Adding leads to a list: the path that everything else is built around (design §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import msgspec
from prometheus_client import Counter

from leadyard.actions.exclusions import find_suppressed_places
from leadyard.actions.lead_lists import get_list, require_present, require_visible
from leadyard.actions.rules import Rules
from leadyard.actions.source_request import current_request
from leadyard.domain.accounts import Caller
from leadyard.domain.additions import (
    Addition,
    Fate,
    Selection,
    Selector,
    SourceRequest,
    count_outcomes,
    select_leads,
    split_by_email,
)
from leadyard.domain.credits import Cost, least_cost, most_cost
from leadyard.domain.drafting import parts_of
from leadyard.domain.errors import Conflict, NotFound, Refused
from leadyard.domain.events import EventType, addition_stored, list_full
from leadyard.domain.lead_lists import (
    CHUNK_SIZE,
    JOINING_TIME,
    NO_STEPS,
    LeadList,
    ListOptions,
    ListStatus,
    NewList,
    is_id,
    split_into_chunks,
)
from leadyard.domain.leads import LeadDraft, ListType, wrong_type
from leadyard.storage import additions as addition_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage.adding import NO_LEADS_ALONG, LeadsAlong, Standing, lock_for_adding, write_additions
from leadyard.storage.additions import NewAddition
from leadyard.storage.database import Tx
from leadyard.storage.outbox import publish

SAMPLE_SIZE = 100
"""Leads looked up to tell whether a list may have none of a request's, and the last: what is sent twice often
stands at an end."""

_ADDITIONS = Counter("leadyard_additions_total", "Requests whose leads were taken.")
_LEADS = Counter("leadyard_leads_total", "Leads sent, by what became of them.", ["outcome"])


class AddedLeads(msgspec.Struct, frozen=True):
    """What the answer of an add tells."""

    total: int
    added: int
    addition_id: str


class StoredAddition(msgspec.Struct, frozen=True):
    """An addition that was written down. `row_id` is internal.

    Leads that are done, or joined a job, need none of their own.
    """

    row_id: int
    id: str
    added: int
    needs_no_job: bool = False


class SentLeads(msgspec.Struct, frozen=True):
    """The leads of one request, checked, and which request that is."""

    drafts: Sequence[LeadDraft]
    request: SourceRequest


class AdditionPreview(msgspec.Struct, frozen=True):
    """What an add would come to, and the least and most it can cost in milli-credits."""

    total: int
    selection: Selection
    least: Cost
    most: Cost


async def add_leads(
    tx: Tx, rules: Rules, caller: Caller, list_id: str, list_type: ListType, drafts: Sequence[LeadDraft]
) -> AddedLeads:
    """Adds leads that were checked for this type to a list, in the order sent, up to the room left.

    In one transaction: the list is locked, duplicates are dropped, the most that the rest can cost is
    held, the leads and their jobs are stored, and the fate of every other lead is written down.
    Raises NotFound, Gone, Refused (another type of list), Conflict (canceled or full) and
    InsufficientCredits; then nothing has changed.
    """
    if not is_id(list_id):
        raise NotFound("lead list")
    standing = await lock_for_adding(tx, caller, list_id, drafts, rules.prices)
    lead_list = _require_fit(standing, rules, caller, list_type)
    return await add_to_locked_list(tx, rules, caller, lead_list, drafts, standing)


async def add_together(
    tx: Tx, rules: Rules, caller: Caller, list_id: str, list_type: ListType, sent: Sequence[SentLeads]
) -> list[AddedLeads]:
    """Adds the leads of several requests, few all told, as if they came one after the other.

    Raises what `add_leads` raises for the first request that is refused; then nothing has changed.
    """
    if not is_id(list_id):
        raise NotFound("lead list")
    drafts = [draft for each in sent for draft in each.drafts]
    standing = await lock_for_adding(tx, caller, list_id, drafts, rules.prices)
    lead_list = _require_fit(standing, rules, caller, list_type)
    assert standing is not None
    stored = await _store_few(tx, rules, caller, lead_list, sent, standing)
    if not stored[0].needs_no_job:
        await _enqueue_stored(tx, lead_list, stored)
    return [AddedLeads(len(each.drafts), one.added, one.id) for each, one in zip(sent, stored, strict=True)]


def _require_fit(standing: Standing | None, rules: Rules, caller: Caller, list_type: ListType) -> LeadList:
    """The list, if it is there and takes leads of this type."""
    found = None if standing is None else standing.lead_list
    lead_list = require_present(require_visible(found, caller))
    require_type(lead_list, list_type)
    require_open(lead_list, rules)
    return lead_list


async def add_to_locked_list(
    tx: Tx,
    rules: Rules,
    caller: Caller,
    lead_list: LeadList,
    drafts: Sequence[LeadDraft],
    standing: Standing | None = None,
) -> AddedLeads:
    """The part of `add_leads` after the checks, for a list that this transaction has locked or made."""
    stored = await store_leads(tx, rules, caller, lead_list, drafts, standing)
    if not stored.needs_no_job:
        await _enqueue_stored(tx, lead_list, [stored])
    return AddedLeads(len(drafts), stored.added, stored.id)


async def _enqueue_stored(tx: Tx, lead_list: LeadList, stored: Sequence[StoredAddition]) -> None:
    """Lines up what was stored; a list that never had a lead has a job too, which completes it."""
    added = sum(each.added for each in stored)
    if added or not lead_list.last_sequence:
        first = next((each for each in stored if each.added), stored[0])
        await enqueue_added(tx, lead_list, first.row_id, added)


async def store_leads(
    tx: Tx,
    rules: Rules,
    caller: Caller,
    lead_list: LeadList,
    drafts: Sequence[LeadDraft],
    standing: Standing | None = None,
) -> StoredAddition:
    """Stores what is new and holds credits. Raises InsufficientCredits and Conflict.

    It is left unprocessed, but for a few leads that join a list in which nothing is to be done with them.
    """
    sent = SentLeads(drafts, current_request())
    if standing is not None and standing.existing is not None:
        (stored,) = await _store_few(tx, rules, caller, lead_list, [sent], standing)
        return stored
    selection = await _store_new(tx, lead_list, drafts, _room(rules, lead_list), standing)
    new = _new_addition(rules, lead_list, sent, selection)
    (stored,) = await _write_down(tx, rules, caller, lead_list, [new])
    return stored


async def _store_few(
    tx: Tx,
    rules: Rules,
    caller: Caller,
    lead_list: LeadList,
    sent: Sequence[SentLeads],
    standing: Standing,
) -> list[StoredAddition]:
    """As `store_leads`, of each of several requests one after the other."""
    known = dict(standing.existing or {})
    at = lead_list
    news: list[NewAddition] = []
    accepted: list[LeadDraft] = []
    for each in sent:
        require_open(at, rules)
        suppressed = await find_suppressed_places(tx, at.workspace_id, at, each.drafts, standing.barriers)
        selection = select_leads(each.drafts, known, _room(rules, at), suppressed)
        news.append(_new_addition(rules, at, each, selection))
        known |= {draft.key: number for number, draft in enumerate(selection.accepted, at.last_sequence + 1)}
        accepted += selection.accepted
        at = at.with_leads(len(selection.accepted))
    return await _write_down(tx, rules, caller, lead_list, news, _along(lead_list, accepted, standing))


def _new_addition(rules: Rules, lead_list: LeadList, sent: SentLeads, selection: Selection) -> NewAddition:
    """What a request came to. Raises CostsMore."""
    accepted = selection.accepted
    held = cost_of(accepted, lead_list.options, rules)
    rules.require_estimated(held)
    return NewAddition(len(sent.drafts), len(accepted), selection.left_out, held, rules.prices, sent.request)


async def _write_down(
    tx: Tx,
    rules: Rules,
    caller: Caller,
    lead_list: LeadList,
    news: Sequence[NewAddition],
    along: LeadsAlong = NO_LEADS_ALONG,
) -> list[StoredAddition]:
    """Writes additions one after the other, and tells of them; the list is as it was before."""
    capacity = rules.limits.leads_per_list
    written = await write_additions(tx, lead_list, caller, news, capacity, along)
    stored = []
    for new, (row_id, public_id) in zip(news, written, strict=True):
        stored.append(StoredAddition(row_id, public_id, new.added, along.need_no_job))
        tx.after_commit.append(partial(_count, new.added, new.left_out))
        if lead_list.wanted_events and new.total:
            await tell_of_addition(tx, rules, lead_list, stored[-1], new.total)
        lead_list = lead_list.with_leads(new.added)
    return stored


async def preview_leads(
    tx: Tx, rules: Rules, caller: Caller, list_id: str, list_type: ListType, drafts: Sequence[LeadDraft]
) -> AdditionPreview:
    """What adding these leads would come to; stores nothing. Raises as `add_leads` does, but for credits."""
    lead_list = await get_list(tx, caller, list_id)
    require_type(lead_list, list_type)
    require_open(lead_list, rules)
    selection = await choose_leads(tx, lead_list, drafts, _room(rules, lead_list))
    return _preview(rules, lead_list.options, drafts, selection)


async def preview_new_list(
    tx: Tx, rules: Rules, caller: Caller, new: NewList, drafts: Sequence[LeadDraft]
) -> AdditionPreview:
    """What a new list, or batch, with these leads would come to; stores nothing."""
    suppressed = await find_suppressed_places(tx, caller.workspace_id, new, drafts)
    selection = select_leads(drafts, {}, rules.limits.leads_per_list, suppressed)
    return _preview(rules, new.options, drafts, selection)


async def get_addition(tx: Tx, caller: Caller, list_id: str, addition_id: str) -> Addition:
    """The record of one addition. Raises NotFound and Gone."""
    lead_list = await get_list(tx, caller, list_id)
    if is_id(addition_id):
        addition = await addition_rows.find_addition(tx, lead_list.row_id, addition_id)
        if addition is not None:
            return addition
    raise NotFound("addition")


def require_type(lead_list: LeadList, list_type: ListType) -> None:
    """Raises Refused for leads of another type than the list's."""
    if lead_list.type is not list_type:
        raise Refused(wrong_type(list_type))


def require_open(lead_list: LeadList, rules: Rules) -> None:
    """Raises Conflict for a list that is canceled or full (contract §2, decisions 4 and 6)."""
    if lead_list.status is ListStatus.CANCELED:
        raise Conflict("Lead list is canceled.")
    if lead_list.progress.total >= rules.limits.leads_per_list:
        raise rules.limits.list_is_full()


def cost_of(drafts: Sequence[LeadDraft], options: ListOptions, rules: Rules, *, least: bool = False) -> Cost:
    """The most, or the least, that these leads can cost together."""
    price = least_cost if least else most_cost
    with_email, without_email = split_by_email(drafts)
    costly = price(options, rules.prices, has_email=True) * with_email
    return costly + price(options, rules.prices, has_email=False) * without_email


async def choose_leads(
    tx: Tx,
    lead_list: LeadList,
    drafts: Sequence[LeadDraft],
    room: int,
    earlier: Mapping[str, int] = MappingProxyType({}),
) -> Selection:
    """Which of these leads a list with so much room takes, and why not the others; stores nothing.

    `earlier` are keys that count as if the list had them, with a number for each.
    """
    existing = await lead_rows.find_existing(tx, lead_list, drafts)
    suppressed = await find_suppressed_places(tx, lead_list.workspace_id, lead_list, drafts)
    return select_leads(drafts, {**existing, **earlier} if earlier else existing, room, suppressed)


def _along(lead_list: LeadList, accepted: Sequence[LeadDraft], standing: Standing) -> LeadsAlong:
    if not accepted:
        return NO_LEADS_ALONG
    are_done = lead_list.options == NO_STEPS and lead_list.pause is None
    return LeadsAlong(accepted, are_done, None if are_done else standing.open_job)


async def _store_new(
    tx: Tx, lead_list: LeadList, drafts: Sequence[LeadDraft], room: int, standing: Standing | None
) -> Selection:
    """Stores the leads that a list takes; returns which these are, and why not the others.

    Some are stored while the next drafts are made. Many leads of which a sample is new are stored as if all
    were, for the index looks at each key anyway. What it refuses after all is looked up.
    """
    if not drafts:
        return Selection([], [])
    barriers = None if standing is None else standing.barriers
    suppressed = await find_suppressed_places(tx, lead_list.workspace_id, lead_list, drafts, barriers)
    selector = Selector({}, room, suppressed)
    taken = map(selector.take, parts_of(drafts))
    if not lead_list.last_sequence:
        await lead_rows.insert_leads(tx, lead_list, taken)
    elif not (
        SAMPLE_SIZE < len(drafts) <= room
        and not await lead_rows.find_existing(tx, lead_list, _sample(drafts))
        and await lead_rows.insert_if_new(tx, lead_list, taken)
    ):
        existing = await lead_rows.find_existing(tx, lead_list, drafts)
        selector = Selector(existing, room, suppressed)
        await lead_rows.insert_leads(tx, lead_list, map(selector.take, parts_of(drafts)))
    return selector.selection


def _sample(drafts: Sequence[LeadDraft]) -> list[LeadDraft]:
    return [*drafts[:: len(drafts) // SAMPLE_SIZE], drafts[-1]]


def _room(rules: Rules, lead_list: LeadList) -> int:
    return rules.limits.leads_per_list - lead_list.progress.total


def _preview(
    rules: Rules, options: ListOptions, drafts: Sequence[LeadDraft], selection: Selection
) -> AdditionPreview:
    accepted = selection.accepted
    return AdditionPreview(
        total=len(drafts),
        selection=selection,
        least=cost_of(accepted, options, rules, least=True),
        most=cost_of(accepted, options, rules),
    )


async def tell_of_addition(
    tx: Tx, rules: Rules, lead_list: LeadList, stored: StoredAddition, total: int
) -> None:
    """Tells of an addition, and of the list if that has filled it."""
    if lead_list.wants(EventType.ADDITION_STORED):
        event = addition_stored(lead_list, stored.id, total, stored.added)
        await publish(tx, lead_list.workspace_id, event)
    capacity = rules.limits.leads_per_list
    is_full = lead_list.progress.total + stored.added >= capacity
    if is_full and lead_list.wants(EventType.LIST_FULL):
        await publish(tx, lead_list.workspace_id, list_full(lead_list, capacity))


def _count(added: int, left_out: Sequence[Fate]) -> None:
    _ADDITIONS.inc()
    _LEADS.labels("added").inc(added)
    if left_out:
        for outcome, count in count_outcomes(left_out).items():
            _LEADS.labels(outcome.value).inc(count)


async def enqueue_added(tx: Tx, lead_list: LeadList, addition_row_id: int, added: int) -> None:
    """Lines up what was added to a list; the list is as it was before.

    Leads that come a few at a time, faster than they are processed, share jobs: a new one waits a moment for
    those that come next, which join it (`lock_for_adding`).
    """
    first = lead_list.last_sequence + 1
    chunks = split_into_chunks(lead_list.row_id, addition_row_id, first, first + added - 1)
    unfinished = lead_list.progress.queued + lead_list.progress.processing
    due = tx.now + JOINING_TIME if unfinished and chunks[0].is_small else None
    await tx.queue.enqueue(tx, chunks, pending=-(-unfinished // CHUNK_SIZE), due=due)
