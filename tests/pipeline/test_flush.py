"""What happens to results that cannot be written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.outage import make_impatient, nothing_can_be_written
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions.erasures import erase_person
from leadyard.domain.entries import EntryStatus, Step
from leadyard.domain.erasure import Traces
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus

ENRICH = ListOptions(enrich=True)
ENTRIES = "SELECT 1 FROM lead_list_entries WHERE list_id = :list_id FOR UPDATE"
LIST_ITSELF = "SELECT 1 FROM lead_lists WHERE id = :list_id FOR NO KEY UPDATE"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
SLUGS = [f"lead-{number}" for number in range(60)]


async def test_flush_that_fails_ends_the_chunk_and_asks_nobody_in_vain(bench: Workbench) -> None:
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in SLUGS}
    bench.service.batch_size, bench.service.concurrency = 1, 1
    await make_impatient(bench)
    made = await bench.create(linkedin_leads(*SLUGS), ENRICH)
    (chunk,) = await bench.chunks(made)
    before = asyncio.all_tasks()
    with ExitStack() as outage:

        async def answer_slowly(_step: Step, _key: str) -> None:
            if bench.service.calls == 1:
                outage.enter_context(nothing_can_be_written(bench))
            await asyncio.sleep(0.03)

        bench.service.before_answer = answer_slowly
        with pytest.raises(DatabaseAway):
            await bench.run(chunk)
        asked = bench.service.calls
        await asyncio.sleep(0.1)
        assert bench.service.calls == asked < len(SLUGS)
        assert asyncio.all_tasks() == before
    assert {entry.status for entry in await bench.entries(made)} == {EntryStatus.PROCESSING}

    bench.service.before_answer = lambda _step, _key: asyncio.sleep(0)
    await bench.finish(made)
    after = await bench.read(made)
    assert (after.status, after.progress.done, after.progress.processing) == (ListStatus.COMPLETED, 60, 0)
    assert len(await bench.charges()) == 60


async def test_results_are_written_while_others_are_still_under_way(bench: Workbench) -> None:
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in SLUGS}
    bench.service.batch_size = 1
    seen = asyncio.Event()

    async def hold_the_last(_step: Step, key: str) -> None:
        if key == SLUGS[-1]:
            await seen.wait()

    bench.service.before_answer = hold_the_last
    made = await bench.create(linkedin_leads(*SLUGS), ENRICH)
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    async with asyncio.timeout(10):
        while (await bench.read(made)).progress.done < 59:
            await asyncio.sleep(0.02)
    assert (await bench.read(made)).progress.processing == 1
    seen.set()
    await running
    assert (await bench.read(made)).status is ListStatus.COMPLETED


@asynccontextmanager
async def flush_that_waits(bench: Workbench, made: LeadList, lock: str) -> AsyncIterator[asyncio.Task[Any]]:
    """A list's chunk, whose results wait for what another transaction has locked, until the block ends."""
    (chunk,) = await bench.chunks(made)
    async with asyncio.timeout(20):
        async with bench.database.write() as other:

            async def lock_once_asked(_step: Step, key: str) -> None:
                if key == "slow":
                    await other.conn.execute(text(lock), {"list_id": made.row_id})

            bench.service.before_answer = lock_once_asked
            running = asyncio.create_task(bench.run(chunk))
            while not await bench.query(WAITING):
                await asyncio.sleep(0.02)
            yield running
        await running


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("lock", [ENTRIES, LIST_ITSELF])
async def test_flush_that_waits_keeps_no_other_list_waiting(bench: Workbench, lock: str) -> None:
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in ("slow", "quick")}
    slow, quick = [await bench.create(linkedin_leads(slug), ENRICH) for slug in ("slow", "quick")]
    (chunk,) = await bench.chunks(quick)
    async with flush_that_waits(bench, slow, lock) as running:
        await bench.run(chunk)
        assert (await bench.read(quick)).status is ListStatus.COMPLETED
        assert not running.done()
    assert (await bench.read(slow)).status is ListStatus.COMPLETED


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_leads_are_added_while_entries_are_written(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("slow"), ENRICH)
    async with flush_that_waits(bench, made, ENTRIES) as running:
        assert (await bench.add(made, linkedin_leads("new"))).added == 1
        assert not running.done()
    progress = (await bench.read(made)).progress
    assert (progress.total, progress.done, progress.queued) == (2, 1, 1)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_erasure_waits_for_results_that_are_being_written(bench: Workbench) -> None:
    """The flush has looked already who was erased."""
    bench.service.knows = {"slow": Known("somebody", "ann@acme.example")}
    made = await bench.create(linkedin_leads("slow"), ENRICH)
    asked = Traces(emails=frozenset(("ann@acme.example",)))
    async with flush_that_waits(bench, made, ENTRIES):
        erasing = asyncio.create_task(erase_person(bench.database, bench.caller, asked))
        await asyncio.wait([erasing], timeout=0.2)
        assert not erasing.done()
    assert (await erasing).entries == 1
    (entry,) = await bench.entries(made)
    assert (entry.raw, entry.findings.person) == ("{}", None)
