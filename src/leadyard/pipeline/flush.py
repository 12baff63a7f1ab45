"""Writing results down: a few at a time, each time in one transaction with what they cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType

from leadyard.domain.additions import settle_each
from leadyard.domain.credits import NOTHING, Cost, CreditKind, fallen_below, total_cost
from leadyard.domain.entries import EntryStatus, ProcessedEntry
from leadyard.domain.events import EventType, credits_low, leads_enriched
from leadyard.domain.lead_lists import LeadList, ListStatus
from leadyard.pipeline.suppression import withhold_suppressed
from leadyard.pipeline.telemetry import note_flush
from leadyard.storage import additions as addition_rows
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage.additions import ChunkTerms
from leadyard.storage.claiming import lock_for_results
from leadyard.storage.credits import Asker
from leadyard.storage.database import Database, Tx
from leadyard.storage.outbox import publish

FLUSH_SIZE = 250
FLUSH_SECONDS = 0.2
LAST_FLUSH_SECONDS = 60.0


async def write_results(
    tx: Tx,
    lead_list: LeadList,
    terms: ChunkTerms,
    processed: Sequence[ProcessedEntry],
    low_credits: int = 0,
) -> int:
    """Entries, ledger, hold, balances, counters and events, one set-based statement each.

    What counts is which entries were still ours to write: an entry that was canceled, or finished by
    another worker, is neither counted nor charged. Who adds leads waits for the list, which is locked after
    the entries are written, and before the balances, here as everywhere, so that nobody deadlocks.
    `low_credits` is the balance, in milli-credits, below which the account is told. Returns how many of the
    entries have ended by it.
    """
    barriers = await lock_for_results(tx, lead_list)
    processed = await withhold_suppressed(tx, lead_list.workspace_id, processed, barriers)
    ours = await lead_rows.write_processed(tx, lead_list, processed)
    written = [entry for entry in processed if entry.sequence in ours]
    # After the entries, which take longest: all flushes of a workspace wait for each other from here on.
    await list_rows.lock_list_row(tx, lead_list.row_id)
    await ledger.lock_balances(tx, lead_list.workspace_id)
    charges = [charge for entry in written for charge in entry.charges]
    asker = Asker(lead_list.workspace_id, terms.key_id, terms.user_id, lead_list.row_id)
    lines = await ledger.charge(tx, asker, charges)
    most = {entry.sequence: entry.released for entry in written}
    settlements = settle_each(terms.additions, most, lines)
    released = await addition_rows.settle_holds(tx, settlements)
    spent = total_cost(each.spent for each in settlements.values())
    balances = await ledger.move_credits(tx, lead_list.workspace_id, spent=spent, released=released)
    statuses = [entry.status for entry in written]
    done, failed, requeued = (
        statuses.count(status) for status in (EntryStatus.DONE, EntryStatus.FAILED, EntryStatus.QUEUED)
    )
    lead_list = await list_rows.count_flushed(
        tx, lead_list.row_id, done=done, failed=failed, requeued=requeued
    )
    tx.after_commit.append(partial(note_flush, done, failed, requeued, spent.email, spent.phone))
    if lead_list.status is ListStatus.COMPLETED:
        rest = await addition_rows.release_list_holds(tx, lead_list.row_id)
        await ledger.move_credits(tx, lead_list.workspace_id, spent=NOTHING, released=rest)
    if lead_list.wanted_events:
        await _tell(tx, lead_list, written)
        await _tell_low_credits(tx, lead_list, low_credits, balances, spent)
    return done + failed


async def _tell(tx: Tx, lead_list: LeadList, written: Sequence[ProcessedEntry]) -> None:
    if lead_list.wants(EventType.LEAD_ENRICHED) and (event := leads_enriched(lead_list, written)):
        await publish(tx, lead_list.workspace_id, event)


async def _tell_low_credits(
    tx: Tx, lead_list: LeadList, threshold: int, balances: Mapping[CreditKind, int], spent: Cost
) -> None:
    """The balances are locked, so each fall below the threshold is seen by one transaction."""
    if EventType.CREDITS_LOW in lead_list.wanted_events:
        for kind in fallen_below(threshold, balances, spent):
            await publish(tx, lead_list.workspace_id, credits_low(kind, balances[kind], threshold))


class FlushBuffer:
    """Collects results and writes them as soon as there are 250, or the oldest has waited 200 ms.

    A context manager: leaving the block writes what is left, for at most a minute. An error of a flush is
    raised by the next `add`, so that no more is asked of providers in vain, and at the end of the block; the
    results are then lost here and found again when the chunk runs again. `ended` counts the entries of the
    chunk that have come to their end by what was written.
    """

    def __init__(
        self,
        database: Database,
        lead_list: LeadList,
        terms: ChunkTerms,
        low_credits: int = 0,
    ) -> None:
        self._database = database
        self._lead_list = lead_list
        self._terms = terms
        self._low_credits = low_credits
        self.ended = 0
        self._results: asyncio.Queue[ProcessedEntry | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> FlushBuffer:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._results.put_nowait(None)
        assert self._task is not None
        async with asyncio.timeout(LAST_FLUSH_SECONDS):
            await self._task

    def add(self, entry: ProcessedEntry) -> None:
        """Hands over one result. Raises what the last flush raised."""
        if self._task is not None and self._task.done():
            self._task.result()
        self._results.put_nowait(entry)

    async def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = await self._collect()
            if batch:
                async with self._database.write() as tx:
                    ended = await write_results(tx, self._lead_list, self._terms, batch, self._low_credits)
                self.ended += ended

    async def _collect(self) -> tuple[list[ProcessedEntry], bool]:
        """The next results to write, and whether more may come."""
        first = await self._results.get()
        if first is None:
            return [], False
        batch = [first]
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                while len(batch) < FLUSH_SIZE:
                    entry = await self._results.get()
                    if entry is None:
                        return batch, False
                    batch.append(entry)
        except TimeoutError:
            pass
        return batch, True
