"""What an add looks at and what it writes down, each sent to the database in one go.

Adding one lead costs as much as its statements do, so those of a few leads go along with the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec

from leadyard.domain.accounts import Caller
from leadyard.domain.entries import ALL_SKIPPED, Entry, EntryStatus
from leadyard.domain.events import EventType
from leadyard.domain.lead_lists import LeadList, Purpose
from leadyard.domain.leads import LeadDraft
from leadyard.domain.summaries import summarize
from leadyard.storage.additions import NewAddition, addition_statement
from leadyard.storage.credits import hold_statements
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement
from leadyard.storage.ids import new_id
from leadyard.storage.lead_lists import count_statement, get_list, lock_statement, to_list
from leadyard.storage.outbox import tell_if_completed
from leadyard.storage.summaries import summaries_statement
from leadyard.storage.suppression import BARRIERS, Barriers, read_barriers

FEW = 50
FEW_BYTES = 64 * 1024
"""So many leads, and no longer, are looked up and stored along with the rest; else there are quicker ways."""

# Each key is looked for in the index: of `e.key IN (…)` SQLite would make a look at every entry of the list.
_STANDING = (
    f"SELECT b.excluded, b.erased, k.text AS key, e.sequence FROM ({BARRIERS}) AS b "
    "LEFT JOIN {keys} AS k ON true LEFT JOIN lead_list_entries AS e "
    "ON e.list_id = (SELECT l.id FROM lead_lists AS l WHERE l.public_id = :public_id) AND e.key = k.text"
)
_INSERT = (
    "INSERT INTO lead_list_entries (list_id, sequence, key, lead, status, findings) "
    "SELECT :list_id, r.sequence, r.key, r.lead, :status, :findings FROM (SELECT * FROM {entries}) AS r"
)
_ENTRY_COLUMNS = {"sequence": "integer", "key": "text", "lead": "text"}


class Standing(msgspec.Struct, frozen=True):
    """A locked list as an add finds it, and who is kept out of its workspace.

    `existing` has the keys of the add that are in the list already, if there are few to look for.
    """

    lead_list: LeadList
    barriers: Barriers
    existing: dict[str, int] | None


async def lock_for_adding(
    tx: Tx, workspace_id: int, public_id: str, drafts: Sequence[LeadDraft]
) -> Standing | None:
    """The list, locked until the commit, and what there is to know of it."""
    lock, values = lock_statement(tx, workspace_id, public_id)
    looks_for_keys = _are_few(drafts)
    standing: Statement = (BARRIERS, values)
    if looks_for_keys:
        keys = msgspec.json.encode([draft.key for draft in drafts]).decode()
        standing = (_STANDING.format(keys=tx.dialect.texts_from("keys")), {**values, "keys": keys})
    found, known = await tx.run_each([(lock, values), standing])
    if not found.rows:
        return None
    existing = (
        {row.key: row.sequence for row in known.rows if row.sequence is not None} if looks_for_keys else None
    )
    return Standing(to_list(found.rows[0]), read_barriers(known.rows[0]), existing)


def _are_few(drafts: Sequence[LeadDraft]) -> bool:
    if len(drafts) > FEW:
        return False
    sizes = accumulate(len(memoryview(draft.raw)) for draft in drafts)
    return all(size <= FEW_BYTES for size in sizes)


async def write_addition(
    tx: Tx,
    lead_list: LeadList,
    caller: Caller,
    new: NewAddition,
    capacity: int,
    drafts: Sequence[LeadDraft] = (),
    *,
    are_done: bool = False,
) -> tuple[int, str] | None:
    """Holds credits, stores `drafts`, writes the record and moves the counters; the list is as it was before.

    `capacity` is the one in force. If the drafts `are_done` nothing is left to be done with them. Returns the
    row id of the addition and its public id; None, and then the transaction is not to commit, if the credits
    do not suffice.
    """
    public_id = new_id(tx.now_ms)
    holds = hold_statements(lead_list.workspace_id, new.held)
    statements = [
        *holds,
        addition_statement(tx, public_id, lead_list, caller, new),
        count_statement(tx, lead_list.row_id, new.added, capacity, are_done=are_done),
    ]
    if drafts:
        statements += _entry_statements(tx, lead_list, drafts, are_done=are_done)
    is_all = are_done and not lead_list.wanted_events
    run = tx.run_last if is_all and tx.ends_with_action else tx.run_each
    results = await run(statements)
    if any(held.affected != 1 for held in results[: len(holds)]):
        return None
    if are_done and lead_list.wants(EventType.LIST_COMPLETED):
        await tell_if_completed(tx, await get_list(tx, lead_list.row_id))
    return results[len(holds)].rows[0].id, public_id


def _entry_statements(
    tx: Tx, lead_list: LeadList, drafts: Sequence[LeadDraft], *, are_done: bool
) -> list[Statement]:
    first = lead_list.last_sequence + 1
    leads = [bytes(draft.raw).decode() for draft in drafts]
    rows = [
        {"sequence": sequence, "key": draft.key, "lead": lead}
        for sequence, (draft, lead) in enumerate(zip(drafts, leads, strict=True), first)
    ]
    values = {
        "list_id": lead_list.row_id,
        "status": (EntryStatus.DONE if are_done else EntryStatus.QUEUED).value,
        "findings": msgspec.json.encode(ALL_SKIPPED).decode() if are_done else None,
        "entries": msgspec.json.encode(rows).decode(),
    }
    statements: list[Statement] = [
        (_INSERT.format(entries=tx.dialect.rows_from("entries", _ENTRY_COLUMNS)), values)
    ]
    if are_done and lead_list.purpose is Purpose.LIST:
        ended = [
            Entry(sequence, lead, EntryStatus.DONE, ALL_SKIPPED) for sequence, lead in enumerate(leads, first)
        ]
        statements.append(summaries_statement(tx, lead_list.row_id, [summarize(entry) for entry in ended]))
    return statements
