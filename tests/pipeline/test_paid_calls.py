"""What was paid for is kept, is told of as it is, and stands in the ledger, whatever comes in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.support.paying import ADA, calls, crowd, everywhere, only_entry, replace_person, use
from tests.support.stand_ins import OrderedStandIn, PaidStandIn
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.domain.entries import Outcome
from leadyard.domain.lead_lists import ListOptions, ListStatus
from leadyard.domain.people import PhoneNumber
from leadyard.domain.provider_calls import NO_QUERY, most_milli
from leadyard.domain.providers import CallFailed, Failure, FoundPerson, PersonAnswer, Unavailable
from leadyard.domain.waterfall import Freshness, Order
from leadyard.pipeline.open_calls import close_open_calls
from leadyard.pipeline.process_leads import _line_up, process_leads
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.provider_gates import Pace
from leadyard.worker.upkeep import forget_bought_answers

ENRICH = ListOptions(enrich=True)
FIRST_THEN_ORDERED = Order(("first",), ("ordered",), (), ("first",))


async def test_what_was_found_is_not_bought_again_while_a_lead_waits_for_more(bench: Workbench) -> None:
    first = PaidStandIn("first", knows={"ada": ADA})
    ordered = OrderedStandIn("ordered", knows={"ada": ADA})
    await use(bench, FIRST_THEN_ORDERED, first, ordered)
    # Nothing is kept for others, and yet the lead need not pay for its own wait.
    never = Freshness(timedelta(0), timedelta(0))
    bench.pipeline = replace(bench.pipeline, desk=replace(bench.pipeline.desk, freshness=never))
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    for _ in range(3):
        run_at = await bench.run(chunk)
        assert run_at is not None
        bench.clock.now = run_at
    ordered.ready.add("order-1")
    await bench.finish(made)
    assert len(first.asked) == 1
    assert await calls(bench) == [("first", "settled", 1000), ("ordered", "settled", 1000)]
    again = await bench.create(linkedin_leads("ada"), ENRICH)
    ordered.ready.add("order-2")
    await bench.finish(again)
    assert len(first.asked) == 2


async def test_answer_that_comes_after_its_call_was_given_up_is_written_down(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)

    async def sleep_long() -> None:
        bench.clock.advance(seconds=91)
        await close_open_calls(bench.pipeline.desk)
        assert await calls(bench) == [("paid", "lost", 2000)]

    paid.before_answer = sleep_long
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    await bench.finish(made)
    assert await calls(bench) == [("paid", "settled", 1000)]
    paid.before_answer = None
    await bench.finish(await bench.create(linkedin_leads("ada"), ENRICH))
    assert len(paid.asked) == 2


async def test_order_of_a_canceled_list_is_fetched_and_settled(bench: Workbench) -> None:
    paid = OrderedStandIn("ordered", knows={"ada": ADA}, price=3.0)
    await use(bench, everywhere("ordered"), paid)
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    await bench.cancel(made)
    paid.ready.add("order-1")
    bench.clock.advance(minutes=10)
    assert await close_open_calls(bench.pipeline.desk) == 1
    assert await calls(bench) == [("ordered", "settled", 3000)]
    assert await close_open_calls(bench.pipeline.desk) == 0


async def test_order_whose_provider_is_gone_is_lost_in_the_end(bench: Workbench) -> None:
    paid = OrderedStandIn("ordered", knows={"ada": ADA})
    await use(bench, everywhere("ordered"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    await bench.delete(made)
    await bench.write("DELETE FROM provider_settings")
    bench.clock.advance(hours=23)
    await close_open_calls(bench.pipeline.desk)
    assert await calls(bench) == [("ordered", "ordered", 0)]
    bench.clock.advance(hours=2)
    await close_open_calls(bench.pipeline.desk)
    assert await calls(bench) == [("ordered", "lost", 1000)]


@pytest.mark.parametrize("error", [CallFailed(Failure.THROTTLED, retry_after=20), KeyError("their answer")])
async def test_order_that_cannot_be_fetched_now_is_fetched_later(
    bench: Workbench, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = OrderedStandIn("ordered", knows={"ada": ADA})
    await use(bench, everywhere("ordered"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at is not None

    async def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(OrderedStandIn, "collect", fail)
        bench.clock.now = run_at
        assert await bench.run(chunk) is not None
    (gate,) = await bench.query("SELECT next_call_at, failures FROM provider_gates")
    if isinstance(error, CallFailed):
        assert gate.next_call_at == int((bench.clock.now + timedelta(seconds=20)).timestamp() * 1000)
    else:
        assert gate.failures == 1
    paid.ready.add("order-1")
    await bench.finish(made)
    assert await calls(bench) == [("ordered", "settled", 1000)]


async def test_answers_keep_their_places_where_a_question_was_deleted(bench: Workbench) -> None:
    paid = OrderedStandIn("ordered", knows=crowd(3))
    await use(bench, everywhere("ordered"), paid)
    made = await bench.create(linkedin_leads("lead-0", "lead-1", "lead-2"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    await bench.write("DELETE FROM provider_answers WHERE place = 0")
    paid.orders["order-1"][0] = NO_QUERY
    paid.ready.add("order-1")
    await bench.cancel(made)
    bench.clock.advance(minutes=10)
    await close_open_calls(bench.pipeline.desk)
    rows = await bench.query("SELECT place, answer FROM provider_answers ORDER BY place")
    assert [(row.place, f"p-lead-{row.place}" in row.answer) for row in rows] == [(1, True), (2, True)]


@pytest.mark.parametrize(("reason", "seconds"), [("throttled", 30), ("out_of_credit", 300)])
async def test_lead_refused_among_others_waits_and_loses_no_attempt(
    bench: Workbench, reason: str, seconds: int
) -> None:
    refused: dict[str, PersonAnswer] = {"bob": Unavailable(reason)}
    paid = PaidStandIn("paid", knows={"ada": ADA, "bob": replace_person(ADA, id="bob")}, answers=refused)
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    paused = (await bench.read(made)).pause
    # Who has to wait for longer than a moment does so with the whole list.
    assert (run_at if paused is None else paused.until) == bench.clock.now + timedelta(seconds=seconds)
    (row,) = await bench.query("SELECT attempts FROM lead_list_entries WHERE status = 'queued'")
    assert row.attempts == 0
    refused.clear()
    bench.clock.advance(seconds=seconds)
    assert await bench.resume_paused() == (paused is not None)
    await bench.finish(made)
    assert [entry.findings.enrich for entry in await bench.entries(made)] == [Outcome.FOUND] * 2
    assert paid.sold == {"ada": 1, "bob": 1}


async def test_person_keeps_their_id_when_another_provider_tells_the_numbers(bench: Workbench) -> None:
    people = PaidStandIn("people", knows={"ada": replace_person(ADA, email=None)})
    numbers = replace_person(ADA, id="other", email=None, phone_numbers=(PhoneNumber("+12125550100"),))
    phones = PaidStandIn("phones", knows={"ada": numbers})
    await use(bench, Order(("people",), (), ("phones",), ("people",)), people, phones)
    persons = []
    for options in (ENRICH, ALL_STEPS):
        made = await bench.create(linkedin_leads("ada"), options)
        await bench.finish(made)
        persons.append((await only_entry(bench, made)).findings.person)
    assert persons[0] is not None
    assert persons[1] is not None
    assert persons[1].phone_numbers
    assert persons[0].id == persons[1].id
    assert [amount for _, amount in await bench.charges()] == [500, 1000]


async def test_provider_that_tells_nothing_of_what_is_wanted_has_found_nobody(bench: Workbench) -> None:
    paid = PaidStandIn("paid", answers={"ada": FoundPerson(replace_person(ADA, email=None), cost=1.0)})
    await use(bench, Order((), ("paid",), (), ()), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    findings = (await only_entry(bench, made)).findings
    assert (findings.enrich, findings.person) == (Outcome.NOT_FOUND, None)
    assert await bench.charges() == []
    assert await calls(bench) == [("paid", "settled", 1000)]


async def test_costs_add_up_to_the_thousandth_whatever_a_credit_is_worth(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=30, knows=crowd(30), price=1 / 3)
    await use(bench, everywhere("paid"), paid, credit_price=0.1)
    await bench.finish(await bench.create(linkedin_leads(*paid.knows), ENRICH))
    assert await calls(bench) == [("paid", "settled", 1000)]


def test_most_that_a_question_can_cost_is_rounded_up() -> None:
    assert [most_milli(cost) for cost in (0.0, 0.0001, 0.2, 0.0011, 1.0)] == [0, 1, 200, 2, 1000]


async def test_answers_too_old_to_be_used_are_deleted_and_what_they_cost_is_not(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    await bench.finish(await bench.create(linkedin_leads("ada", "nobody"), ENRICH))
    bench.clock.advance(days=16)
    assert await forget_bought_answers(bench.database, Freshness()) == 1
    bench.clock.advance(days=76)
    assert await forget_bought_answers(bench.database, Freshness()) == 1
    assert await calls(bench) == [("paid", "settled", 1000)]


async def test_fast_provider_is_not_called_faster_for_whole_milliseconds(bench: Workbench) -> None:
    await bench.live()
    waits = []
    for _ in range(5):
        async with bench.database.write() as tx:
            gate = await gate_rows.pass_gate(tx, bench.caller.workspace_id, "fast", Pace(400.0))
            waits.append(gate.wait_ms)
    assert waits == [0, 3, 6, 9, 12]


async def test_chunk_whose_turn_is_over_lines_up_behind_the_others_of_its_list(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=10, knows=crowd(300))
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    first, *_ = await bench.chunks(made)
    assert await process_leads(replace(bench.pipeline, turn_seconds=0.0), first, bench.stop) is None
    waiting = await bench.chunks(made)
    assert waiting[-1] == first
    assert (await bench.read(made)).progress.queued == 300
    for chunk in waiting:
        assert await bench.run(chunk) is None
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    assert set(paid.sold.values()) == {1}


async def test_nothing_lines_up_for_a_list_that_was_paused_meanwhile(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows=crowd(10))
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.write("UPDATE lead_lists SET paused_reason = 'requested', paused_at = 0")
    before = len(await bench.chunks(made))
    await _line_up(bench.pipeline, chunk)
    assert len(await bench.chunks(made)) == before
