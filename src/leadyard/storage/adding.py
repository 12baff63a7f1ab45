"""What an add looks at and what it writes down, each sent to the database in one go.

Adding one lead costs as much as its statements do, so those of a few leads go along with the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec

from leadyard.domain.accounts import Caller
from leadyard.domain.additions import FewLeads
from leadyard.domain.credits import Prices, total_cost
from leadyard.domain.entries import ALL_SKIPPED, Entry, EntryStatus
from leadyard.domain.events import EventType
from leadyard.domain.lead_lists import JOINING_TIME, SMALL_CHUNK, LeadList, Purpose
from leadyard.domain.leads import LeadDraft
from leadyard.domain.summaries import summarize
from leadyard.storage.additions import NewAddition, addition_statement
from leadyard.storage.credits import hold_statements, refusing_shortage
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
    "SELECT b.excluded, b.erased, {open_job} AS open_job, k.text AS key, e.sequence "
    f"FROM ({BARRIERS}) AS b "
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

    `existing` has the keys of the add that are in the list already, if there are few to look for. Those few
    may join the job `open_job`, if there is one.
    """

    lead_list: LeadList
    barriers: Barriers
    existing: dict[str, int] | None
    open_job: int | None = None


class LeadsAlong(msgspec.Struct, frozen=True):
    """A few leads that are stored with the records of their additions.

    If they `are_done` nothing is left to be done with them; else they join the `open_job`, if there is one.
    """

    drafts: Sequence[LeadDraft] = ()
    are_done: bool = False
    open_job: int | None = None

    @property
    def need_no_job(self) -> bool:
        """Whether no job is to be made for them."""
        return self.are_done or self.open_job is not None


NO_LEADS_ALONG = LeadsAlong()


async def lock_for_adding(
    tx: Tx, caller: Caller, public_id: str, drafts: Sequence[LeadDraft], prices: Prices
) -> Standing | None:
    """The list, locked until the commit, and what there is to know of it."""
    lock, values = lock_statement(tx, caller.workspace_id, public_id)
    if not _are_few(drafts):
        found, known = await tx.run_each([(lock, values), (BARRIERS, values)])
        return Standing(to_list(found.rows[0]), read_barriers(known.rows[0]), None) if found.rows else None
    open_job: str = "NULL"
    terms: Mapping[str, Any] = {}
    if len(drafts) <= SMALL_CHUNK:
        latest = tx.now + JOINING_TIME
        few = FewLeads(public_id, len(drafts), prices, caller.key_id or None, caller.user_id, latest)
        statement, terms = tx.queue.find_open_job(few)
        open_job = f"({statement})"
    keys = msgspec.json.encode([draft.key for draft in drafts]).decode()
    standing = _STANDING.format(keys=tx.dialect.texts_from("keys"), open_job=open_job)
    found, known = await tx.run_each([(lock, values), (standing, {**terms, **values, "keys": keys})])
    if not found.rows:
        return None
    first = known.rows[0]
    existing = {row.key: row.sequence for row in known.rows if row.sequence is not None}
    return Standing(to_list(found.rows[0]), read_barriers(first), existing, first.open_job)


def _are_few(drafts: Sequence[LeadDraft]) -> bool:
    if len(drafts) > FEW:
        return False
    sizes = accumulate(len(memoryview(draft.raw)) for draft in drafts)
    return all(size <= FEW_BYTES for size in sizes)


async def write_additions(
    tx: Tx,
    lead_list: LeadList,
    caller: Caller,
    news: Sequence[NewAddition],
    capacity: int,
    along: LeadsAlong = NO_LEADS_ALONG,
) -> list[tuple[int, str]]:
    """Holds credits, writes the records and moves the counters; the list is as it was before.

    `capacity` is the one in force. Returns the row id and the public id of each addition. Raises
    InsufficientCredits; then the transaction is not to commit.
    """
    holds = hold_statements(lead_list.workspace_id, total_cost(new.held for new in news))
    statements, public_ids, added = [*holds], [], 0
    for new in news:
        public_ids.append(new_id(tx.now_ms))
        statements.append(addition_statement(tx, public_ids[-1], lead_list, caller, new, added))
        added += new.added
    statements.append(count_statement(tx, lead_list.row_id, added, capacity, are_done=along.are_done))
    if along.drafts:
        statements += _entry_statements(tx, lead_list, along.drafts, are_done=along.are_done)
    if along.open_job is not None:
        statements.append(tx.queue.join(along.open_job, lead_list.last_sequence + added))
    is_all = along.need_no_job and not lead_list.wanted_events
    run = tx.run_last if is_all and tx.ends_with_action else tx.run_each
    with refusing_shortage(tx):
        results = await run(statements)
    if along.are_done and lead_list.wants(EventType.LIST_COMPLETED):
        await tell_if_completed(tx, await get_list(tx, lead_list.row_id))
    written = results[len(holds) : len(holds) + len(news)]
    return [(row.rows[0].id, public_id) for row, public_id in zip(written, public_ids, strict=True)]


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
