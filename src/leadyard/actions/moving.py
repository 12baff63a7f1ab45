"""Moving leads to another list."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.erasures import empty_entries
from leadyard.actions.lead_lists import get_list, lock_list
from leadyard.actions.leads import require_open
from leadyard.actions.rules import Rules
from leadyard.actions.selection import list_selected
from leadyard.actions.source_request import current_request
from leadyard.domain.accounts import Caller
from leadyard.domain.additions import Fate, LeftOut, count_outcomes, select_leads
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING
from leadyard.domain.entries import EntryStatus, settle_all
from leadyard.domain.erasure import StoredLead
from leadyard.domain.errors import Conflict
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.leads import LeadDraft, read_fields, sent_email
from leadyard.domain.list_view import Selection
from leadyard.storage import additions as addition_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage import traces
from leadyard.storage.additions import NewAddition
from leadyard.storage.database import Database, Tx
from leadyard.storage.suppression import find_suppressed

BATCH_MOVED = 500
ENDED = (EntryStatus.DONE, EntryStatus.FAILED)


class Moved(msgspec.Struct, frozen=True):
    """How many leads were moved, and how many stayed: for what reason, or because they have not ended."""

    count: int = 0
    unfinished: int = 0
    left_out: dict[LeftOut, int] = msgspec.field(default_factory=lambda: dict.fromkeys(LeftOut, 0))

    def add(self, other: Moved) -> Moved:
        """Both together."""
        left_out = {reason: count + other.left_out[reason] for reason, count in self.left_out.items()}
        return Moved(self.count + other.count, self.unfinished + other.unfinished, left_out)


async def move_leads(
    database: Database, rules: Rules, caller: Caller, list_id: str, target_id: str, selection: Selection
) -> Moved:
    """Moves the selected leads that have ended to the end of another list of the same type.

    Some in each transaction: what the other list has already, or has no room for, stays where it is, and so
    does who is excluded. Nothing is charged or given back: the ledger keeps naming the list that paid.
    Raises NotFound, Gone, and Conflict for another type, for the same list, and for a canceled or full one.
    """
    async with database.read() as tx:
        lead_list = await get_list(tx, caller, list_id)
        target = await get_list(tx, caller, target_id)
        sequences = await list_selected(tx, lead_list, selection)
    _require_fit(rules, lead_list, target)
    moved = Moved()
    for start in range(0, len(sequences), BATCH_MOVED):
        async with database.write() as tx:
            batch = sequences[start : start + BATCH_MOVED]
            moved = moved.add(await _move_batch(tx, rules, caller, (list_id, target_id), batch))
    return moved


def _require_fit(rules: Rules, lead_list: LeadList, target: LeadList) -> None:
    if target.row_id == lead_list.row_id:
        raise Conflict("The leads are in this lead list already.")
    if target.type is not lead_list.type:
        raise Conflict(f"'{lead_list.type}' is not the type of this lead list.")
    require_open(target, rules)


async def _move_batch(
    tx: Tx, rules: Rules, caller: Caller, list_ids: tuple[str, str], sequences: Sequence[int]
) -> Moved:
    # Always in the same order, whichever way leads are moved, so that two moves cannot wait for each other.
    locked = {list_id: await lock_list(tx, caller, list_id) for list_id in sorted(list_ids)}
    source, target = (locked[list_id] for list_id in list_ids)
    leads = await traces.read_some_entries(tx, source.row_id, sequences)
    ended = [lead for lead in leads if lead.status in ENDED]
    drafts = [_draft(place, lead.key, lead.raw) for place, lead in enumerate(ended)]
    existing = await lead_rows.find_existing(tx, target, drafts)
    # Also by whom was found: an erasure that looks for the lead here must not find it gone to a list that it
    # has looked through already.
    identities = (lead.identity(source) for lead in ended)
    suppressed = await find_suppressed(tx, target.workspace_id, identities)
    room = max(0, rules.limits.leads_per_list - target.progress.total)
    chosen = select_leads(drafts, existing, room, suppressed)
    moving = [ended[draft.place] for draft in chosen.accepted]
    if moving:
        await _store(tx, rules, caller, target, moving, chosen.accepted, chosen.left_out)
        await empty_entries(tx, source, [lead.sequence for lead in moving])
        await record(tx, caller, AuditAction.LEADS_MOVED, source.id, to=target.id, leads=len(moving))
    unfinished = sum(lead.status in (EntryStatus.QUEUED, EntryStatus.PROCESSING) for lead in leads)
    return Moved(len(moving), unfinished, count_outcomes(chosen.left_out))


async def _store(
    tx: Tx,
    rules: Rules,
    caller: Caller,
    target: LeadList,
    leads: Sequence[StoredLead],
    drafts: Sequence[LeadDraft],
    left_out: Sequence[Fate],
) -> None:
    """Puts leads at the end of a locked list, with what they came to. All that is paid for."""
    settled = [replace(lead, findings=settle_all(lead.findings)) for lead in leads]
    await lead_rows.insert_ended(tx, target, drafts, settled)
    new = NewAddition(
        len(drafts) + len(left_out), len(drafts), left_out, NOTHING, rules.prices, current_request()
    )
    await addition_rows.add_addition(tx, target, caller, new)
    failed = sum(lead.status is EntryStatus.FAILED for lead in leads)
    capacity = rules.limits.leads_per_list
    done = len(leads) - failed
    await list_rows.count_moved_in(tx, target.row_id, done=done, failed=failed, capacity=capacity)


def _draft(place: int, key: str, raw: str) -> LeadDraft:
    email = sent_email(read_fields(raw).email)
    return LeadDraft(place, key, msgspec.Raw(raw.encode()), email is not None)
