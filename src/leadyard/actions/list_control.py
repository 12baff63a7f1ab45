"""Pausing and resuming lists, and taking finished leads up again: what failed, and what is stale."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec

from leadyard.actions.audit import record
from leadyard.actions.lead_lists import get_list, lock_list
from leadyard.actions.rules import require_at_most
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING, Cost, total_cost
from leadyard.domain.entries import EntryStatus, Step
from leadyard.domain.errors import Conflict
from leadyard.domain.lead_lists import CHUNK_SIZE, Chunk, LeadList, ListStatus, Pause, PauseReason
from leadyard.domain.reopening import Choose, FinishedEntry, ReopenedEntry, failed_steps, reopen, stale_steps
from leadyard.domain.suppression import Identity, lead_identity, person_identity
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import pauses, unfinished
from leadyard.storage import reopening as entry_rows
from leadyard.storage.database import Tx
from leadyard.storage.suppression import find_suppressed


class Reopening(msgspec.Struct, frozen=True):
    """How many leads are taken up again, and what this can cost.

    The least is what it costs if every check can be done and nothing is found; less if it was paid before.
    """

    total: int
    most: Cost
    least: Cost = NOTHING


class Wanted(msgspec.Struct, frozen=True):
    """Which entries are read, and what of them is to be taken again; not by what was told before `since`.

    With steps that are `asked` for, entries that none of these is chosen for stay as they are.
    """

    read: Callable[[Tx, LeadList], AsyncIterator[list[FinishedEntry]]]
    choose: Choose
    action: AuditAction
    since: datetime | None = None
    asked: Sequence[Step] = ()


class _Place(NamedTuple):
    addition_id: int
    sequence: int
    run: int


class Prepared(msgspec.Struct, frozen=True):
    """What is to be taken up again, as it was when the list had this `revision`."""

    revision: int
    wanted: Wanted
    places: list[_Place] = msgspec.field(default_factory=list)
    statuses: Counter[EntryStatus] = msgspec.field(default_factory=Counter)
    held: dict[int, Cost] = msgspec.field(default_factory=dict)
    least: list[Cost] = msgspec.field(default_factory=list)
    batches: list[bytes] = msgspec.field(default_factory=list)

    @property
    def reopening(self) -> Reopening:
        """How many leads these are, and what they can cost."""
        return Reopening(len(self.places), total_cost(self.held.values()), total_cost(self.least))


FAILED = Wanted(entry_rows.read_perhaps_failed, failed_steps, AuditAction.LIST_RETRIED)


def _stale(older_than: datetime) -> Wanted:
    read = partial(entry_rows.read_perhaps_stale, older_than=older_than)
    return Wanted(read, stale_steps(older_than), AuditAction.LIST_REFRESHED, older_than)


async def pause_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """Begins nothing more of a list until it is resumed; leads under way are finished.

    Raises NotFound, Gone, and Conflict for a list that has ended.
    """
    lead_list = await lock_list(tx, caller, list_id)
    if lead_list.status.is_terminal:
        raise Conflict(f"Lead list is {lead_list.status}.")
    if lead_list.pause is None or lead_list.pause.reason is not PauseReason.REQUESTED:
        # One that waits for a spending limit would go on by itself.
        await pauses.pause_list(tx, lead_list.row_id, Pause(PauseReason.REQUESTED, tx.now))
        await tx.queue.drop(tx, lead_list.row_id)
        await record(tx, caller, AuditAction.LIST_PAUSED, list_id)
    return await list_rows.get_list(tx, lead_list.row_id)


async def resume_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """Goes on with a paused list; one that is not paused goes on as it is. Raises NotFound and Gone."""
    lead_list = await lock_list(tx, caller, list_id)
    if lead_list.pause is not None:
        await unfinished.resume_list(tx, lead_list.row_id)
        await record(tx, caller, AuditAction.LIST_RESUMED, list_id)
    return await list_rows.get_list(tx, lead_list.row_id)


async def prepare_retry(tx: Tx, caller: Caller, list_id: str) -> Prepared:
    """Finds the leads that failed, and the steps whose provider was unavailable; changes nothing.

    Raises NotFound, Gone, and Conflict for a canceled list.
    """
    return await prepare(tx, await get_list(tx, caller, list_id), FAILED)


async def prepare_refresh(tx: Tx, caller: Caller, list_id: str, age: timedelta) -> Prepared:
    """Finds the leads about whom nothing was heard for so long. Raises as `prepare_retry` does."""
    return await prepare(tx, await get_list(tx, caller, list_id), _stale(tx.now - age))


async def reopen_prepared(
    tx: Tx, caller: Caller, list_id: str, prepared: Prepared, at_most: Cost | None = None
) -> Reopening:
    """Takes up again what was prepared, which needs the list for a moment only.

    Where finished leads have changed since, it is prepared anew. Raises NotFound, Gone, InsufficientCredits,
    and Conflict for a canceled list, or for what can cost more than `at_most` by now; then nothing has
    changed.
    """
    lead_list = await lock_list(tx, caller, list_id)
    if lead_list.revision != prepared.revision:
        prepared = await prepare(tx, lead_list, prepared.wanted)
    require_at_most(prepared.reopening.most, at_most)
    told = await _reopen(tx, lead_list, prepared)
    held = {"email_milli_credits": told.most.email, "phone_milli_credits": told.most.phone}
    await record(tx, caller, prepared.wanted.action, list_id, leads=told.total, **held)
    return told


async def _choose(tx: Tx, lead_list: LeadList, wanted: Wanted) -> AsyncIterator[list[ReopenedEntry]]:
    """What is taken up again, in batches; nobody who is excluded or was erased."""
    async for batch in wanted.read(tx, lead_list):
        reopened = (
            reopen(entry, wanted.choose, wanted.since, wanted.asked)
            for entry in batch
            if not wanted.asked or wanted.choose(entry)
        )
        chosen = [each for each in reopened if each is not None]
        suppressed = await find_suppressed(tx, lead_list.workspace_id, map(_identity, chosen))
        yield [each for place, each in enumerate(chosen) if place not in suppressed]


def _identity(reopened: ReopenedEntry) -> Identity:
    item, person = reopened.entry.item, reopened.findings.person
    identity = lead_identity(item.list_type, item.key, item.lead)
    return identity if person is None else identity.join(person_identity(person))


def _require_not_canceled(lead_list: LeadList) -> None:
    if lead_list.status is ListStatus.CANCELED:
        raise Conflict("Lead list is canceled.")


async def prepare(tx: Tx, lead_list: LeadList, wanted: Wanted) -> Prepared:
    """Finds what is to be taken up again; changes nothing. Raises Conflict for a canceled list."""
    _require_not_canceled(lead_list)
    prepared = Prepared(lead_list.revision, wanted)
    async for chosen in _choose(tx, lead_list, wanted):
        for each in chosen:
            addition_id = each.entry.addition_id
            prepared.places.append(_Place(addition_id, each.entry.item.sequence, each.entry.run))
            prepared.statuses[each.entry.status] += 1
            prepared.held[addition_id] = prepared.held.get(addition_id, NOTHING) + each.held
        prepared.least.append(total_cost(each.least for each in chosen))
        if chosen:
            prepared.batches.append(entry_rows.encode_reopened(chosen))
    return prepared


async def _reopen(tx: Tx, lead_list: LeadList, prepared: Prepared) -> Reopening:
    _require_not_canceled(lead_list)
    told = prepared.reopening
    await ledger.lock_balances(tx, lead_list.workspace_id)
    await ledger.hold_credits(tx, lead_list.workspace_id, told.most)
    for batch in prepared.batches:
        await entry_rows.reopen_entries(tx, lead_list.row_id, batch)
    if prepared.places:
        await addition_rows.add_holds(tx, prepared.held)
        done, failed = prepared.statuses[EntryStatus.DONE], prepared.statuses[EntryStatus.FAILED]
        await list_rows.count_reopened(tx, lead_list.row_id, done=done, failed=failed)
        if lead_list.pause is None:
            await _enqueue(tx, lead_list, prepared.places)
    return told


async def _enqueue(tx: Tx, lead_list: LeadList, places: Sequence[_Place]) -> None:
    count = lead_list.progress.queued + lead_list.progress.processing
    unfinished = await entry_rows.list_unfinished_sequences(tx, lead_list.row_id) if count else []
    fresh = {place.sequence for place in places}
    waiting = [sequence for sequence in unfinished if sequence not in fresh]
    chunks = _chunks_of(lead_list, places, waiting)
    await tx.queue.enqueue(tx, chunks, pending=-(-count // CHUNK_SIZE))


def _chunks_of(lead_list: LeadList, places: Sequence[_Place], unfinished: Sequence[int]) -> list[Chunk]:
    """Chunks of up to 250 of these entries, whose terms are the same, with none in between that has a chunk.

    `unfinished` are the sequences of those, in order.
    """
    groups: list[list[_Place]] = []
    border = -1
    for place in places:
        gap = bisect(unfinished, place.sequence)
        group = groups[-1] if groups else []
        is_next = bool(group) and group[0].run == place.run and gap == border
        if is_next and len(group) < CHUNK_SIZE:
            group.append(place)
        else:
            groups.append([place])
            border = gap
    return [
        Chunk(lead_list.row_id, group[0].addition_id, group[0].sequence, group[-1].sequence)
        for group in groups
    ]
