"""Pausing and resuming lists, and taking finished leads up again: what failed, and what is stale."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from leadyard.actions.lead_lists import get_list, require_present
from leadyard.domain.accounts import Caller
from leadyard.domain.credits import NOTHING, Cost, total_cost
from leadyard.domain.entries import EntryStatus
from leadyard.domain.errors import Conflict, InsufficientCredits
from leadyard.domain.lead_lists import CHUNK_SIZE, Chunk, LeadList, ListStatus, PauseReason
from leadyard.domain.reopening import Choose, FinishedEntry, ReopenedEntry, failed_steps, reopen, stale_steps
from leadyard.domain.suppression import Identity, lead_identity, person_identity
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import reopening as entry_rows
from leadyard.storage import unfinished
from leadyard.storage.database import Tx
from leadyard.storage.suppression import find_suppressed


@dataclass(frozen=True, slots=True)
class Reopening:
    """How many leads are taken up again, and the most that this can cost. It can always cost nothing."""

    total: int
    most: Cost


async def pause_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """Begins nothing more of a list until it is resumed; leads under way are finished.

    Raises NotFound, Gone, and Conflict for a list that has ended.
    """
    lead_list = await _lock(tx, caller, list_id)
    if lead_list.status.is_terminal:
        raise Conflict(f"Lead list is {lead_list.status}.")
    if lead_list.pause is None or lead_list.pause.reason is not PauseReason.REQUESTED:
        # One that waits for a spending limit would go on by itself.
        await list_rows.pause_list(tx, lead_list.row_id, PauseReason.REQUESTED)
        await tx.queue.drop(tx, lead_list.row_id)
    return await list_rows.get_list(tx, lead_list.row_id)


async def resume_list(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    """Goes on with a paused list; one that is not paused goes on as it is. Raises NotFound and Gone."""
    lead_list = await _lock(tx, caller, list_id)
    if lead_list.pause is not None:
        await unfinished.resume_list(tx, lead_list.row_id)
    return await list_rows.get_list(tx, lead_list.row_id)


async def preview_retry(tx: Tx, caller: Caller, list_id: str) -> Reopening:
    """What retrying what failed would come to; changes nothing. Raises NotFound, Gone and Conflict."""
    return await _preview(tx, await get_list(tx, caller, list_id), failed_steps)


async def retry_failed(tx: Tx, caller: Caller, list_id: str) -> Reopening:
    """Takes up again the leads that failed and the steps whose provider was unavailable.

    Raises NotFound, Gone, Conflict for a canceled list and InsufficientCredits; then nothing has changed.
    """
    return await _reopen(tx, await _lock(tx, caller, list_id), failed_steps)


async def preview_refresh(tx: Tx, caller: Caller, list_id: str, age: timedelta) -> Reopening:
    """What enriching stale leads again would come to; changes nothing. Raises as `preview_retry` does."""
    return await _preview(tx, await get_list(tx, caller, list_id), stale_steps(tx.now - age))


async def refresh_stale(tx: Tx, caller: Caller, list_id: str, age: timedelta) -> Reopening:
    """Enriches again the leads about whom nothing was heard for so long. Raises as `retry_failed` does."""
    return await _reopen(tx, await _lock(tx, caller, list_id), stale_steps(tx.now - age))


async def _lock(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    found = await get_list(tx, caller, list_id)
    return require_present(await list_rows.lock_list(tx, found.row_id))


async def _choose(tx: Tx, lead_list: LeadList, choose: Choose) -> list[ReopenedEntry]:
    """What is taken up again; nobody who is excluded or was erased. Raises Conflict for a canceled list."""
    if lead_list.status is ListStatus.CANCELED:
        raise Conflict("Lead list is canceled.")
    find = entry_rows.list_perhaps_failed if choose is failed_steps else entry_rows.list_finished
    reopened = (reopen(entry, choose) for entry in await find(tx, lead_list))
    chosen = [each for each in reopened if each is not None]
    suppressed = await find_suppressed(tx, lead_list.workspace_id, (_identity(each) for each in chosen))
    return [each for place, each in enumerate(chosen) if place not in suppressed]


def _identity(reopened: ReopenedEntry) -> Identity:
    item, person = reopened.entry.item, reopened.findings.person
    identity = lead_identity(item.list_type, item.key, item.lead)
    return identity if person is None else identity.join(person_identity(person))


async def _preview(tx: Tx, lead_list: LeadList, choose: Choose) -> Reopening:
    chosen = await _choose(tx, lead_list, choose)
    return Reopening(len(chosen), total_cost(each.held for each in chosen))


async def _reopen(tx: Tx, lead_list: LeadList, choose: Choose) -> Reopening:
    chosen = await _choose(tx, lead_list, choose)
    most = total_cost(each.held for each in chosen)
    if not chosen:
        return Reopening(0, NOTHING)
    await ledger.lock_balances(tx, lead_list.workspace_id)
    if not await ledger.hold_credits(tx, lead_list.workspace_id, most):
        raise InsufficientCredits
    await addition_rows.add_holds(tx, _held_by_addition(chosen))
    await entry_rows.reopen_entries(tx, lead_list.row_id, chosen)
    statuses = Counter(each.entry.status for each in chosen)
    await list_rows.count_reopened(
        tx, lead_list.row_id, done=statuses[EntryStatus.DONE], failed=statuses[EntryStatus.FAILED]
    )
    if lead_list.pause is None:
        await _enqueue(tx, lead_list, [each.entry for each in chosen])
    return Reopening(len(chosen), most)


def _held_by_addition(chosen: Sequence[ReopenedEntry]) -> dict[int, Cost]:
    held: dict[int, Cost] = {}
    for each in chosen:
        held[each.entry.addition_id] = held.get(each.entry.addition_id, NOTHING) + each.held
    return held


async def _enqueue(tx: Tx, lead_list: LeadList, entries: Sequence[FinishedEntry]) -> None:
    count = lead_list.progress.queued + lead_list.progress.processing
    unfinished = await entry_rows.list_unfinished_sequences(tx, lead_list.row_id) if count else []
    fresh = {entry.item.sequence for entry in entries}
    waiting = [sequence for sequence in unfinished if sequence not in fresh]
    chunks = _chunks_of(lead_list, entries, waiting)
    await tx.queue.enqueue(tx, chunks, pending=-(-count // CHUNK_SIZE))


def _chunks_of(
    lead_list: LeadList, entries: Sequence[FinishedEntry], unfinished: Sequence[int]
) -> list[Chunk]:
    """Chunks of up to 100 of these entries, each within one addition, with none in between that has a chunk.

    `unfinished` are the sequences of those, in order.
    """
    chunks: list[Chunk] = []
    size, border = 0, -1
    for entry in entries:
        sequence, gap = entry.item.sequence, bisect(unfinished, entry.item.sequence)
        last = chunks[-1] if chunks else None
        if last and last.addition_id == entry.addition_id and gap == border and size < CHUNK_SIZE:
            chunks[-1] = replace(last, last_sequence=sequence)
            size += 1
        else:
            chunks.append(Chunk(lead_list.row_id, entry.addition_id, sequence, sequence))
            size, border = 1, gap
    return chunks
