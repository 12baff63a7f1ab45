"""What people do with some leads of a list: take a step with them, move them, remove them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from itertools import groupby

from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.erasures import empty_entries
from leadyard.actions.lead_lists import get_list, lock_list
from leadyard.actions.list_control import Prepared, Reopening, Wanted, prepare
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING
from leadyard.domain.entries import EntryStatus, Step, Terms
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_view import EntryFilter, Selection
from leadyard.domain.reconciliation import TermsOfAddition
from leadyard.domain.reopening import FinishedEntry, cost_of_step, wanted_step
from leadyard.storage import list_view as view_rows
from leadyard.storage import reopening as entry_rows
from leadyard.storage import traces
from leadyard.storage.additions import list_terms
from leadyard.storage.database import Database, Tx

BATCH_REMOVED = 500
ACTIONS = {
    Step.ENRICH: AuditAction.LEADS_ENRICHED,
    Step.VALIDATE: AuditAction.LEADS_VALIDATED,
    Step.REVEAL: AuditAction.LEADS_REVEALED,
}


async def list_selected(tx: Tx, lead_list: LeadList, selection: Selection) -> list[int]:
    """The sequences of the leads that are selected, in order; of those named the ones that are there."""
    if selection.sequences is None:
        return await view_rows.list_matching(tx, lead_list, selection.wanted)
    return sorted(each for each in selection.sequences if 1 <= each <= lead_list.last_sequence)


async def prepare_step(tx: Tx, caller: Caller, list_id: str, selection: Selection, step: Step) -> Prepared:
    """Finds the selected leads that can take a step, and what that can cost; changes nothing.

    Those that are waiting or under way are left as they are, and so are those that the step has told of
    before. Raises NotFound, Gone, and Conflict for a canceled list.
    """
    lead_list = await get_list(tx, caller, list_id)
    wanted = Wanted(partial(_read, selection), wanted_step(step), ACTIONS[step], asked=(step,))
    return await prepare(tx, lead_list, wanted)


async def estimate_step(tx: Tx, caller: Caller, list_id: str, wanted: EntryFilter, step: Step) -> Reopening:
    """What a step with all leads of a filter comes to at most; nobody who is excluded by now is left out.

    Of leads that are done only the summaries are counted, not one by one. Raises as `prepare_step` does.
    """
    lead_list = await get_list(tx, caller, list_id)
    total, least, most = 0, NOTHING, NOTHING
    if wanted.status in (None, EntryStatus.FAILED):
        failed = Selection(replace(wanted, status=EntryStatus.FAILED))
        told = (await prepare_step(tx, caller, list_id, failed, step)).reopening
        total, least, most = told.total, told.least, told.most
    if wanted.status in (None, EntryStatus.DONE):
        for terms, first, last in _runs(await list_terms(tx, lead_list), lead_list.last_sequence):
            for kind, count in await view_rows.count_done(tx, lead_list, wanted, first, last):
                if (cost := cost_of_step(step, kind, terms)) is not None:
                    total, least, most = total + count, least + cost[0] * count, most + cost[1] * count
    return Reopening(total, most, least)


def _runs(additions: Sequence[TermsOfAddition], last_sequence: int) -> Iterator[tuple[Terms, int, int]]:
    """The first and last sequences of leads with the same terms."""
    runs = [list(run) for _, run in groupby(additions, key=lambda each: each.terms)]
    ends = [run[0].first_sequence - 1 for run in runs[1:]] + [last_sequence]
    for run, end in zip(runs, ends, strict=False):
        yield run[0].terms, run[0].first_sequence, end


async def _read(selection: Selection, tx: Tx, lead_list: LeadList) -> AsyncIterator[list[FinishedEntry]]:
    sequences = await list_selected(tx, lead_list, selection)
    async for batch in entry_rows.read_chosen(tx, lead_list, sequences):
        yield batch


async def remove_leads(database: Database, caller: Caller, list_id: str, selection: Selection) -> int:
    """Empties the selected leads, as an erasure does, some in each transaction; returns how many.

    What has not begun does not begin meanwhile. Their places stay taken, for sequences have no gaps, and what
    was paid for them stays paid. What is held for those that have not ended is given back. The same leads can
    be added again. Raises NotFound and Gone.
    """
    async with database.read() as tx:
        lead_list = await get_list(tx, caller, list_id)
        sequences = await list_selected(tx, lead_list, selection)
    async with database.write() as tx:
        lead_list = await lock_list(tx, caller, list_id)
        await traces.put_off_entries(tx, lead_list.row_id, sequences)
    count = 0
    for start in range(0, len(sequences), BATCH_REMOVED):
        async with database.write() as tx:
            lead_list = await lock_list(tx, caller, list_id)
            removed = await empty_entries(tx, lead_list, sequences[start : start + BATCH_REMOVED])
            if removed:
                await record(tx, caller, AuditAction.LEADS_REMOVED, list_id, leads=removed)
        count += removed
    return count
