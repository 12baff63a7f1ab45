"""Looks through everything that is counted, and sets right what does not add up.

No lead is deleted and no line of the ledger is changed: counters and balances are set to what the rows say,
and what the ledger lacks or has too much is written as a further line. Every look and every repair is a short
transaction, so the service may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import structlog

from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import Charge
from leadyard.domain.erasure import StoredLead
from leadyard.domain.lead_lists import LeadList, ListStatus, Purpose, entry_id
from leadyard.domain.reconciliation import (
    Check,
    RepeatedCharges,
    Report,
    TermsOfAddition,
    due_charges,
    find_terms,
    has_right_key,
)
from leadyard.domain.summaries import Summary, wrong_summaries
from leadyard.storage import additions as addition_rows
from leadyard.storage import audit as audit_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage import reconciling as rows
from leadyard.storage import summaries as summary_rows
from leadyard.storage import traces, unfinished
from leadyard.storage.credits import Asker
from leadyard.storage.database import Database, Tx
from leadyard.worker.dispatcher import Dispatcher
from leadyard.worker.upkeep import ORPHANED_AFTER

BATCH_ENTRIES = 1_000
BATCH_LINES = 5_000

MISSING_NOTE = "Reconciled: the line of this charge was missing."
REPEATED_NOTE = "Reconciled: the person had been paid for within 24 hours."

log = structlog.get_logger()


class Reconciliation(msgspec.Struct, frozen=True):
    """One pass over an installation. With `repair`, what can be set right is.

    `on_progress` is told how many lists were looked at.
    """

    database: Database
    dispatcher: Dispatcher
    repair: bool = False
    on_progress: Callable[[int], None] = lambda _count: None
    report: Report = msgspec.field(default_factory=Report)

    async def run(self) -> Report:
        """Every check: the ledger before the balances, which are sums of it."""
        await self._check_strays()
        await self._check_lists()
        await self._check_jobs()
        async with self.database.read() as tx:
            workspace_ids = await rows.list_workspace_ids(tx)
        for workspace_id in workspace_ids:
            await self._check_repeated_charges(workspace_id)
        await self._check_spent()
        await self._check_loose_holds()
        for workspace_id in workspace_ids:
            await self._check_balances(workspace_id)
        return self.report

    def _tell(self, check: Check, place: str, *, is_repaired: bool = False) -> None:
        self.report.tallies[check].add(place, is_repaired=is_repaired)
        if is_repaired:
            log.warning("discrepancy_repaired", check=check.value, place=place)
        else:
            log.warning("discrepancy_found", check=check.value, place=place)

    def _look(self, check: Check, count: int = 1) -> None:
        self.report.tallies[check].looked_at += count

    async def _check_lists(self) -> None:
        count, after = 0, 0
        while True:
            async with self.database.read() as tx:
                row_ids = await rows.list_list_ids(tx, after)
            if not row_ids:
                return
            for after in row_ids:
                await self._check_list(after)
                count += 1
                self.on_progress(count)

    async def _check_list(self, row_id: int) -> None:
        async with self.database.read() as tx:
            lead_list = await list_rows.get_list(tx, row_id)
            if lead_list.is_emptied:
                return
            counted = await rows.count_list(tx, row_id)
            additions = await addition_rows.list_terms(tx, lead_list)
        await self._check_state(lead_list, counted)
        # The leads of a deleted list may be going just now, some in each transaction.
        if not lead_list.is_deleted:
            await self._check_counters(lead_list, counted)
        if additions:
            for after in range(0, counted.last, BATCH_ENTRIES):
                await self._check_entries(lead_list, additions, after)

    async def _check_state(self, lead_list: LeadList, counted: rows.Counted) -> None:
        self._look(Check.STATES)
        if _has_wrong_state(lead_list, counted):
            if self.repair:
                await self._repair_state(lead_list.row_id)
            self._tell(Check.STATES, f"list {lead_list.id}", is_repaired=self.repair)

    async def _check_counters(self, lead_list: LeadList, counted: rows.Counted) -> None:
        self._look(Check.SEQUENCES)
        self._look(Check.COUNTERS)
        if not counted.is_whole:
            self._tell(Check.SEQUENCES, f"list {lead_list.id}")
        if _has_wrong_counters(lead_list, counted):
            if self.repair:
                await self._repair_counters(lead_list.row_id)
            self._tell(Check.COUNTERS, f"list {lead_list.id}", is_repaired=self.repair)

    async def _repair_state(self, row_id: int) -> None:
        """Lets a list go on that has not ended yet; whatever a canceled one has unfinished is canceled."""
        async with self.database.write() as tx:
            lead_list = await list_rows.lock_list(tx, row_id)
            if lead_list.status is ListStatus.CANCELED:
                await lead_rows.cancel_entries(tx, lead_list)
            elif _has_wrong_state(lead_list, await rows.count_list(tx, row_id)):
                await rows.set_unfinished(tx, row_id)
                await self._count_anew(tx, lead_list)
                await unfinished.enqueue_unfinished(tx, row_id)

    async def _repair_counters(self, row_id: int) -> None:
        async with self.database.write() as tx:
            await self._count_anew(tx, await list_rows.lock_list(tx, row_id))

    async def _count_anew(self, tx: Tx, lead_list: LeadList) -> None:
        await rows.set_counters(tx, lead_list, await rows.count_list(tx, lead_list.row_id))

    async def _check_entries(
        self, lead_list: LeadList, additions: Sequence[TermsOfAddition], after: int
    ) -> None:
        async with self.database.read() as tx:
            leads = await _read_batch(tx, lead_list, after)
            unpaid = await _find_unpaid(tx, lead_list, additions, leads)
            misread = await _find_wrong_summaries(tx, lead_list, leads, after)
        if lead_list.purpose is Purpose.LIST:
            self._look(Check.SUMMARIES, len(leads))
        if misread and self.repair:
            await self._write_summaries(lead_list, after)
        for sequence in misread:
            place = f"lead {entry_id(lead_list.id, sequence)}"
            self._tell(Check.SUMMARIES, place, is_repaired=self.repair)
        self._look(Check.KEYS, len(leads))
        self._look(Check.CHARGES, len(leads))
        for lead in leads:
            if not has_right_key(lead_list, lead):
                self._tell(Check.KEYS, f"lead {entry_id(lead_list.id, lead.sequence)}")
        if unpaid and self.repair:
            await self._write_unpaid(lead_list, additions, after)
        for charge in unpaid:
            place = f"{charge.reason} of lead {entry_id(lead_list.id, charge.sequence)}"
            self._tell(Check.CHARGES, place, is_repaired=self.repair)

    async def _write_summaries(self, lead_list: LeadList, after: int) -> None:
        async with self.database.write() as tx:
            await list_rows.lock_list_row(tx, lead_list.row_id)
            leads = await _read_batch(tx, lead_list, after)
            right = await _find_wrong_summaries(tx, lead_list, leads, after)
            summaries = [summary for summary in right.values() if summary is not None]
            await summary_rows.write_summaries(tx, lead_list.row_id, summaries)
            pointless = [sequence for sequence, summary in right.items() if summary is None]
            await summary_rows.delete_summaries(tx, lead_list.row_id, pointless)

    async def _write_unpaid(
        self, lead_list: LeadList, additions: Sequence[TermsOfAddition], after: int
    ) -> None:
        async with self.database.write() as tx:
            await list_rows.lock_list_row(tx, lead_list.row_id)
            await ledger.lock_balances(tx, lead_list.workspace_id)
            leads = await _read_batch(tx, lead_list, after)
            for charge in await _find_unpaid(tx, lead_list, additions, leads):
                came_with = find_terms(additions, charge.sequence)
                asker = Asker(lead_list.workspace_id, came_with.key_id, came_with.user_id, lead_list.row_id)
                await ledger.write_missing_charges(tx, asker, [charge], MISSING_NOTE)
                place = f"lead {entry_id(lead_list.id, charge.sequence)}"
                await _record(tx, lead_list.workspace_id, Check.CHARGES, place)

    async def _check_repeated_charges(self, workspace_id: int) -> None:
        async with self.database.read() as tx:
            self._look(Check.CHARGED_ONCE, await rows.count_charges(tx, workspace_id))
        repeated, after = RepeatedCharges(), "person:"
        while True:
            async with self.database.read() as tx:
                lines = await rows.list_person_lines(tx, workspace_id, after, BATCH_LINES)
            if not lines:
                return
            after = lines[-1].charge_key
            for line in filter(repeated.is_repeated, lines):
                if self.repair:
                    async with self.database.write() as tx:
                        await ledger.lock_balances(tx, workspace_id)
                        await rows.give_back(tx, line.id, REPEATED_NOTE)
                        await _record(tx, workspace_id, Check.CHARGED_ONCE, f"line {line.id}")
                self._tell(Check.CHARGED_ONCE, f"line {line.id} of the ledger", is_repaired=self.repair)

    async def _check_spent(self) -> None:
        """What additions say was spent; what was written to the ledger until here changes it."""
        async with self.database.read() as tx:
            wrong = await rows.list_wrongly_spent(tx)
        self._look(Check.SPENT, self.report.tallies[Check.STATES].looked_at)
        for row_id in wrong:
            async with self.database.read() as tx:
                lead_list = await list_rows.get_list(tx, row_id)
            if self.repair:
                async with self.database.write() as tx:
                    await list_rows.lock_list_row(tx, row_id)
                    await rows.set_spent(tx, row_id)
                    await _record(tx, lead_list.workspace_id, Check.SPENT, f"list {lead_list.id}")
            self._tell(Check.SPENT, f"list {lead_list.id}", is_repaired=self.repair)

    async def _check_loose_holds(self) -> None:
        async with self.database.read() as tx:
            loose = [await list_rows.get_list(tx, row_id) for row_id in await rows.list_loose_holds(tx)]
        for lead_list in loose:
            if self.repair:
                async with self.database.write() as tx:
                    await list_rows.lock_list_row(tx, lead_list.row_id)
                    await ledger.lock_balances(tx, lead_list.workspace_id)
                    await addition_rows.release_list_holds(tx, lead_list.row_id)
                    await _record(tx, lead_list.workspace_id, Check.HOLDS, f"list {lead_list.id}")
            self._tell(Check.HOLDS, f"list {lead_list.id}", is_repaired=self.repair)

    async def _check_balances(self, workspace_id: int) -> None:
        """Last of all: a balance is set to the sum of the ledger, what is held to what additions hold."""
        async with self.database.read() as tx:
            found = await rows.check_balances(tx, workspace_id)
        set_right = await self._set_balances(workspace_id) if self.repair else set()
        for each in found:
            place, is_repaired = f"{each.kind} of workspace {workspace_id}", each.kind in set_right
            self._look(Check.BALANCES)
            self._look(Check.HOLDS)
            if each.balance != each.total:
                self._tell(Check.BALANCES, place, is_repaired=is_repaired)
            if each.held != each.should_hold:
                self._tell(Check.HOLDS, place, is_repaired=is_repaired)

    async def _set_balances(self, workspace_id: int) -> set[str]:
        """The kinds whose balance is right from now on."""
        async with self.database.write() as tx:
            await ledger.lock_balances(tx, workspace_id)
            usable = [each for each in await rows.check_balances(tx, workspace_id) if each.can_be_set]
            for each in usable:
                await rows.set_balance(tx, workspace_id, each)
                if not each.is_right:
                    await _record(tx, workspace_id, Check.BALANCES, each.kind)
        return {each.kind for each in usable}

    async def _check_jobs(self) -> None:
        async with self.database.read() as tx:
            orphans = await self.dispatcher.list_orphans(tx, tx.now - ORPHANED_AFTER)
            lists = [await list_rows.get_list(tx, row_id) for row_id in orphans]
        self._look(Check.JOBS, self.report.tallies[Check.STATES].looked_at)
        for lead_list in lists:
            if self.repair:
                async with self.database.write() as tx:
                    await list_rows.lock_list_row(tx, lead_list.row_id)
                    if lead_list.row_id in await self.dispatcher.list_orphans(tx, tx.now - ORPHANED_AFTER):
                        await unfinished.enqueue_unfinished(tx, lead_list.row_id)
            self._tell(Check.JOBS, f"list {lead_list.id}", is_repaired=self.repair)

    async def _check_strays(self) -> None:
        """Jobs and leads of lists that are not there. Leads are left alone: they are somebody's data."""
        async with self.database.read() as tx:
            jobs = await self.dispatcher.list_strays(tx)
            entries = await rows.list_stray_entries(tx)
        for row_id in jobs:
            if self.repair:
                async with self.database.write() as tx:
                    await tx.queue.drop(tx, row_id)
            self._tell(Check.STRAYS, f"jobs of list number {row_id}", is_repaired=self.repair)
        for row_id in entries:
            self._tell(Check.STRAYS, f"leads of list number {row_id}")


def _has_wrong_state(lead_list: LeadList, counted: rows.Counted) -> bool:
    """Whether a list has ended and there is something left to do."""
    return lead_list.status.is_terminal and counted.progress.queued + counted.progress.processing > 0


def _has_wrong_counters(lead_list: LeadList, counted: rows.Counted) -> bool:
    shown, right = lead_list.progress, counted.progress
    states = [(each.queued, each.processing, each.done, each.failed) for each in (shown, right)]
    return states[0] != states[1] or {shown.total, lead_list.last_sequence} != {counted.should_count}


async def _record(tx: Tx, workspace_id: int, check: Check, place: str) -> None:
    """Writes down what is set right about credits."""
    told = {"check": check.value, "place": place}
    await audit_rows.add_repair(tx, workspace_id, AuditAction.LEDGER_REPAIRED, told)


async def _read_batch(tx: Tx, lead_list: LeadList, after: int) -> list[StoredLead]:
    return await traces.read_entries(tx, lead_list.row_id, after, after + BATCH_ENTRIES)


async def _find_wrong_summaries(
    tx: Tx, lead_list: LeadList, leads: Sequence[StoredLead], after: int
) -> dict[int, Summary | None]:
    """What lists are searched by, where it is not what its lead says; only lists are searched."""
    if lead_list.purpose is not Purpose.LIST:
        return {}
    kept = await summary_rows.read_summaries(tx, lead_list.row_id, after, after + BATCH_ENTRIES)
    return wrong_summaries(leads, kept)


async def _find_unpaid(
    tx: Tx, lead_list: LeadList, additions: Sequence[TermsOfAddition], leads: Sequence[StoredLead]
) -> list[Charge]:
    charges = [
        charge
        for lead in leads
        for charge in due_charges(lead_list, lead, find_terms(additions, lead.sequence).terms)
    ]
    return await rows.find_unpaid(tx, lead_list.workspace_id, charges)
