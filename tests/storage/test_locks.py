"""Who changes a list or a balance has it for itself until the commit, and nobody else waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.credits import Cost
from leadyard.domain.lead_lists import LeadList
from leadyard.storage import credits as ledger
from leadyard.storage import lead_lists as list_rows
from leadyard.storage.claiming import lock_for_results, lock_for_work
from leadyard.storage.database import Tx

Lock = Callable[[Workbench, Tx, LeadList], Awaitable[None]]


async def _lock_list(_bench: Workbench, tx: Tx, made: LeadList) -> None:
    await list_rows.lock_list(tx, made.row_id)


async def _lock_row(_bench: Workbench, tx: Tx, made: LeadList) -> None:
    await list_rows.lock_list_row(tx, made.row_id)


async def _lock_for_adding(bench: Workbench, tx: Tx, made: LeadList) -> None:
    await list_rows.find_list_for_adding(tx, bench.caller.workspace_id, made.id)


async def _lock_for_results(_bench: Workbench, tx: Tx, made: LeadList) -> None:
    await lock_for_results(tx, made)


async def _lock_for_work(bench: Workbench, tx: Tx, made: LeadList) -> None:
    (chunk,) = await bench.chunks(made)
    await lock_for_work(tx, chunk)


async def _hold_credits(bench: Workbench, tx: Tx, _made: LeadList) -> None:
    await ledger.hold_credits(tx, bench.caller.workspace_id, Cost(1, 1))


async def _lock_balances(bench: Workbench, tx: Tx, _made: LeadList) -> None:
    await ledger.lock_balances(tx, bench.caller.workspace_id)


async def is_kept_waiting(bench: Workbench, made: LeadList, first: Lock, second: Lock) -> bool:
    """Whether who takes the second lock must wait until the first one's transaction has ended."""

    async def take() -> None:
        async with bench.database.write() as tx:
            await second(bench, tx, made)

    async with bench.database.write() as tx:
        await first(bench, tx, made)
        taking = asyncio.create_task(take())
        await asyncio.wait([taking], timeout=0.1)
        waited = not taking.done()
    await taking
    return waited


@pytest.mark.parametrize("second", [_lock_list, _lock_row, _lock_for_adding])
@pytest.mark.parametrize("first", [_lock_list, _lock_row, _lock_for_adding])
async def test_list_is_changed_by_one_at_a_time(bench: Workbench, first: Lock, second: Lock) -> None:
    made = await bench.create()
    assert await is_kept_waiting(bench, made, first, second)


LEADS_LOCKS = [_lock_list, _lock_row, _lock_for_work, _lock_for_results]


@pytest.mark.parametrize("second", LEADS_LOCKS)
@pytest.mark.parametrize("first", LEADS_LOCKS)
async def test_leads_of_a_list_are_changed_by_one_at_a_time(
    bench: Workbench, first: Lock, second: Lock
) -> None:
    made = await bench.create()
    assert await is_kept_waiting(bench, made, first, second)


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("work", [_lock_for_work, _lock_for_results])
async def test_leads_can_be_added_while_those_that_are_there_are_worked_on(
    bench: Workbench, work: Lock
) -> None:
    made = await bench.create()
    assert not await is_kept_waiting(bench, made, work, _lock_for_adding)
    assert not await is_kept_waiting(bench, made, _lock_for_adding, work)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_lock_balances, _lock_balances),
        (_lock_balances, _hold_credits),
        (_hold_credits, _lock_balances),
    ],
)
async def test_balances_are_moved_by_one_at_a_time(bench: Workbench, first: Lock, second: Lock) -> None:
    made = await bench.create()
    assert await is_kept_waiting(bench, made, first, second)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_other_lists_and_readers_do_not_wait(bench: Workbench) -> None:
    locked, free = await bench.create(), await bench.create()
    async with bench.database.write() as tx:
        await list_rows.lock_list(tx, locked.row_id)
        async with asyncio.timeout(5):
            assert (await bench.add(free, linkedin_leads("a"))).added == 1
            assert (await bench.read(locked)).progress.total == 0
