"""Copying a list: its leads as they were sent, by statements of the database."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.lead_lists import get_list
from leadyard.actions.leads import StoredAddition, enqueue_added, tell_of_addition
from leadyard.actions.rules import Rules
from leadyard.actions.source_request import current_request
from leadyard.domain.accounts import Caller
from leadyard.domain.additions import Fate, LeftOut
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING
from leadyard.domain.lead_lists import NO_STEPS, LeadList, NewList
from leadyard.domain.leads import read_fields
from leadyard.domain.suppression import lead_identity
from leadyard.storage import additions as addition_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import traces
from leadyard.storage.additions import NewAddition
from leadyard.storage.database import Database, Tx
from leadyard.storage.list_copies import copy_leads
from leadyard.storage.suppression import find_suppressed, stamp_of_barriers

BATCH_READ = 1_000
NOBODY_KEPT_OUT = (0, 0, 0)


class KeptOut(msgspec.Struct, frozen=True):
    """The leads of a list that may not be copied, by sequence and place, as of a state of the barriers."""

    stamp: tuple[int, int, int]
    places: dict[int, int]


async def copy_list(database: Database, rules: Rules, caller: Caller, list_id: str) -> LeadList:
    """A new list of the caller's with the same settings and the same leads, as they were sent.

    The leads are kept and no more: a step is taken with them when somebody asks for it, and then it is paid
    for. Those that are added later go through the steps of the list. Who is excluded by now is left out.
    Raises NotFound and Gone.
    """
    async with database.read() as tx:
        kept_out = await prepare_copy(tx, caller, list_id)
    async with database.write() as tx:
        return await copy_prepared(tx, rules, caller, list_id, kept_out)


async def prepare_copy(tx: Tx, caller: Caller, list_id: str) -> KeptOut:
    """Finds who is not to be copied, which takes long if anybody is kept out; others write meanwhile."""
    return await _find_kept_out(tx, await get_list(tx, caller, list_id))


async def copy_prepared(tx: Tx, rules: Rules, caller: Caller, list_id: str, kept_out: KeptOut) -> LeadList:
    """Copies the others. If somebody else is kept out by now, who they are is found anew."""
    found = await get_list(tx, caller, list_id)
    made = await _make_list(tx, rules, caller, found)
    if await stamp_of_barriers(tx, found.workspace_id) != kept_out.stamp:
        kept_out = await _find_kept_out(tx, found)
    await _fill(tx, rules, caller, found, made, kept_out)
    return await list_rows.get_list(tx, made.row_id)


async def _make_list(tx: Tx, rules: Rules, caller: Caller, found: LeadList) -> LeadList:
    owner_id = found.owner_id if found.is_of(caller) else caller.user_id
    new = NewList(f"{found.name[:245]} (copy)", found.type, found.shared, found.visible, found.options)
    made = await list_rows.create_list(tx, caller.workspace_id, owner_id, new, rules.limits.leads_per_list)
    await record(tx, caller, AuditAction.LIST_COPIED, made.id, of=found.id)
    return made


async def _find_kept_out(tx: Tx, found: LeadList) -> KeptOut:
    """Reads the list in batches, if anybody at all is kept out."""
    stamp = await stamp_of_barriers(tx, found.workspace_id)
    places: dict[int, int] = {}
    after = count = 0
    while stamp != NOBODY_KEPT_OUT:
        leads = await traces.read_sent(tx, found.row_id, after, BATCH_READ)
        if not leads:
            break
        identities = (lead_identity(found.type, key, read_fields(lead)) for _, key, lead in leads)
        suppressed = await find_suppressed(tx, found.workspace_id, identities)
        places |= {leads[place][0]: count + place for place in suppressed}
        after = leads[-1][0]
        count += len(leads)
    return KeptOut(stamp, places)


async def _fill(
    tx: Tx, rules: Rules, caller: Caller, found: LeadList, made: LeadList, kept_out: KeptOut
) -> None:
    """The leads, the record of their addition, and their jobs: all of it with the list, or nothing."""
    empty = replace(made, options=NO_STEPS)
    most = rules.limits.leads_per_list
    added = await copy_leads(tx, found, empty, sorted(kept_out.places), most)
    left_out = [Fate(place, LeftOut.SUPPRESSED) for place in sorted(kept_out.places.values())]
    total = added + len(left_out)
    new = NewAddition(total, added, left_out, NOTHING, rules.prices, current_request())
    row_id, public_id = await addition_rows.add_addition(tx, empty, caller, new)
    await list_rows.count_added(tx, made.row_id, added, rules.limits.leads_per_list)
    if made.wanted_events and total:
        await tell_of_addition(tx, rules, made, StoredAddition(row_id, public_id, added), total)
    await enqueue_added(tx, made, row_id, added)
