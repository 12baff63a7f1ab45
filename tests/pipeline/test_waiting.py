"""What lists wait for, for how long, and that they go on by themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event
from tests.support.paying import ADA, calls, crowd, everywhere, only_entry, replace_person, use
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions import list_control
from leadyard.actions.exclusions import add_exclusions
from leadyard.actions.providers import NewProvider, ProviderOffice
from leadyard.domain.entries import ALL_SKIPPED, Outcome
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus, Pause, PauseCause, PauseReason
from leadyard.domain.provider_kinds import ProviderKind
from leadyard.domain.providers import ALL_GROUPS, CallFailed, Failure, Group
from leadyard.domain.suppression import ExclusionKind
from leadyard.domain.waterfall import OrderOverride, Plan, SpendingLimits
from leadyard.pipeline.suppression import Sieve
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import pauses
from leadyard.storage import provider_calls as call_rows
from leadyard.storage.sealing import Sealer

ENRICH = ListOptions(enrich=True)
NEVER = 1_000
"""Failures enough for a provider that does not come back."""


def kind_of(name: str) -> ProviderKind:
    return ProviderKind(name, name, "", frozenset(ALL_GROUPS), False, "", lambda _key, _options: None)


def office() -> ProviderOffice:
    return ProviderOffice({"paid": kind_of("paid")}, Sealer(b"secret"))


async def set_up(bench: Workbench, options: dict[str, Any], key: str | None = None) -> None:
    async with bench.database.write() as tx:
        await office().put_provider(tx, bench.caller, NewProvider("paid", "paid", key, options, 1.0))


async def pause_of(bench: Workbench, made: LeadList) -> Pause:
    paused = (await bench.read(made)).pause
    assert paused is not None
    return paused


async def run_all(bench: Workbench, made: LeadList) -> None:
    for chunk in await bench.chunks(made):
        await bench.run(chunk)


async def wait_out(bench: Workbench, made: LeadList) -> timedelta:
    """Goes on whenever the list can until it has ended; returns how long that took."""
    begun = bench.clock.now
    while (await bench.read(made)).status is not ListStatus.COMPLETED:
        await bench.resume_paused()
        for chunk in await bench.chunks(made):
            run_at = await bench.run(chunk)
            if run_at is not None:
                bench.clock.now = max(bench.clock.now, run_at)
        if (paused := (await bench.read(made)).pause) is not None:
            assert paused.until is not None
            bench.clock.now = max(bench.clock.now, paused.until)
        assert bench.clock.now - begun < timedelta(days=10)
    return bench.clock.now - begun


async def test_person_excluded_while_a_chunk_runs_is_not_bought(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=1, knows=crowd(2))
    await use(bench, everywhere("paid"), paid)
    bench.pipeline = replace(bench.pipeline, sieve=Sieve(fresh_seconds=1_000))

    async def exclude() -> None:
        async with bench.database.write() as tx:
            await add_exclusions(tx, bench.caller, ExclusionKind.EMAIL, {"b@sent.example": "b@sent.example"})

    paid.before_answer = exclude
    leads = linkedin_leads("lead-0") + linkedin_leads("lead-1", email="b@sent.example")
    made = await bench.create(leads, ENRICH)
    await bench.finish(made)
    assert [query.linkedin_key for query in paid.asked] == ["lead-0"]
    first, second = await bench.entries(made)
    assert (first.findings.enrich, second.findings) == (Outcome.FOUND, ALL_SKIPPED)
    assert len(await calls(bench)) == 1


async def test_leads_that_are_looked_for_at_once_are_looked_for_together(bench: Workbench) -> None:
    await use(bench, everywhere("paid"), PaidStandIn("paid", batch_size=1, knows=crowd(100)))
    bench.pipeline = replace(bench.pipeline, sieve=Sieve(fresh_seconds=0))
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"other.example": "other.example"})
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(100))), ENRICH)
    looks = 0

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal looks
        looks += "JOIN exclusions" in statement

    engine = bench.database._reader.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    event.remove(engine, "before_cursor_execute", count)
    assert 0 < looks < 20


async def test_list_stays_paused_until_there_is_room_for_what_it_asks_next(bench: Workbench) -> None:
    paid = PaidStandIn("paid", price=2.0, knows=crowd(4))
    await use(bench, everywhere("paid"), paid, limits=SpendingLimits(day=5))
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    await run_all(bench, made)
    assert paid.sold.total() == 2
    paused = await pause_of(bench, made)
    groups = tuple(sorted((Group.PERSON, Group.EMAIL, Group.COMPANY)))
    assert paused.causes == (PauseCause("paid", limit="day", groups=groups, needs=2_000),)
    assert paused.until == datetime(2026, 3, 3, tzinfo=UTC)
    bench.clock.advance(hours=1)
    assert await bench.resume_paused() == 0
    bench.clock.advance(days=1)
    assert await bench.resume_paused() == 1
    await bench.finish(made)
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    assert paid.sold.total() == 4


async def test_day_without_room_for_a_single_question_passes_without_a_try(bench: Workbench) -> None:
    paid = PaidStandIn("paid", price=2.0, knows=crowd(1))
    await use(bench, everywhere("paid"), paid, limits=SpendingLimits(day=1))
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    await run_all(bench, made)
    bench.clock.now = datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert await bench.resume_paused() == 0
    assert (await pause_of(bench, made)).until == datetime(2026, 3, 4, tzinfo=UTC)


async def test_list_goes_on_once_its_limit_is_raised(bench: Workbench) -> None:
    paid = PaidStandIn("paid", price=2.0, knows=crowd(2))
    await use(bench, everywhere("paid"), paid, limits=SpendingLimits(list=3))
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    await run_all(bench, made)
    assert (await pause_of(bench, made)).until is None
    assert await bench.resume_paused() == 0
    async with bench.database.write() as tx:
        plan = Plan(everywhere("paid"), SpendingLimits(list=4))
        await office().put_plan(tx, bench.caller, plan)
    assert await bench.resume_paused() == 1
    await bench.finish(made)
    assert paid.sold.total() == 2


async def test_cheaper_question_is_asked_where_a_dearer_one_has_no_room(bench: Workbench) -> None:
    prices = {"lead-0": 5.0, "lead-1": 3.0}

    class Priced(PaidStandIn):
        def most_cost(self, query: Any) -> float:
            return prices[query.linkedin_key]

    priced = Priced("paid", price=3.0, knows=crowd(2))
    await use(bench, everywhere("paid"), priced, limits=SpendingLimits(day=4))
    made = await bench.create(linkedin_leads("lead-0", "lead-1"), ENRICH)
    await run_all(bench, made)
    assert priced.sold == {"lead-1": 1}


@pytest.mark.parametrize("failure", [Failure.UNAUTHORIZED, Failure.OUT_OF_CREDIT])
async def test_list_whose_provider_refuses_is_paused_and_says_so(bench: Workbench, failure: Failure) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA}, failures=[CallFailed(failure)])
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await run_all(bench, made)
    paused = await pause_of(bench, made)
    assert paused.reason is PauseReason.PROVIDER_UNAVAILABLE
    assert paused.causes == (PauseCause("paid", failure=failure),)
    assert paused.until == bench.clock.now + timedelta(minutes=5)
    (row,) = await bench.query("SELECT attempts FROM lead_list_entries")
    assert row.attempts == 0
    assert await bench.resume_paused() == 0
    await set_up(bench, {}, "a new key")
    assert await bench.resume_paused() == 1
    await bench.finish(made)
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND


@pytest.mark.parametrize(
    ("failure", "number", "least", "most"),
    [
        (Failure.UNAUTHORIZED, 2, timedelta(hours=72), timedelta(hours=74)),
        (Failure.DOWN, 24, timedelta(hours=6), timedelta(hours=7)),
        (Failure.THROTTLED, 2, timedelta(hours=6), timedelta(hours=7)),
    ],
)
async def test_provider_that_does_not_come_back_is_not_waited_for_without_end(
    bench: Workbench, failure: Failure, number: int, least: timedelta, most: timedelta
) -> None:
    failures = [CallFailed(failure, retry_after=1_200) for _ in range(NEVER)]
    paid = PaidStandIn("paid", batch_size=1, knows=crowd(number), failures=failures)
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    took = await wait_out(bench, made)
    outcomes = [entry.findings.enrich for entry in await bench.entries(made)]
    assert outcomes == [Outcome.UNAVAILABLE] * number
    assert least <= took <= most
    assert await bench.charges() == []
    assert {balance.held for balance in (await bench.balances()).values()} == {0}
    async with bench.database.read() as tx:
        told = (await call_rows.list_statistics(tx, bench.caller.workspace_id))["paid"]
    assert told.failing_since is not None
    paid.failures.clear()
    bench.clock.advance(hours=2)
    async with bench.database.read() as tx:
        prepared = await list_control.prepare_retry(tx, bench.caller, made.id)
    async with bench.database.write() as tx:
        assert (await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)).total == number
    await wait_out(bench, made)
    assert {entry.findings.enrich for entry in await bench.entries(made)} == {Outcome.FOUND}


async def test_failure_of_long_ago_shortens_nobodys_wait(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA}, failures=[CallFailed(Failure.UNAUTHORIZED)])
    await use(bench, everywhere("paid"), paid)
    first = await bench.create(linkedin_leads("ada"), ENRICH)
    await run_all(bench, first)
    await bench.cancel(first)
    bench.clock.advance(days=7)
    paid.failures = [CallFailed(Failure.UNAUTHORIZED)]
    second = await bench.create(linkedin_leads("ada"), ENRICH)
    await run_all(bench, second)
    assert (await pause_of(bench, second)).reason is PauseReason.PROVIDER_UNAVAILABLE


async def test_who_was_not_found_is_asked_for_again_with_other_settings(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    await set_up(bench, {"template": 1}, "the key of the account")
    await bench.finish(await bench.create(linkedin_leads("ada", "bob"), ENRICH))
    paid.knows["bob"] = replace_person(ADA, id="bob")
    await set_up(bench, {"template": 1}, "the key of the account")
    await bench.finish(await bench.create(linkedin_leads("ada", "bob"), ENRICH))
    assert len(paid.asked) == 2
    await set_up(bench, {"template": 2})
    await bench.finish(await bench.create(linkedin_leads("ada", "bob"), ENRICH))
    assert paid.sold == {"ada": 1, "bob": 1}


async def test_refresh_asks_anew_and_charges_once_a_day(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    for days, waits, sold in ((30, timedelta(days=31), 2), (0, timedelta(hours=1), 3)):
        bench.clock.now += waits
        paid.knows["ada"] = replace_person(ADA, title=f"Title {sold}")
        async with bench.database.read() as tx:
            prepared = await list_control.prepare_refresh(tx, bench.caller, made.id, timedelta(days=days))
        async with bench.database.write() as tx:
            assert (await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)).total == 1
        await bench.finish(made)
        person = (await only_entry(bench, made)).findings.person
        assert person is not None
        assert (person.title, paid.sold["ada"]) == (f"Title {sold}", sold)
    assert [amount for _, amount in await bench.charges()] == [500, 1000, 500]


async def test_list_gets_an_order_of_its_own_while_others_change_lists_that_wait(bench: Workbench) -> None:
    await bench.live()
    await set_up(bench, {})
    first, second = await bench.create(), await bench.create()
    async with bench.database.write() as tx:
        for made in (first, second):
            later = tx.now + timedelta(days=1)
            await pauses.pause_list(tx, made.row_id, Pause(PauseReason.SPENDING_LIMIT, tx.now, (), later))

    async def put_override() -> None:
        async with bench.database.write() as tx:
            await office().put_override(tx, bench.caller, second.id, OrderOverride(person=("paid",)))

    async with bench.database.write() as tx:
        await list_rows.lock_list_row(tx, first.row_id)
        putting = asyncio.create_task(put_override())
        await asyncio.wait([putting], timeout=0.3)
        await list_rows.lock_list_row(tx, second.row_id)
    await putting
    for made in (first, second):
        assert (await pause_of(bench, made)).until == bench.clock.now
