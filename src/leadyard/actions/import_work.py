"""Checking the rows of an import, and adding them to its list: batch by batch, each in one transaction.

Whatever is done to a batch commits together with the mark how far the import has come. A process that is
killed has done a batch or not; whoever goes on begins behind the mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from leadyard.actions.imports import close_made_list, plan_options
from leadyard.actions.leads import add_to_locked_list, choose_leads
from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller
from leadyard.domain.additions import Fate
from leadyard.domain.errors import Conflict, InsufficientCredits
from leadyard.domain.import_rows import find_candidates, members_of, names_below
from leadyard.domain.imports import (
    IMPORT_LEASE,
    VERDICTS,
    Import,
    ImportReason,
    ImportStatus,
    RowVerdict,
    StagedRow,
)
from leadyard.domain.lead_lists import LeadList, ListStatus, Progress, Purpose
from leadyard.domain.leads import LeadDraft
from leadyard.storage import additions as addition_rows
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage.database import Database, Tx


class TurnOver(Exception):
    """The import is in other hands, or was changed: what was about to be done is not."""


class _Ended(Exception):
    """The import cannot go on, and why."""

    def __init__(self, status: ImportStatus, reason: ImportReason) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Seen(msgspec.Struct):
    """The leads of batches that were checked: their keys with the row of each, and the room that is left.

    No more keys are kept than the list has room for: behind them everything is over its capacity.
    """

    room: int
    keys: dict[str, int] = msgspec.field(default_factory=dict)


class _Prepared(msgspec.Struct, frozen=True):
    """A batch: all its rows, those that can be leads, these as leads, and which were there before."""

    rows: list[StagedRow]
    candidates: list[StagedRow]
    drafts: list[LeadDraft]
    repeated: set[int]

    def give(self, verdict: RowVerdict) -> None:
        """Gives all that can be leads the same verdict, but for those that are there twice."""
        for row in self.candidates:
            is_repeated = verdict is RowVerdict.OVER_CAPACITY and row.number in self.repeated
            row.verdict = RowVerdict.DUPLICATE_IN_FILE if is_repeated else verdict

    def apply(self, left_out: Sequence[Fate]) -> None:
        """Says of each lead that is left out why."""
        for fate in left_out:
            row = self.candidates[fate.place]
            row.verdict = VERDICTS[fate.outcome]
            if row.verdict is RowVerdict.DUPLICATE_IN_LIST and row.number in self.repeated:
                row.verdict = RowVerdict.DUPLICATE_IN_FILE


class ImportWork(msgspec.Struct, frozen=True):
    """One import in the hands of one process, for as long as nobody changes it."""

    database: Database
    rules: Rules
    imported: Import

    async def run(self, stop: asyncio.Event) -> None:
        """Checks, or adds, batch after batch until all is done, the import stops, or `stop` is set."""
        try:
            members = await self._read_members()
            if self.imported.status is ImportStatus.MAPPED:
                await self._check(members, stop)
            else:
                await self._add(members, stop)
        except TurnOver:
            return
        except InsufficientCredits:
            await self._end(ImportStatus.PAUSED, ImportReason.INSUFFICIENT_CREDITS)
        except _Ended as ended:
            await self._end(ended.status, ended.reason)

    async def _read_members(self) -> list[str]:
        async with self.database.read() as tx:
            head = await batch_rows.read_batch(tx, self.imported.row_id, 0)
        names = names_below(head, self.imported.header_row, self.imported.width)
        return members_of(names, self.imported.columns)

    async def _check(self, members: Sequence[str], stop: asyncio.Event) -> None:
        """From the first batch on, whoever has begun it: what it has seen is nowhere else."""
        seen: _Seen | None = None
        for number in range(self.imported.batch_count):
            if stop.is_set():
                return
            batch = await self._prepare(members, number)
            async with self.database.write() as tx:
                await self._take(tx, number)
                lead_list = await self._find_list(tx)
                if seen is None:
                    seen = _Seen(max(0, self.rules.limits.leads_per_list - lead_list.progress.total))
                await _judge(tx, lead_list, batch, seen)
                await batch_rows.write_batch(tx, self.imported.row_id, number, batch.rows)
        async with self.database.write() as tx:
            await self._take(tx, 0)
            await import_rows.set_status(tx, self.imported.row_id, ImportStatus.CHECKED)

    async def _add(self, members: Sequence[str], stop: asyncio.Event) -> None:
        caller = _caller_of(self.imported)
        for number in range(self.imported.next_batch, self.imported.batch_count):
            if stop.is_set():
                return
            batch = await self._prepare(members, number)
            async with self.database.write() as tx:
                await self._add_batch(tx, caller, number, batch)
                await batch_rows.write_batch(tx, self.imported.row_id, number, batch.rows)
        async with self.database.write() as tx:
            if self.imported.made_list:
                await close_made_list(tx, self.rules, caller, self.imported)
            await self._take(tx, self.imported.batch_count)
            await import_rows.set_status(tx, self.imported.row_id, ImportStatus.COMPLETED)

    async def _prepare(self, members: Sequence[str], number: int) -> _Prepared:
        """A batch as it is to be added; off the loop."""
        async with self.database.read() as tx:
            rows = await batch_rows.read_batch(tx, self.imported.row_id, number)
        kind = self.imported.type
        assert kind is not None

        repeated = {row.number for row in rows if row.verdict is RowVerdict.DUPLICATE_IN_FILE}
        header_row = self.imported.header_row
        candidates, drafts = await asyncio.to_thread(find_candidates, kind, members, header_row, rows)
        return _Prepared(rows, candidates, drafts, repeated)

    async def _add_batch(self, tx: Tx, caller: Caller, number: int, batch: _Prepared) -> None:
        lead_list = await self._lock_list(tx)
        await self._take(tx, number + 1)
        is_full = lead_list.progress.total >= self.rules.limits.leads_per_list
        batch.give(RowVerdict.OVER_CAPACITY if is_full else RowVerdict.ADDED)
        if is_full or not batch.drafts:
            return
        if barred := await import_rows.find_barred(tx, self.imported.row_id):
            raise _Ended(ImportStatus.CANCELED, barred)
        rules = replace(self.rules, at_most=await import_rows.find_left_to_spend(tx, self.imported.row_id))
        try:
            added = await add_to_locked_list(tx, rules, caller, lead_list, batch.drafts)
        except Conflict:
            raise _Ended(ImportStatus.PAUSED, ImportReason.COSTS_MORE) from None
        addition = await addition_rows.find_addition(tx, lead_list.row_id, added.addition_id)
        assert addition is not None
        await import_rows.note_spent(tx, self.imported.row_id, addition.held)
        batch.apply(addition.left_out)
        first = addition.first_sequence
        await batch_rows.mark_added(tx, self.imported.row_id, number, first, added.added)

    async def _lock_list(self, tx: Tx) -> LeadList:
        """The list, locked. Raises _Ended for one that takes nothing any more.

        One that the import has made may be private, and somebody else's.
        """
        imported = self.imported
        assert imported.list_id is not None
        lead_list = await list_rows.find_list_for_adding(tx, imported.workspace_id, imported.list_id)
        assert lead_list is not None
        is_known = imported.made_list or lead_list.is_visible_to(_caller_of(imported))
        if lead_list.is_deleted or not is_known:
            raise _Ended(ImportStatus.FAILED, ImportReason.LIST_DELETED)
        if lead_list.status is ListStatus.CANCELED:
            raise _Ended(ImportStatus.FAILED, ImportReason.LIST_CANCELED)
        return lead_list

    async def _find_list(self, tx: Tx) -> LeadList:
        """The list that rows are checked against; one that is still to be made is empty."""
        if self.imported.list_row_id is None:
            return planned_list(self.imported)
        lead_list = await list_rows.get_list(tx, self.imported.list_row_id)
        # What is in a list is not told to those who do not see it any more.
        if lead_list.is_deleted or not lead_list.is_visible_to(_caller_of(self.imported)):
            raise _Ended(ImportStatus.UPLOADED, ImportReason.LIST_DELETED)
        return lead_list

    async def _take(self, tx: Tx, next_batch: int) -> None:
        """Moves the mark, and locks the import until the commit. Raises TurnOver."""
        if not await import_rows.advance(tx, self.imported, next_batch, IMPORT_LEASE):
            raise TurnOver

    async def _end(self, status: ImportStatus, reason: ImportReason) -> None:
        async with self.database.write() as tx:
            if status is ImportStatus.CANCELED and self.imported.made_list:
                await close_made_list(tx, self.rules, _caller_of(self.imported), self.imported)
            imported = await import_rows.lock_import(tx, self.imported.row_id)
            if (imported.turn, imported.status) == (self.imported.turn, self.imported.status):
                await import_rows.set_status(tx, imported.row_id, status, reason)


def planned_list(imported: Import) -> LeadList:
    """The list that an import will make, as far as leads can be checked against it."""
    assert imported.type is not None
    plan = imported.new_list
    return LeadList(
        row_id=0,
        id="",
        workspace_id=imported.workspace_id,
        name=plan.name,
        type=imported.type,
        status=ListStatus.QUEUED,
        shared=plan.shared,
        visible=True,
        owner_id=imported.user_id,
        owner_email=plan.owner,
        options=plan_options(plan),
        progress=Progress(0, 0, 0, 0, 0),
        last_sequence=0,
        created_at=imported.created_at,
        updated_at=imported.updated_at,
        is_deleted=False,
        purpose=Purpose.LIST,
    )


async def _judge(tx: Tx, lead_list: LeadList, batch: _Prepared, seen: _Seen) -> None:
    """What adding these leads would come to, after those that were seen."""
    selection = await choose_leads(tx, lead_list, batch.drafts, seen.room, seen.keys)
    batch.repeated.clear()
    batch.repeated.update(
        row.number
        for row, draft in zip(batch.candidates, batch.drafts, strict=True)
        if draft.key in seen.keys
    )
    batch.apply(selection.left_out)
    seen.room -= len(selection.accepted)
    for draft in selection.accepted:
        seen.keys[draft.key] = batch.candidates[draft.place].number


def _caller_of(imported: Import) -> Caller:
    """Who began the import."""
    return Caller(
        account_id=imported.account_id,
        workspace_id=imported.workspace_id,
        mode=imported.mode,
        key_id=imported.key_id or 0,
        user_id=imported.user_id,
        role=imported.role,
    )


async def work_on_import(database: Database, rules: Rules, imported: Import, stop: asyncio.Event) -> None:
    """Checks or adds what is left of an import that is in our hands, until `stop` is set."""
    await ImportWork(database, rules, imported).run(stop)
