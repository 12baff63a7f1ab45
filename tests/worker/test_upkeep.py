"""What is done now and then: lost chunks, stalled jobs, balances that do not add up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions import list_control
from leadyard.actions.people import PersonSearch
from leadyard.domain.clues import PersonClues
from leadyard.domain.credits import CreditKind
from leadyard.domain.entries import Step
from leadyard.domain.errors import PersonNotFound
from leadyard.domain.lead_lists import SMALL_CHUNK, LeadList, ListOptions, ListStatus, Pause, PauseReason
from leadyard.domain.leads import ListType
from leadyard.domain.people import Person
from leadyard.domain.provider_calls import AnswerState, NewCall, Question, Settlement
from leadyard.domain.providers import ALL_GROUPS, FoundPerson, PersonQuery
from leadyard.domain.retention import KEPT_UNLESS_TOLD
from leadyard.domain.waterfall import Freshness
from leadyard.pipeline.process_now import process_now
from leadyard.storage import jobs as job_rows
from leadyard.storage import pauses
from leadyard.storage import provider_calls as call_rows
from leadyard.worker import upkeep
from leadyard.worker.upkeep import (
    forget_bought_answers,
    forget_old_searches,
    reconcile_balances,
    reenqueue_orphans,
    run_upkeep,
)

ENRICH = ListOptions(enrich=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])


async def lose_chunks(bench: Workbench) -> None:
    """Forgets every chunk that waits."""
    await bench.write(f"DELETE FROM {'chunks' if bench.database.is_sqlite else 'procrastinate_jobs'}")


async def sweep(bench: Workbench) -> int:
    return await reenqueue_orphans(bench.database, bench.installation.dispatcher)


async def test_list_that_lost_its_chunks_is_enqueued_once_more(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(250))), ENRICH)
    await bench.add(made, linkedin_leads("late"))
    before = sorted(await bench.chunks(made), key=lambda chunk: chunk.first_sequence)
    await lose_chunks(bench)
    assert await sweep(bench) == 0
    bench.clock.advance(seconds=61)
    await asyncio.gather(*(sweep(bench) for _ in range(4)))
    assert sorted(await bench.chunks(made), key=lambda chunk: chunk.first_sequence) == before
    assert await sweep(bench) == 0
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 251


async def test_only_what_is_unfinished_is_enqueued_again(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("first"), ENRICH)
    await bench.add(made, linkedin_leads(*(f"lead-{number}" for number in range(SMALL_CHUNK + 1))))
    first, second = await bench.chunks(made)
    await bench.run(first)
    await lose_chunks(bench)
    bench.clock.advance(seconds=61)
    assert await sweep(bench) == 1
    assert await bench.chunks(made) == [second]


async def test_list_whose_chunk_waits_for_a_retry_is_not_enqueued_twice(bench: Workbench) -> None:
    bench.service.down = {Step.ENRICH}
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    bench.clock.advance(minutes=10)
    assert await sweep(bench) == 0
    assert await bench.chunks(made) == [chunk]


async def test_ended_lists_are_no_orphans(bench: Workbench) -> None:
    done = await bench.create(linkedin_leads("done"), ENRICH)
    await bench.finish(done)
    canceled = await bench.create(linkedin_leads("canceled"), ENRICH)
    await bench.cancel(canceled)
    deleted = await bench.create(linkedin_leads("deleted"), ENRICH)
    await bench.delete(deleted)
    await lose_chunks(bench)
    bench.clock.advance(minutes=10)
    assert await sweep(bench) == 0


async def test_orphan_without_unfinished_leads_is_completed(bench: Workbench) -> None:
    made = await bench.create([], ENRICH)
    await lose_chunks(bench)
    bench.clock.advance(seconds=61)
    assert await sweep(bench) == 1
    assert (await bench.read(made)).status is ListStatus.COMPLETED


async def test_balance_that_drifted_is_set_to_the_sum_of_the_ledger_and_told(bench: Workbench) -> None:
    before = await bench.balances()
    await bench.write(
        "UPDATE credit_balances SET balance = balance - 700 WHERE workspace_id = :id AND kind = 'phone'",
        id=bench.caller.workspace_id,
    )
    with capture_logs() as logs:
        await asyncio.gather(*(reconcile_balances(bench.database) for _ in range(3)))
    assert await bench.balances() == before
    told = [entry for entry in logs if entry["event"] == "balance_corrected"]
    assert [(entry["kind"], entry["sum_of_entries"] - entry["was"]) for entry in told] == [
        (CreditKind.PHONE, 700)
    ]
    assert await reconcile_balances(bench.database) == 0


async def test_balance_that_cannot_be_corrected_does_not_stop_those_behind_it(bench: Workbench) -> None:
    await bench.create(linkedin_leads("lead"), ENRICH)
    behind = await bench.open_account()
    before = await bench.balances(behind)
    # The ledger says that there is less than what is held: no balance can be that.
    await bench.write("DELETE FROM credit_entries WHERE workspace_id = :id", id=bench.caller.workspace_id)
    await bench.write(
        "UPDATE credit_balances SET balance = balance - 700 WHERE workspace_id = :id", id=behind.workspace_id
    )
    with capture_logs() as logs:
        await reconcile_balances(bench.database)
    assert await bench.balances(behind) == before
    assert [entry["workspace_id"] for entry in logs if entry["event"] == "upkeep_failed"] == [
        bench.caller.workspace_id
    ]


async def test_task_that_fails_is_told_and_does_not_stop_the_others(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SWEEP_SECONDS", 0.05)
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    # The ledger says that there is less than what is held: no balance can be that.
    await bench.write("DELETE FROM credit_entries WHERE workspace_id = :id", id=bench.caller.workspace_id)
    stop = asyncio.Event()
    with capture_logs() as logs:
        tasks = run_upkeep(
            bench.database, bench.installation.dispatcher, bench.pipeline.desk, KEPT_UNLESS_TOLD, stop
        )
        running = asyncio.create_task(tasks)
        await asyncio.sleep(0.3)
        await lose_chunks(bench)
        bench.clock.advance(seconds=61)
        async with asyncio.timeout(10):
            while not await bench.chunks(made):
                await asyncio.sleep(0.02)
        stop.set()
        await running
    assert "upkeep_failed" in [entry["event"] for entry in logs]


async def test_task_that_fails_does_not_stop_those_behind_it(bench: Workbench) -> None:
    before = await bench.balances()
    await bench.write(
        "UPDATE credit_balances SET balance = balance - 700 WHERE workspace_id = :id AND kind = 'phone'",
        id=bench.caller.workspace_id,
    )
    await bench.write("ALTER TABLE idempotency_keys RENAME TO elsewhere")
    stop = asyncio.Event()
    with capture_logs() as logs:
        tasks = run_upkeep(
            bench.database, bench.installation.dispatcher, bench.pipeline.desk, KEPT_UNLESS_TOLD, stop
        )
        running = asyncio.create_task(tasks)
        async with asyncio.timeout(10):
            while await bench.balances() != before:
                await asyncio.sleep(0.02)
        stop.set()
        await running
    assert [entry["task"] for entry in logs if entry["event"] == "upkeep_failed"] == ["forget_old_answers"]


async def make_stuck_and_behind(bench: Workbench) -> tuple[LeadList, LeadList]:
    """A list that is to be completed, and cannot be since nobody can be told of it, and one behind it."""
    stuck = await bench.create(linkedin_leads("stuck"), ENRICH)
    behind = await bench.create(linkedin_leads("lead"), ENRICH)
    await bench.write("UPDATE lead_list_entries SET status = 'done' WHERE list_id = :id", id=stuck.row_id)
    await bench.write("UPDATE lead_lists SET queued = 0, done = 1 WHERE id = :id", id=stuck.row_id)
    await bench.write("""UPDATE workspaces SET webhook_events = '["list.completed"]'""")
    await bench.write("ALTER TABLE webhook_messages RENAME TO elsewhere")
    return stuck, behind


async def test_orphan_that_fails_does_not_stop_those_behind_it(bench: Workbench) -> None:
    _, behind = await make_stuck_and_behind(bench)
    await lose_chunks(bench)
    bench.clock.advance(seconds=61)
    with capture_logs() as logs:
        await sweep(bench)
    assert len(await bench.chunks(behind)) == 1
    assert [entry["event"] for entry in logs] == ["upkeep_failed", "orphaned_list_enqueued"]


async def test_paused_list_that_fails_does_not_stop_those_behind_it(bench: Workbench) -> None:
    stuck, behind = await make_stuck_and_behind(bench)
    async with bench.database.write() as tx:
        for made in (stuck, behind):
            await pauses.pause_list(tx, made.row_id, Pause(PauseReason.SPENDING_LIMIT, tx.now))
    assert await bench.resume_paused() == 1
    assert ((await bench.read(stuck)).pause is None, (await bench.read(behind)).pause) == (False, None)


async def begin_jobs(bench: Workbench, heartbeat_age: str, started_age: str = "0") -> None:
    """Makes a worker with a heartbeat of this age begin every job that waits."""
    await bench.write(
        "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat) "
        f"VALUES (now() - interval '{heartbeat_age} s') RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM worker) "
        "WHERE status = 'todo'"
    )
    await bench.write(
        f"UPDATE procrastinate_events SET at = now() - interval '{started_age} s' WHERE type = 'started'"
    )


async def rescue(bench: Workbench) -> int:
    async with bench.database.write() as tx:
        return await job_rows.put_back_stalled(
            tx, dead_after=timedelta(seconds=12), lost_after=timedelta(seconds=660)
        )


@ON_POSTGRESQL
async def test_jobs_of_a_dead_worker_are_put_back_each_by_one(bench: Workbench) -> None:
    await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(800))), ENRICH)
    await begin_jobs(bench, heartbeat_age="13")
    assert sum(await asyncio.gather(*(rescue(bench) for _ in range(5)))) == 4
    rows = await bench.query("SELECT DISTINCT status, attempts FROM procrastinate_jobs")
    assert [tuple(row) for row in rows] == [("todo", 1)]


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("heartbeat_age", "started_age", "rescued"),
    [("3", "600", 0), ("3", "700", 1), ("13", "1", 1)],
    ids=["alive", "alive, but the job is past every deadline", "dead"],
)
async def test_job_is_put_back_when_nobody_has_it(
    bench: Workbench, heartbeat_age: str, started_age: str, rescued: int
) -> None:
    await bench.create(linkedin_leads("lead"), ENRICH)
    await begin_jobs(bench, heartbeat_age, started_age)
    assert await rescue(bench) == rescued


@ON_POSTGRESQL
async def test_job_of_a_worker_that_is_not_known_any_more_is_put_back(bench: Workbench) -> None:
    await bench.create(linkedin_leads("lead"), ENRICH)
    await begin_jobs(bench, heartbeat_age="0")
    await bench.write("DELETE FROM procrastinate_workers")
    assert await rescue(bench) == 1


async def search(bench: Workbench, slug: str) -> None:
    """Looks one person up, as GET /people/find does."""
    people = PersonSearch(bench.database, bench.rules, partial(process_now, bench.pipeline))
    clues = PersonClues(linkedin_url=f"linkedin.com/in/{slug}")
    with suppress(PersonNotFound):
        await people.find(bench.caller, clues, ENRICH)


async def test_search_is_emptied_a_day_after_it_ended_and_its_charge_stays(bench: Workbench) -> None:
    bench.service.knows["ann"] = Known("ann-id", email="ann@acme.example")
    made = await bench.create(linkedin_leads("kept"), ENRICH)
    await bench.finish(made)
    await search(bench, "ann")
    await search(bench, "nobody")
    ledger = "SELECT list_id, sequence, charge_key, amount FROM credit_entries ORDER BY id"
    before = await bench.query(ledger)
    assert await forget_old_searches(bench.database) == 0
    bench.clock.advance(days=1, seconds=1)
    await search(bench, "ben")
    assert await forget_old_searches(bench.database) == 2
    rows = await bench.query("SELECT lead FROM lead_list_entries")
    assert sorted(word for row in rows for word in ("ann", "nobody", "ben", "kept") if word in row.lead) == [
        "ben",
        "kept",
    ]
    assert await bench.query(ledger) == before
    assert await forget_old_searches(bench.database) == 0
    assert (await bench.read(made)).is_deleted is False


async def test_search_that_has_not_ended_is_left_alone(bench: Workbench) -> None:
    await search(bench, "ann")
    await bench.write("UPDATE lead_lists SET status = 'processing', done = 0, processing = 1")
    bench.clock.advance(days=2)
    assert await forget_old_searches(bench.database) == 0


async def test_bought_answers_are_forgotten_once_they_are_too_old_to_be_used(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "ANSWERS_AT_ONCE", 2, raising=False)
    await bench.live()
    question = Question("key", PersonQuery("ann", ListType.LINKEDIN, "ann", None, None, None, None), 1000)
    answers: dict[str, tuple[AnswerState, FoundPerson | None, int]] = {
        "found": (AnswerState.FOUND, FoundPerson(Person("ann")), 1000),
        "missing": (AnswerState.MISSING, None, 0),
    }
    async with bench.database.write() as tx:
        for key in ("found", "missing", "asked"):
            asked = replace(question, key=key)
            new = NewCall(bench.caller.workspace_id, "paid", None, ALL_GROUPS, [asked], tx.now)
            (call_id,) = await call_rows.reserve_calls(tx, [new])
            if key in answers:
                await call_rows.settle_calls(tx, [Settlement(call_id, {0: answers[key]})])
    freshness = Freshness(found=timedelta(days=90), not_found=timedelta(days=14))

    async def forget_after(days: int) -> set[str]:
        bench.clock.advance(days=days)
        await forget_bought_answers(bench.database, freshness)
        return {row.key for row in await bench.query("SELECT key FROM provider_answers")}

    assert await forget_after(15) == {"found", "missing", "asked"}
    assert await forget_after(1) == {"found", "asked"}
    assert await forget_after(75) == {"found", "asked"}
    assert await forget_after(1) == {"asked"}
    assert len(await bench.query("SELECT id FROM provider_calls")) == 3


async def test_list_that_was_paused_by_its_owner_does_not_go_on_by_itself(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    async with bench.database.write() as tx:
        await list_control.pause_list(tx, bench.caller, made.id)
    assert await bench.resume_paused() == 0
    bench.clock.advance(days=2)
    assert (await bench.resume_paused(), await sweep(bench)) == (0, 0)
    assert (await bench.read(made)).pause is not None
    assert await bench.chunks(made) == []


async def test_list_at_a_spending_limit_goes_on_when_there_is_room(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    await lose_chunks(bench)
    async with bench.database.write() as tx:
        await pauses.pause_list(tx, made.row_id, Pause(PauseReason.SPENDING_LIMIT, tx.now))
    assert sum(await asyncio.gather(*(bench.resume_paused() for _ in range(3)))) == 1
    assert (await bench.read(made)).pause is None
    assert len(await bench.chunks(made)) == 1
