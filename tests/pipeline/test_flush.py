"""What happens to results that cannot be written down."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from tests.support.outage import make_impatient, nothing_can_be_written
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.entries import EntryStatus, Step
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import ListOptions, ListStatus

ENRICH = ListOptions(enrich=True)
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


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_flush_that_waits_for_its_entries_keeps_no_other_list_waiting(bench: Workbench) -> None:
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in ("slow", "quick")}
    slow, quick = [await bench.create(linkedin_leads(slug), ENRICH) for slug in ("slow", "quick")]
    (first,), (second,) = [await bench.chunks(made) for made in (slow, quick)]
    lock = text("SELECT 1 FROM lead_list_entries WHERE list_id = :list_id FOR UPDATE")
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        async with bench.database.write() as other:

            async def lock_slow(_step: Step, key: str) -> None:
                if key == "slow":
                    await other.conn.execute(lock, {"list_id": slow.row_id})

            bench.service.before_answer = lock_slow
            running = asyncio.create_task(bench.run(first))
            while not await bench.query(waiting):
                await asyncio.sleep(0.02)
            await bench.run(second)
            assert (await bench.read(quick)).status is ListStatus.COMPLETED
            assert not running.done()
        await running
    assert (await bench.read(slow)).status is ListStatus.COMPLETED
