"""Leads that come a few at a time share jobs, and each addition is settled by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, drafts_of, linkedin_leads

from leadyard.actions import lead_lists as list_actions
from leadyard.actions.lead_lists import ListChanges
from leadyard.actions.leads import add_leads
from leadyard.domain.accounts import Caller
from leadyard.domain.credits import CreditKind
from leadyard.domain.entries import Step
from leadyard.domain.errors import InsufficientCredits
from leadyard.domain.lead_lists import CHUNK_SIZE, JOINING_TIME, SMALL_CHUNK, LeadList, ListOptions
from leadyard.storage.dialects import postgresql, sqlite
from leadyard.storage.unfinished import enqueue_unfinished

ENRICH = ListOptions(enrich=True)
MOST = 1_500
"""Milli-credits that a lead can cost at most: a person and an e-mail."""
SLUGS = [f"lead-{number}" for number in range(1_000)]

Happening = Callable[[Workbench, LeadList], Awaitable[None]]


async def ranges(bench: Workbench, lead_list: LeadList) -> list[tuple[int, int]]:
    """The first and the last sequence of each chunk that waits."""
    chunks = await bench.chunks(lead_list)
    return sorted((chunk.first_sequence, chunk.last_sequence) for chunk in chunks)


async def settled(bench: Workbench, lead_list: LeadList) -> list[tuple[int, int]]:
    """What is held for each addition of a list, and what it spent, in milli-credits of e-mail."""
    rows = await bench.query(
        "SELECT email_held, email_spent FROM additions WHERE list_id = :id ORDER BY id", id=lead_list.row_id
    )
    return [(row.email_held, row.email_spent) for row in rows]


async def test_leads_that_come_one_by_one_join_the_job_that_waits(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(*SLUGS[:2]), ENRICH)
    for slug in SLUGS[2:5]:
        await bench.add(made, linkedin_leads(slug))
    assert await ranges(bench, made) == [(1, 5)]
    assert await bench.finish(made) == 1
    assert (await bench.read(made)).progress.done == 5


async def test_each_addition_spends_what_was_found_for_its_own_leads(bench: Workbench) -> None:
    found = ("lead-0", "lead-1", "lead-3", "lead-4", "lead-6")
    bench.service.knows = {slug: Known(f"person of {slug}") for slug in found}
    made = await bench.create([], ENRICH)
    for first, last in ((0, 1), (1, 3), (3, 6), (6, 7), (7, 8)):
        await bench.add(made, linkedin_leads(*SLUGS[first:last]))
    assert await settled(bench, made) == [(count * MOST, 0) for count in (0, 1, 2, 3, 1, 1)]
    assert await ranges(bench, made) == [(1, 0), (1, 8)]
    await bench.finish(made)
    assert await settled(bench, made) == [(0, 0), (0, 500), (0, 500), (0, 1_000), (0, 500), (0, 0)]
    assert [amount for _, amount in await bench.charges()] == [500] * 5
    balance = (await bench.balances())[CreditKind.EMAIL]
    assert balance.held == 0


async def test_each_addition_gets_back_what_was_held_for_its_own_leads(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await bench.add(made, linkedin_leads(*SLUGS[1:3]))
    await bench.add(made, linkedin_leads(SLUGS[3]))
    await add_many(bench, made)
    first, _ = await bench.chunks(made)
    await bench.run(first)
    assert await settled(bench, made) == [(0, 0), (0, 0), (0, 0), (MOST * (SMALL_CHUNK + 1), 0)]
    await bench.finish(made)


async def test_results_that_come_after_the_list_was_canceled_settle_nothing(bench: Workbench) -> None:
    asked, canceled = asyncio.Event(), asyncio.Event()

    async def hold(_step: Step, _key: str) -> None:
        asked.set()
        await canceled.wait()

    bench.service.before_answer = hold
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    await asked.wait()
    await bench.cancel(made)
    canceled.set()
    assert await running is None
    assert await settled(bench, made) == [(0, 0), (0, 0)]


async def test_lead_known_from_another_addition_is_paid_once(bench: Workbench) -> None:
    bench.service.knows = {slug: Known("the same person") for slug in SLUGS[:3]}
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    await bench.add(made, linkedin_leads(SLUGS[2]))
    await bench.finish(made)
    assert sorted(spent for _, spent in await settled(bench, made)) == [0, 0, 500]
    assert [held for held, _ in await settled(bench, made)] == [0, 0, 0]


async def test_addition_that_holds_too_little_lets_its_leads_end(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    await bench.write("UPDATE additions SET email_held = 200 WHERE first_sequence = 2")
    before = (await bench.balances())[CreditKind.EMAIL].held
    await bench.finish(made)
    assert await settled(bench, made) == [(0, 0), (0, 0)]
    assert before - (await bench.balances())[CreditKind.EMAIL].held == MOST + 200
    assert (await bench.read(made)).progress.done == 2


async def begin(bench: Workbench, lead_list: LeadList) -> None:
    """As if workers had taken all jobs."""
    taken = (
        "chunks SET claimed_at = 1" if bench.database.is_sqlite else "procrastinate_jobs SET status = 'doing'"
    )
    await bench.write(f"UPDATE {taken}")


async def fail_once(bench: Workbench, lead_list: LeadList) -> None:
    table = "chunks" if bench.database.is_sqlite else "procrastinate_jobs"
    await bench.write(f"UPDATE {table} SET attempts = 1")


async def put_off(bench: Workbench, lead_list: LeadList) -> None:
    """As if its leads waited for a mail host."""
    if bench.database.is_sqlite:
        await bench.write("UPDATE chunks SET run_at = run_at + 60000")
    else:
        due = bench.clock() + timedelta(minutes=1)
        await bench.write("UPDATE procrastinate_jobs SET scheduled_at = :due", due=due)


async def change_options(bench: Workbench, lead_list: LeadList) -> None:
    async with bench.database.write() as tx:
        changes = ListChanges(options={"validate_email": True})
        await list_actions.update_list(tx, bench.caller, lead_list.id, changes)


async def change_prices(bench: Workbench, _lead_list: LeadList) -> None:
    bench.rules = replace(bench.rules, prices=replace(bench.rules.prices, person_found=499))


async def change_key(bench: Workbench, _lead_list: LeadList) -> None:
    bench.caller = replace(bench.caller, key_id=0)


async def change_user(bench: Workbench, _lead_list: LeadList) -> None:
    bench.caller = replace(bench.caller, user_id=None)


async def add_many(bench: Workbench, lead_list: LeadList) -> None:
    await bench.add(lead_list, linkedin_leads(*SLUGS[100 : 100 + SMALL_CHUNK + 1]))


@pytest.mark.parametrize(
    "happening",
    [begin, fail_once, put_off, change_options, change_prices, change_key, change_user],
)
async def test_leads_get_a_job_of_their_own(bench: Workbench, happening: Happening) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await happening(bench, made)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    assert await ranges(bench, made) == [(1, 1), (2, 2)]


async def test_only_a_job_at_the_end_of_the_list_is_joined(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await add_many(bench, made)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    end = SMALL_CHUNK + 2
    assert await ranges(bench, made) == [(1, 1), (2, end + 1)]


async def test_job_gets_no_larger_than_a_chunk(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(*SLUGS[: CHUNK_SIZE - 2]), ENRICH)
    for slug in SLUGS[CHUNK_SIZE : CHUNK_SIZE + 3]:
        await bench.add(made, linkedin_leads(slug))
    assert await ranges(bench, made) == [(1, CHUNK_SIZE), (CHUNK_SIZE + 1, CHUNK_SIZE + 1)]


async def test_many_leads_join_no_job(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await add_many(bench, made)
    assert await ranges(bench, made) == [(1, 1), (2, SMALL_CHUNK + 2)]


async def test_empty_list_has_no_job_to_join(bench: Workbench) -> None:
    made = await bench.create([], ENRICH)
    await bench.add(made, linkedin_leads(SLUGS[0]))
    assert await ranges(bench, made) == [(1, 0), (1, 1)]


async def test_lists_have_jobs_of_their_own(bench: Workbench) -> None:
    lists = [await bench.create(linkedin_leads(SLUGS[0]), ENRICH) for _ in range(2)]
    for made in lists:
        await bench.add(made, linkedin_leads(SLUGS[1]))
    assert [await ranges(bench, made) for made in lists] == [[(1, 2)], [(1, 2)]]


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_job_that_a_worker_is_about_to_take_is_passed_over(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    async with bench.database.write() as tx:
        await tx.conn.execute(text("SELECT id FROM procrastinate_jobs FOR UPDATE"))
        async with asyncio.timeout(10):
            await bench.add(made, linkedin_leads(SLUGS[1]))
    assert await ranges(bench, made) == [(1, 1), (2, 2)]


async def dues(bench: Workbench) -> list[timedelta]:
    """How long each job waits before it is due, in the order they were made."""
    if bench.database.is_sqlite:
        now = int(bench.clock().timestamp() * 1000)
        rows = await bench.query("SELECT run_at FROM chunks ORDER BY id")
        return [timedelta(milliseconds=row.run_at - now) for row in rows]
    rows = await bench.query("SELECT scheduled_at FROM procrastinate_jobs ORDER BY id")
    return [timedelta(0) if row.scheduled_at is None else row.scheduled_at - bench.clock() for row in rows]


async def test_job_waits_for_others_only_while_its_list_has_leads_to_do(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await begin(bench, made)
    await bench.add(made, linkedin_leads(SLUGS[1]))
    assert await dues(bench) == [timedelta(0), JOINING_TIME]
    await bench.finish(made)
    await begin(bench, made)
    await bench.add(made, linkedin_leads(SLUGS[2]))
    assert await dues(bench) == [timedelta(0), JOINING_TIME, timedelta(0)]


async def test_large_addition_waits_for_nobody(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    await add_many(bench, made)
    assert await dues(bench) == [timedelta(0), timedelta(0)]


async def add_last(bench: Workbench, lead_list: LeadList, slug: str, caller: Caller | None = None) -> bool:
    """Adds a lead by an action that nothing follows; whether the transaction was over before its block."""
    drafts = drafts_of(lead_list.type, linkedin_leads(slug))
    async with bench.database.write() as tx:
        last, by = tx.for_last_action(), caller or bench.caller
        await add_leads(last, bench.rules, by, lead_list.id, lead_list.type, drafts)
        if bench.database.is_sqlite:
            return not sqlite.driver_connection(tx.conn)._conn.in_transaction
        status = postgresql.driver_connection(tx.conn).info.transaction_status
        return status is TransactionStatus.IDLE


async def test_commit_goes_along_with_leads_that_join_a_job(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    assert await add_last(bench, made, SLUGS[1])
    await begin(bench, made)
    assert not await add_last(bench, made, SLUGS[2])
    assert (await bench.read(made)).progress.total == 3
    assert await ranges(bench, made) == [(1, 2), (3, 3)]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_leads_that_join_a_job_take_two_turns_at_the_database(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    async with bench.database.write() as tx:
        connection = sqlite.driver_connection(tx.conn)
    before = connection._done
    await add_last(bench, made, SLUGS[1])
    assert connection._done - before == 2


async def test_leads_that_cannot_be_paid_for_join_no_job(bench: Workbench) -> None:
    poor = await bench.open_account(email=2 * MOST + 1)
    made = await bench.create(linkedin_leads(*SLUGS[:2]), ENRICH, caller=poor)
    with pytest.raises(InsufficientCredits):
        await add_last(bench, made, SLUGS[2], poor)
    assert await ranges(bench, made) == [(1, 2)]
    assert (await bench.read(made, poor)).progress.total == 2
    assert await settled(bench, made) == [(2 * MOST, 0)]
    assert (await bench.balances(poor))[CreditKind.EMAIL].held == 2 * MOST


async def test_unfinished_leads_of_many_additions_are_put_back_in_few_jobs(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(SLUGS[0]), ENRICH)
    for slug in SLUGS[1:5]:
        await bench.add(made, linkedin_leads(slug))
    await change_prices(bench, made)
    for slug in SLUGS[5:8]:
        await bench.add(made, linkedin_leads(slug))
    await bench.add(made, linkedin_leads(*SLUGS[8 : 8 + CHUNK_SIZE]))
    async with bench.database.write() as tx:
        await tx.queue.drop(tx, made.row_id)
        assert await enqueue_unfinished(tx, made.row_id) == 3
    assert await ranges(bench, made) == [(1, 5), (6, 8), (9, 8 + CHUNK_SIZE)]
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 8 + CHUNK_SIZE
    assert all(held == 0 for held, _ in await settled(bench, made))
