"""Erasing a person for good (docs/explanation/erasure.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from leadyard.actions import person_records as records
from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Caller, Mode, Scope
from leadyard.domain.additions import HoldSettlement
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import NOTHING, total_cost
from leadyard.domain.entries import EntryStatus
from leadyard.domain.erasure import Erasure, ErasureCounts, StoredLead, Traces, is_of_person
from leadyard.domain.imports import RowVerdict
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.leads import read_fields, sent_email
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.reopening import held_cost
from leadyard.domain.suppression import ExclusionKind
from leadyard.storage import accounts as account_rows
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import directory_people, idempotency, traces
from leadyard.storage import erasures as erasure_rows
from leadyard.storage import exclusions as exclusion_rows
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import provider_answers as answer_rows
from leadyard.storage.database import Database, Tx

BATCH_ERASED = 500
UNFINISHED = (EntryStatus.QUEUED, EntryStatus.PROCESSING)


async def erase_person(database: Database, caller: Caller, asked: Traces) -> ErasureCounts:
    """Removes a person from everything that the key reaches, and keeps them out from then on.

    First the tombstones are there, so that nothing comes in behind: who writes later sees them. Then what is
    stored is looked through, in small transactions beside the work that goes on. If it breaks off, the person
    is kept out already, and doing it again does the rest. Raises Forbidden.
    """
    caller.require(Scope.PRIVACY_ERASE)
    erasing = _Erasing(database, await _list_workspaces(database, caller), caller)
    return await erasing.run(asked)


async def record_erasure(tx: Tx, caller: Caller, counts: ErasureCounts) -> Erasure:
    """Writes down that there was an erasure, not of whom."""
    erasure = await erasure_rows.add_erasure(tx, caller, counts)
    await record(tx, caller, AuditAction.ERASURE_DONE, erasure.id, entries=counts.entries)
    return erasure


async def list_erasures(tx: Tx, caller: Caller, request: PageRequest) -> Page[Erasure]:
    """A page of the workspace's erasures, newest first. Raises Refused for an unknown cursor."""
    return require_page(await erasure_rows.list_erasures(tx, caller.workspace_id, request), request)


async def _list_workspaces(database: Database, caller: Caller) -> list[int]:
    """A live key erases from all data of the account, a test key from the test data only."""
    if caller.mode is Mode.TEST:
        return [caller.workspace_id]
    async with database.read() as tx:
        return sorted((await account_rows.list_workspace_ids(tx, caller.account_id)).values())


class _Erasing(msgspec.Struct, frozen=True):
    database: Database
    workspace_ids: Sequence[int]
    caller: Caller

    @property
    def is_live(self) -> bool:
        return self.caller.mode is Mode.LIVE

    async def run(self, asked: Traces) -> ErasureCounts:
        async with self.database.write() as tx:
            await erasure_rows.add_tombstones(tx, self.workspace_ids, asked.identity)
            await record(tx, self.caller, AuditAction.ERASURE_BEGUN)
        people = await records.find_people(self.database, asked) if self.is_live else []
        person = await records.find_person(self.database, self.workspace_ids, asked, people)
        if person != asked:
            async with self.database.write() as tx:
                await erasure_rows.add_tombstones(tx, self.workspace_ids, person.identity)
        await self._empty_import_rows(asked, person)
        return ErasureCounts(
            entries=await self._empty_entries(asked, person),
            directory_people=await self._leave_directory(asked, person),
            exclusions=await self._end_exclusions(person),
            credit_entries=await self._forget_charges(person),
        )

    async def _empty_entries(self, asked: Traces, person: Traces) -> int:
        count = 0
        found: dict[int, tuple[LeadList, list[int]]] = {}
        async for entry in records.find_entries(self.database, self.workspace_ids, asked, person):
            lead_list, sequences = found.setdefault(entry.lead_list.row_id, (entry.lead_list, []))
            sequences.append(entry.lead.sequence)
        for lead_list, sequences in found.values():
            for start in range(0, len(sequences), BATCH_ERASED):
                async with self.database.write() as tx:
                    count += await empty_entries(tx, lead_list, sequences[start : start + BATCH_ERASED])
        return count

    async def _empty_import_rows(self, asked: Traces, person: Traces) -> None:
        """Takes the person out of files that are kept; whoever works on one begins with it anew."""

        def is_wanted(record: Traces) -> bool:
            return is_of_person(record, asked, person)

        async for batch in records.scan_import_rows(self.database, self.workspace_ids, is_wanted):
            async with self.database.write() as tx:
                await import_rows.lock_import(tx, batch.import_row_id)
                await import_rows.restart_turn(tx, batch.import_row_id)
                rows = await batch_rows.read_batch(tx, batch.import_row_id, batch.number)
                for row in records.choose_rows(rows, is_wanted):
                    row.cells, row.faults, row.verdict = [], [], RowVerdict.ERASED
                await batch_rows.write_batch(tx, batch.import_row_id, batch.number, rows)

    async def _leave_directory(self, asked: Traces, person: Traces) -> int:
        if not self.is_live:
            return 0
        people = await records.find_people(self.database, person)
        keys = [known.key for known in records.choose_people(people, asked, person)]
        async with self.database.write() as tx:
            return await directory_people.delete_people(tx, keys)

    async def _end_exclusions(self, person: Traces) -> int:
        count = 0
        async with self.database.write() as tx:
            for workspace_id in self.workspace_ids:
                removed = await exclusion_rows.remove_exclusions(
                    tx, workspace_id, ExclusionKind.EMAIL, person.emails
                )
                count += len(removed)
        return count

    async def _forget_charges(self, person: Traces) -> int:
        count = 0
        for workspace_id in self.workspace_ids:
            async with self.database.write() as tx:
                await idempotency.forget_persons(tx, workspace_id)
                await answer_rows.forget_person(tx, workspace_id, person)
                for person_id in sorted(person.person_ids):
                    count += await traces.forget_person_charges(tx, workspace_id, person_id)
                last = await traces.find_last_line(tx, workspace_id)
            for email in sorted(person.emails):
                for after in range(0, last, traces.LEDGER_WINDOW):
                    async with self.database.write() as tx:
                        count += await traces.forget_validations(tx, workspace_id, email, after)
        return count


async def empty_entries(tx: Tx, lead_list: LeadList, sequences: Sequence[int]) -> int:
    """Empties entries of a list and gives back exactly what is held for them; returns how many there were.

    They end canceled, whatever they were. A worker that has one of them in hand finds it final: what it found
    is neither written nor charged.
    """
    await list_rows.lock_list_row(tx, lead_list.row_id)
    await ledger.lock_balances(tx, lead_list.workspace_id)
    erased = await traces.erase_entries(tx, lead_list.row_id, sequences)
    unfinished = [lead for lead in erased if lead.status in UNFINISHED]
    await _release_holds(tx, lead_list, unfinished)
    statuses = Counter(lead.status for lead in erased)
    is_completed = await list_rows.count_erased(
        tx,
        lead_list.row_id,
        queued=statuses[EntryStatus.QUEUED],
        processing=statuses[EntryStatus.PROCESSING],
        done=statuses[EntryStatus.DONE],
        failed=statuses[EntryStatus.FAILED],
    )
    if unfinished and is_completed:
        rest = await addition_rows.release_list_holds(tx, lead_list.row_id)
        await ledger.move_credits(tx, lead_list.workspace_id, spent=NOTHING, released=rest)
    return len(erased)


async def _release_holds(tx: Tx, lead_list: LeadList, unfinished: Sequence[StoredLead]) -> None:
    if not unfinished:
        return
    sequences = [lead.sequence for lead in unfinished]
    came_with = await traces.find_additions(tx, lead_list.row_id, sequences)
    for addition_id in sorted(set(came_with.values())):
        terms = await addition_rows.get_terms(tx, addition_id)
        most = total_cost(
            held_cost(lead.findings, terms, has_email=_has_email(lead))
            for lead in unfinished
            if came_with[lead.sequence] == addition_id
        )
        released = await addition_rows.settle_holds(tx, {addition_id: HoldSettlement(most, NOTHING)})
        await ledger.move_credits(tx, lead_list.workspace_id, spent=NOTHING, released=released)


def _has_email(lead: StoredLead) -> bool:
    return sent_email(read_fields(lead.raw).email) is not None
