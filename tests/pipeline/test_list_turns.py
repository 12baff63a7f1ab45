"""Small chunks of one list take turns within a process."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.lead_lists import SMALL_CHUNK, Chunk
from leadyard.storage import lead_lists as list_rows

WAITING = (
    "SELECT count(*) AS waiting FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def count_waiting(bench: Workbench) -> int:
    (row,) = await bench.query(WAITING)
    return int(row.waiting)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_one_small_chunk_of_a_list_waits_for_it_in_the_database(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(*(f"p{number}" for number in range(5))))
    (whole,) = await bench.chunks(made)
    chunks = [Chunk(made.row_id, whole.addition_id, at, at) for at in range(1, 6)]
    async with bench.database.write() as tx:
        await list_rows.lock_list_row(tx, made.row_id)
        running = [asyncio.create_task(bench.run(chunk)) for chunk in chunks]
        while not await count_waiting(bench):
            await asyncio.sleep(0.01)
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert await count_waiting(bench) == 1
    await asyncio.gather(*running)
    assert (await bench.read(made)).progress.done == 5


async def test_lists_do_not_wait_for_each_other(bench: Workbench) -> None:
    lists = [await bench.create(linkedin_leads("ann")) for _ in range(2)]
    first, second = [chunk for made in lists for chunk in await bench.chunks(made)]
    async with bench.pipeline.turns.of(first):
        await bench.run(second)
    await bench.run(first)
    assert [(await bench.read(made)).progress.done for made in lists] == [1, 1]


async def test_large_chunk_takes_no_turn(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"))
    await bench.add(made, linkedin_leads(*(f"p{number}" for number in range(SMALL_CHUNK + 1))))
    small, large = await bench.chunks(made)
    async with bench.pipeline.turns.of(small):
        await bench.run(large)
    await bench.run(small)
    assert (await bench.read(made)).progress.done == SMALL_CHUNK + 2
