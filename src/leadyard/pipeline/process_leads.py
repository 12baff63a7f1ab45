"""The whole journey of a chunk of leads: claim → enrich → validate → reveal → write down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from leadyard.domain.entries import (
    ALL_SKIPPED,
    EntryStatus,
    Outcome,
    ProcessedEntry,
    Terms,
    WorkItem,
    charges_of,
)
from leadyard.domain.lead_lists import CHUNK_SIZE, NO_STEPS, Chunk, LeadList, ListOptions
from leadyard.domain.pausing import pause_for
from leadyard.domain.reopening import entry_options, held_cost
from leadyard.domain.waterfall import Blocked
from leadyard.pipeline.enrich import enrich
from leadyard.pipeline.flush import FlushBuffer, write_results
from leadyard.pipeline.giving_way import give_way
from leadyard.pipeline.journey import Journey, retry_delay
from leadyard.pipeline.provider_desk import ListProviders, ProviderDesk
from leadyard.pipeline.reveal import reveal
from leadyard.pipeline.suppression import Sieve
from leadyard.pipeline.telemetry import following
from leadyard.pipeline.validate import validate
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage import pauses
from leadyard.storage.additions import ChunkTerms
from leadyard.storage.claiming import lock_for_work
from leadyard.storage.database import Database, Tx, utc_now

STOP_GRACE_SECONDS = 5.0
TURN_SECONDS = 2.0
"""Long enough to be worth a claim, and as long as somebody with few leads may have to wait."""


class Pipeline(msgspec.Struct, frozen=True):
    """What a chunk is processed with. `turn_seconds` is for how long it asks others at a stretch.

    `low_credits` is the balance, in milli-credits, below which an account is told.
    """

    database: Database
    desk: ProviderDesk
    clock: Callable[[], datetime] = utc_now
    sieve: Sieve = msgspec.field(default_factory=Sieve)
    turn_seconds: float = TURN_SECONDS
    low_credits: int = 0


class _Claim(msgspec.Struct, frozen=True):
    lead_list: LeadList
    terms: ChunkTerms
    providers: ListProviders
    items: list[WorkItem]
    blocked: list[Blocked] = msgspec.field(default_factory=list)
    out_of_turn: list[Journey] = msgspec.field(default_factory=list)


async def process_leads(pipeline: Pipeline, chunk: Chunk, stop: asyncio.Event) -> datetime | None:
    """Takes the chunk's unfinished leads through the steps that their list asks for.

    Run twice, it does nothing twice: finished entries are not taken again, and each charge has a key.
    Returns when the chunk should run again for leads that wait, or None when it is finished. Once `stop`
    is set, begun leads get five seconds and the others are handed back. A chunk whose turn is over is
    finished too: what is left of it lines up anew, behind the other chunks of its list.
    """
    claim = await _claim(pipeline, chunk)
    if claim is None:
        return None
    with following(claim.terms.requests, chunk):
        return await _process(pipeline, claim, chunk, stop)


async def _process(pipeline: Pipeline, claim: _Claim, chunk: Chunk, stop: asyncio.Event) -> datetime | None:
    flushing = FlushBuffer(pipeline.database, claim.lead_list, claim.terms, pipeline.low_credits)
    async with flushing as buffer:
        await _run_until_stopped(_journeys(pipeline, claim, buffer, stop), stop)
    if claim.blocked:
        await _pause(pipeline, chunk, claim.blocked)
    if claim.out_of_turn and not stop.is_set():
        await _line_up(pipeline, chunk)
        return None
    if buffer.ended == chunk.size:
        return None
    return await _leave(pipeline, chunk)


async def give_up(pipeline: Pipeline, chunk: Chunk) -> None:
    """Marks what is unfinished in a chunk as failed and releases its hold, so that its list can end."""
    async with pipeline.database.write() as tx:
        lead_list, terms = await lock_for_work(tx, chunk)
        items, claimed = await lead_rows.claim_entries(tx, lead_list, chunk, even_waiting=True)
        await list_rows.count_claimed(tx, chunk.list_id, claimed)
        failed = [_result(item, EntryStatus.FAILED, terms.terms) for item in items]
        if failed:
            await write_results(tx, lead_list, terms, failed)


async def _claim(pipeline: Pipeline, chunk: Chunk) -> _Claim | None:
    """The chunk's leads that can be worked on; None if it has none, or no step is asked for: that ends it."""
    async with pipeline.database.write() as tx:
        lead_list, terms = await lock_for_work(tx, chunk)
        if lead_list.pause is not None:
            return None
        if not chunk.size:
            await list_rows.count_claimed(tx, chunk.list_id, 0)
            return None
        if terms.terms.options == NO_STEPS and not await lead_rows.has_findings(tx, chunk):
            await _finish_untouched(tx, lead_list, chunk)
            return None
        items, claimed = await lead_rows.claim_entries(tx, lead_list, chunk)
        providers = await pipeline.desk.open(tx, lead_list.workspace_id, lead_list.row_id)
        await list_rows.count_claimed(tx, chunk.list_id, claimed)
    now = time.monotonic()
    waterfall = replace(providers.waterfall, turn_ends_at=now + pipeline.turn_seconds)
    emails = replace(providers.emails, turn_ends_at=now + pipeline.turn_seconds)
    return _Claim(lead_list, terms, replace(providers, waterfall=waterfall, emails=emails), items)


async def _pause(pipeline: Pipeline, chunk: Chunk, blocked: Sequence[Blocked]) -> None:
    """Stops a list at a spending limit, or whose provider takes no calls, until it can go on."""
    async with pipeline.database.write() as tx:
        lead_list = await list_rows.lock_list(tx, chunk.list_id)
        if lead_list.pause is None and not lead_list.status.is_terminal:
            await pauses.pause_list(tx, chunk.list_id, pause_for(blocked, tx.now))


async def _finish_untouched(tx: Tx, lead_list: LeadList, chunk: Chunk) -> None:
    started = await lead_rows.start_entries(tx, chunk)
    done = await lead_rows.finish_entries(tx, lead_list, chunk, ALL_SKIPPED)
    await list_rows.count_claimed(tx, chunk.list_id, started)
    await list_rows.count_flushed(tx, chunk.list_id, done=done, failed=0, requeued=0)


def _journeys(
    pipeline: Pipeline, claim: _Claim, buffer: FlushBuffer, stop: asyncio.Event
) -> Iterator[Coroutine[Any, Any, None]]:
    """One for each batch that the first provider takes at once."""
    size = claim.providers.waterfall.batch_size
    for start in range(0, len(claim.items), size):
        batch = [Journey(item, item.findings) for item in claim.items[start : start + size]]
        yield _travel(pipeline, claim, batch, buffer, stop)


async def _travel(
    pipeline: Pipeline,
    claim: _Claim,
    journeys: Sequence[Journey],
    buffer: FlushBuffer,
    stop: asyncio.Event,
) -> None:
    """A batch of leads, from the first step to the flush."""
    if stop.is_set():
        return
    options, providers = claim.terms.terms.options, claim.providers

    async def stop_suppressed() -> None:
        await pipeline.sieve.stop_suppressed(pipeline.database, claim.lead_list.workspace_id, journeys)

    if enriched := _going(journeys, options, "enrich"):
        await stop_suppressed()
        await enrich(enriched, providers.waterfall, with_emails=options.reveal_email)
    if validated := _going(journeys, options, "validate_email"):
        await stop_suppressed()
        await validate(validated, providers.emails)
    if revealed := _going(journeys, options, "reveal_phone_numbers"):
        await stop_suppressed()
        await reveal(revealed, providers.waterfall)
    for journey in journeys:
        if journey.blocked is not None:
            claim.blocked.append(journey.blocked)
        if journey.is_turn_over:
            claim.out_of_turn.append(journey)
            if journey.findings == journey.item.findings:
                continue
        buffer.add(_waiting(journey, pipeline.clock()) if journey.must_wait else _finished(journey, claim))


def _going(journeys: Sequence[Journey], options: ListOptions, step: str) -> list[Journey]:
    """The journeys that take a step: all, or those for which it was asked later."""
    if getattr(options, step):
        return list(journeys)
    return [each for each in journeys if getattr(entry_options(options, each.item.findings), step)]


def _waiting(journey: Journey, now: datetime) -> ProcessedEntry:
    attempts = journey.item.attempts + (journey.deferred_for is None)
    wait = journey.deferred_for or retry_delay(attempts)
    return ProcessedEntry(
        sequence=journey.item.sequence,
        status=EntryStatus.QUEUED,
        findings=journey.findings,
        attempts=attempts,
        not_before=None if journey.is_turn_over else now + wait,
    )


def _finished(journey: Journey, claim: _Claim) -> ProcessedEntry:
    skipped = {
        step: Outcome.SKIPPED
        for step in ("enrich", "validate", "reveal")
        if getattr(journey.findings, step) is None
    }
    journey.note(**skipped)
    return _result(journey.item, EntryStatus.DONE, claim.terms.terms, journey)


def _result(
    item: WorkItem, status: EntryStatus, terms: Terms, journey: Journey | None = None
) -> ProcessedEntry:
    findings = item.findings if journey is None else journey.findings
    charges = () if journey is None else tuple(charges_of(item, findings, terms))
    if findings.overheard:
        findings = msgspec.structs.replace(findings, overheard={})
    return ProcessedEntry(
        sequence=item.sequence,
        status=status,
        findings=findings,
        attempts=item.attempts + 1,
        not_before=None,
        charges=charges,
        released=held_cost(item.findings, terms, has_email=item.email is not None),
    )


async def _run_until_stopped(journeys: Iterable[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Runs all at once; once `stop` is set, for five seconds more. Raises what the first to fail raised.

    However it ends, nothing of it runs on but calls that have to be paid for, which are seen through.
    """
    running = asyncio.create_task(_run_all(journeys))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([running], timeout=STOP_GRACE_SECONDS)
        if running.done():
            running.result()
    finally:
        running.cancel()
        stopping.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)


async def _run_all(journeys: Iterable[Coroutine[Any, Any, None]]) -> None:
    tasks: list[asyncio.Task[None]] = []
    try:
        for number, journey in enumerate(journeys):
            tasks.append(asyncio.create_task(journey))
            await give_way(number)
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _line_up(pipeline: Pipeline, chunk: Chunk) -> None:
    """Hands back what the turn was too short for, and puts the chunk behind the others of its list."""
    async with pipeline.database.write() as tx:
        lead_list = await list_rows.lock_list(tx, chunk.list_id)
        handed_back = await lead_rows.hand_back_entries(tx, chunk)
        await list_rows.count_handed_back(tx, chunk.list_id, handed_back)
        if lead_list.pause is None and not lead_list.status.is_terminal:
            queued = lead_list.progress.queued + handed_back
            await tx.queue.enqueue(tx, [chunk], pending=queued // CHUNK_SIZE)


async def _leave(pipeline: Pipeline, chunk: Chunk) -> datetime | None:
    """Hands back what was claimed but not finished; tells when the chunk should run again."""
    async with pipeline.database.read() as tx:
        processing, next_run = await lead_rows.find_unfinished(tx, chunk)
    if not processing:
        return next_run
    async with pipeline.database.write() as tx:
        await list_rows.lock_list_row(tx, chunk.list_id)
        handed_back = await lead_rows.hand_back_entries(tx, chunk)
        await list_rows.count_handed_back(tx, chunk.list_id, handed_back)
        return tx.now
