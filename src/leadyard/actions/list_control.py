"""Pausing and resuming lists, and taking finished leads up again: what failed, and what is stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from leadyard.actions.lead_lists import get_list, require_present
from leadyard.domain.accounts import Caller
from leadyard.domain.credits import NOTHING, Cost, total_cost
from leadyard.domain.entries import EntryStatus
from leadyard.domain.errors import Conflict, InsufficientCredits
from leadyard.domain.lead_lists import CHUNK_SIZE, Chunk, LeadList, ListStatus, PauseReason
from leadyard.domain.reopening import Choose, FinishedEntry, ReopenedEntry, failed_steps, reopen, stale_steps
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage import unfinished
from leadyard.storage.database import Tx


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
    if lead_list.pause is None:
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
    """What retrying what failed would come to; changes nothing. Raises NotFound and Gone."""
    return await _preview(tx, await get_list(tx, caller, list_id), failed_steps)


async def retry_failed(tx: Tx, caller: Caller, list_id: str) -> Reopening:
    """Takes up again the leads that failed and the steps whose provider was unavailable.

    Raises NotFound, Gone, Conflict for a canceled list and InsufficientCredits; then nothing has changed.
    """
    return await _reopen(tx, await _lock(tx, caller, list_id), failed_steps)


async def preview_refresh(tx: Tx, caller: Caller, list_id: str, age: timedelta) -> Reopening:
    """What enriching stale leads again would come to; changes nothing. Raises NotFound and Gone."""
    return await _preview(tx, await get_list(tx, caller, list_id), stale_steps(tx.now - age))


async def refresh_stale(tx: Tx, caller: Caller, list_id: str, age: timedelta) -> Reopening:
    """Enriches again the leads about whom nothing was heard for so long. Raises as `retry_failed` does."""
    return await _reopen(tx, await _lock(tx, caller, list_id), stale_steps(tx.now - age))


async def _lock(tx: Tx, caller: Caller, list_id: str) -> LeadList:
    found = await get_list(tx, caller, list_id)
    return require_present(await list_rows.lock_list(tx, found.row_id))


async def _choose(tx: Tx, lead_list: LeadList, choose: Choose) -> list[ReopenedEntry]:
    finished = await lead_rows.list_finished(tx, lead_list)
    reopened = (reopen(entry, choose) for entry in finished)
    return [each for each in reopened if each is not None]


async def _preview(tx: Tx, lead_list: LeadList, choose: Choose) -> Reopening:
    chosen = await _choose(tx, lead_list, choose)
    return Reopening(len(chosen), total_cost(each.held for each in chosen))


async def _reopen(tx: Tx, lead_list: LeadList, choose: Choose) -> Reopening:
    if lead_list.status is ListStatus.CANCELED:
        raise Conflict("Lead list is canceled.")
    chosen = await _choose(tx, lead_list, choose)
    most = total_cost(each.held for each in chosen)
    if not chosen:
        return Reopening(0, NOTHING)
    await ledger.lock_balances(tx, lead_list.workspace_id)
    if not await ledger.hold_credits(tx, lead_list.workspace_id, most):
        raise InsufficientCredits
    await addition_rows.add_holds(tx, _held_by_addition(chosen))
    await lead_rows.reopen_entries(tx, lead_list.row_id, chosen)
    statuses = Counter(each.entry.status for each in chosen)
    await list_rows.count_reopened(
        tx, lead_list.row_id, done=statuses[EntryStatus.DONE], failed=statuses[EntryStatus.FAILED]
    )
    if lead_list.pause is None:
        await tx.queue.enqueue(tx, _chunks_of(lead_list, [each.entry for each in chosen]), pending=0)
    return Reopening(len(chosen), most)


def _held_by_addition(chosen: Sequence[ReopenedEntry]) -> dict[int, Cost]:
    held: dict[int, Cost] = {}
    for each in chosen:
        held[each.entry.addition_id] = held.get(each.entry.addition_id, NOTHING) + each.held
    return held


def _chunks_of(lead_list: LeadList, entries: Sequence[FinishedEntry]) -> list[Chunk]:
    """Chunks of up to 100 of these entries, each within one addition; what lies between them is finished."""
    chunks = []
    by_addition: dict[int, list[int]] = {}
    for entry in entries:
        by_addition.setdefault(entry.addition_id, []).append(entry.item.sequence)
    for addition_id, sequences in by_addition.items():
        for start in range(0, len(sequences), CHUNK_SIZE):
            part = sequences[start : start + CHUNK_SIZE]
            chunks.append(Chunk(lead_list.row_id, addition_id, part[0], part[-1]))
    return chunks
