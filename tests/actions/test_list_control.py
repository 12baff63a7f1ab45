"""Pausing lists and taking leads up again while others are under way, and as providers come and go."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions import list_control
from leadyard.actions.erasures import empty_entries
from leadyard.actions.list_control import Prepared, Reopening
from leadyard.domain.credits import Cost, CreditKind, Reason
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus
from leadyard.pipeline.suppression import Sieve
from leadyard.storage.leads import CANCELED_AT_ONCE

ANN = Known("ann-id", email="ann@acme.example", phones=("+12065550100",))
ENRICH = ListOptions(enrich=True)


async def pause(bench: Workbench, made: LeadList) -> None:
    async with bench.database.write() as tx:
        await list_control.pause_list(tx, bench.caller, made.id)


async def resume(bench: Workbench, made: LeadList) -> None:
    async with bench.database.write() as tx:
        await list_control.resume_list(tx, bench.caller, made.id)


async def retry(bench: Workbench, made: LeadList) -> Reopening:
    async with bench.database.read() as tx:
        prepared = await list_control.prepare_retry(tx, bench.caller, made.id)
    async with bench.database.write() as tx:
        return await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)


async def prepare_refresh(bench: Workbench, made: LeadList, days: float = 90) -> Prepared:
    async with bench.database.read() as tx:
        return await list_control.prepare_refresh(tx, bench.caller, made.id, timedelta(days=days))


async def refresh(bench: Workbench, made: LeadList, days: float = 90) -> Reopening:
    prepared = await prepare_refresh(bench, made, days)
    async with bench.database.write() as tx:
        return await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)


async def require_no_holds(bench: Workbench, made: LeadList) -> None:
    """Nothing is held any more, not even on paper."""
    assert {balance.held for balance in (await bench.balances()).values()} == {0}
    rows = await bench.query(
        "SELECT email_held, phone_held FROM additions WHERE list_id = :id", id=made.row_id
    )
    assert {tuple(row) for row in rows} == {(0, 0)}


async def forget_chunks(bench: Workbench) -> None:
    """The jobs of chunks that were run by hand."""
    await bench.write(f"DELETE FROM {'chunks' if bench.database.is_sqlite else 'procrastinate_jobs'}")


async def test_leads_under_way_are_finished_when_the_list_is_paused(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(300)]
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    first, second = await bench.chunks(made)

    async def pause_once(step: Step, key: str) -> None:
        if key == "lead-50":
            await pause(bench, made)

    bench.service.before_answer = pause_once
    await bench.run(first)
    assert await bench.run(second) is None
    progress = (await bench.read(made)).progress
    assert (progress.done, progress.queued, progress.processing) == (250, 50, 0)
    await resume(bench, made)
    await bench.finish(made)
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    assert set(bench.service.asked.values()) == {1}
    await require_no_holds(bench, made)


async def test_paused_list_whose_leads_are_all_finished_is_over_and_so_is_its_pause(
    bench: Workbench,
) -> None:
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    (chunk,) = await bench.chunks(made)

    async def pause_meanwhile(step: Step, key: str) -> None:
        await pause(bench, made)

    bench.service.before_answer = pause_meanwhile
    await bench.run(chunk)
    found = await bench.read(made)
    assert (found.status, found.pause) == (ListStatus.COMPLETED, None)
    await bench.add(made, linkedin_leads("ben"))
    assert await bench.chunks(made) != []


async def test_lead_that_waits_for_a_provider_waits_for_the_list_as_well(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    bench.service.failures[Step.ENRICH, "ann"] = 1
    made = await bench.create(linkedin_leads("ann"))
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at is not None
    await pause(bench, made)
    bench.clock.advance(minutes=1)
    assert await bench.run(chunk) is None
    assert bench.service.asked[Step.ENRICH, "ann"] == 1
    await resume(bench, made)
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 1
    await require_no_holds(bench, made)


async def test_step_is_paid_for_once_when_its_provider_is_back_the_next_day(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    bench.service.down = {Step.REVEAL}
    made = await bench.create(linkedin_leads("ann"))
    await bench.finish(made)
    charges = await bench.charges()
    assert Reason.PHONE_REVEALED not in dict(charges)
    for hours in (25, 50):
        bench.clock.advance(hours=hours)
        await forget_chunks(bench)
        assert await retry(bench, made) == Reopening(1, Cost(0, 1000))
        await bench.finish(made)
        assert await bench.charges() == charges
        await require_no_holds(bench, made)
    bench.service.down = set()
    bench.clock.advance(hours=25)
    await forget_chunks(bench)
    assert await retry(bench, made) == Reopening(1, Cost(0, 1000))
    await bench.finish(made)
    assert await bench.charges() == [*charges, (Reason.PHONE_REVEALED, 1000)]
    assert bench.service.asked[Step.ENRICH, "ann"] == 1
    await require_no_holds(bench, made)
    assert await retry(bench, made) == Reopening(0, Cost())


async def test_retry_of_a_lead_nobody_could_tell_of_pays_for_all_that_is_found(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    bench.service.down = set(Step)
    made = await bench.create(linkedin_leads("ann"))
    await bench.finish(made)
    assert await bench.charges() == []
    bench.service.down = set()
    await forget_chunks(bench)
    assert await retry(bench, made) == Reopening(1, Cost(2500, 1000))
    await bench.finish(made)
    assert dict(await bench.charges()) == {
        Reason.PERSON_FOUND: 500,
        Reason.EMAIL_REVEALED: 1000,
        Reason.EMAIL_VALIDATED: 1000,
        Reason.PHONE_REVEALED: 1000,
    }
    await require_no_holds(bench, made)


async def test_chunks_of_leads_taken_up_leave_those_under_way_alone(bench: Workbench) -> None:
    bench.service.knows = {"a": ANN, "c": ANN}
    bench.service.down = {Step.REVEAL}
    made = await bench.create(linkedin_leads("a"))
    await bench.finish(made)
    await forget_chunks(bench)
    bench.service.down = set()
    await bench.add(made, linkedin_leads("b", "c", "d"))
    await bench.write("UPDATE lead_list_entries SET status = 'failed' WHERE sequence IN (2, 4)")
    await bench.write("UPDATE lead_lists SET queued = 1, failed = 2")
    (waiting,) = await bench.chunks(made)
    await retry(bench, made)
    chunks = [chunk for chunk in await bench.chunks(made) if chunk != waiting]
    assert [(chunk.first_sequence, chunk.last_sequence) for chunk in chunks] == [(1, 2), (4, 4)]


async def test_chunks_of_leads_taken_up_are_as_large_as_others_and_have_the_same_terms(
    bench: Workbench,
) -> None:
    bench.service.down = set(Step)
    made = await bench.create(linkedin_leads(*(f"a-{number}" for number in range(300))), ENRICH)
    await bench.add(made, linkedin_leads(*(f"b-{number}" for number in range(30))))
    rules = bench.rules
    bench.rules = replace(rules, prices=replace(rules.prices, person_found=1))
    await bench.add(made, linkedin_leads(*(f"c-{number}" for number in range(20))))
    bench.rules = rules
    await bench.add(made, linkedin_leads(*(f"d-{number}" for number in range(10))))
    await bench.finish(made)
    await forget_chunks(bench)
    assert (await retry(bench, made)).total == 360
    chunks = [(chunk.first_sequence, chunk.last_sequence) for chunk in await bench.chunks(made)]
    assert chunks == [(1, 250), (251, 330), (331, 350), (351, 360)]
    bench.service.down = set()
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 360
    await require_no_holds(bench, made)


async def test_retries_at_the_same_time_take_each_lead_up_once(bench: Workbench) -> None:
    bench.service.down = set(Step)
    made = await bench.create(linkedin_leads("ann", "ben"), ENRICH)
    await bench.finish(made)
    await forget_chunks(bench)
    told = await asyncio.gather(*(retry(bench, made) for _ in range(4)))
    assert sorted(each.total for each in told) == [0, 0, 0, 2]
    balances = await bench.balances()
    assert balances[CreditKind.EMAIL].held == 3000
    await bench.finish(made)
    await require_no_holds(bench, made)


async def test_person_who_is_found_again_after_long_is_paid_for_again_but_not_the_email(
    bench: Workbench,
) -> None:
    bench.service.knows["ann"] = ANN
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    await bench.finish(made)
    assert (await refresh(bench, made)).total == 0
    bench.clock.advance(days=91)
    await forget_chunks(bench)
    assert await refresh(bench, made) == Reopening(1, Cost(1500, 0))
    await bench.finish(made)
    assert [reason for reason, _ in await bench.charges()] == [
        Reason.PERSON_FOUND,
        Reason.EMAIL_REVEALED,
        Reason.PERSON_FOUND,
    ]
    await require_no_holds(bench, made)


@pytest.mark.parametrize("fresh_seconds", [0, 1_000], ids=["before a step", "when it is written"])
async def test_lead_excluded_while_it_is_taken_up_keeps_what_was_paid_for(
    bench: Workbench, fresh_seconds: float
) -> None:
    bench.pipeline = replace(bench.pipeline, sieve=Sieve(fresh_seconds))
    bench.service.knows["ann"] = ANN
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    await bench.finish(made)
    charges = await bench.charges()
    (before,) = await bench.entries(made)
    bench.clock.advance(days=91)
    await forget_chunks(bench)
    await refresh(bench, made)
    await bench.write(
        "INSERT INTO exclusions (workspace_id, kind, value, reason, created_at) "
        "VALUES (:id, 'email', 'ann@acme.example', 'api', 0)",
        id=bench.caller.workspace_id,
    )
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert (entry.status, entry.findings.person) == (EntryStatus.DONE, before.findings.person)
    assert entry.findings.enrich is Outcome.FOUND
    assert await bench.charges() == charges
    await require_no_holds(bench, made)


@pytest.mark.parametrize("microseconds", [0, 1, 999_999])
async def test_moment_of_staleness_is_exact(bench: Workbench, microseconds: int) -> None:
    """The database looks at whole seconds only, and must not leave anybody out."""
    bench.service.knows["ann"] = ANN
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    bench.clock.advance(microseconds=microseconds)
    await bench.finish(made)
    bench.clock.advance(days=90)
    assert (await refresh(bench, made)).total == 0
    bench.clock.advance(microseconds=1)
    assert (await refresh(bench, made)).total == 1


async def test_erasing_a_lead_that_was_taken_up_gives_back_what_is_held_for_it_only(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    bench.service.down = {Step.REVEAL}
    made = await bench.create(linkedin_leads("ann", "ben"))
    await bench.finish(made)
    await bench.write("UPDATE lead_list_entries SET status = 'failed', findings = NULL WHERE sequence = 2")
    await bench.write("UPDATE lead_lists SET done = 1, failed = 1")
    assert await retry(bench, made) == Reopening(2, Cost(2500, 2000))
    async with bench.database.write() as tx:
        await empty_entries(tx, await bench.read(made), [1])
    balances = await bench.balances()
    assert (balances[CreditKind.EMAIL].held, balances[CreditKind.PHONE].held) == (2500, 1000)
    await forget_chunks(bench)
    bench.service.down = set()


async def test_leads_that_changed_after_they_were_prepared_are_looked_at_again(bench: Workbench) -> None:
    bench.service.knows.update(ann=ANN, ben=Known("ben-id"))
    made = await bench.create(linkedin_leads("ann", "ben"), ENRICH)
    await bench.finish(made)
    await forget_chunks(bench)
    bench.clock.advance(days=91)
    prepared = await prepare_refresh(bench, made)
    # While that was read, somebody else did the same, and it is done already.
    assert (await refresh(bench, made)).total == 2
    await bench.finish(made)
    await forget_chunks(bench)
    asked = bench.service.asked.total()
    async with bench.database.write() as tx:
        told = await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)
    assert told == Reopening(0, Cost(0, 0))
    assert await bench.chunks(made) == []
    assert bench.service.asked.total() == asked
    await require_no_holds(bench, made)


async def test_others_write_while_a_refresh_is_prepared(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"), ENRICH)
    await bench.finish(made)
    await forget_chunks(bench)
    bench.clock.advance(days=91)
    async with bench.database.read() as tx:
        prepared = await list_control.prepare_refresh(tx, bench.caller, made.id, timedelta(days=90))
        await bench.add(made, linkedin_leads("ben"))
    async with bench.database.write() as tx:
        told = await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)
    assert told.total == 1
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 2
    await require_no_holds(bench, made)


async def test_long_list_is_canceled_to_its_last_lead(bench: Workbench) -> None:
    count = 2 * CANCELED_AT_ONCE + 3
    made = await bench.create(linkedin_leads(*(f"p{number}" for number in range(count))), options=ENRICH)
    await bench.cancel(made)
    rows = await bench.query(
        "SELECT status, count(*) AS entries FROM lead_list_entries WHERE list_id = :id GROUP BY status",
        id=made.row_id,
    )
    assert [tuple(row) for row in rows] == [("canceled", count)]
    await require_no_holds(bench, made)
