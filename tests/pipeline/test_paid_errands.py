"""Paid calls that are on their way when whoever asked goes away: they are seen through and written down."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.support.outage import make_impatient, nothing_can_be_written
from tests.support.paying import ADA, calls, everywhere, only_entry, use
from tests.support.stand_ins import OrderedStandIn, PaidStandIn
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.entries import Outcome
from leadyard.domain.lead_lists import Chunk, LeadList, ListOptions
from leadyard.domain.providers import CallFailed, Failure, Unavailable
from leadyard.domain.waterfall import Freshness
from leadyard.pipeline import process_leads
from leadyard.pipeline.open_calls import close_open_calls

ENRICH = ListOptions(enrich=True)
PATIENCE_SECONDS = 20.0


class Held:
    """A call that is on the wire until it is let go."""

    def __init__(self, service: PaidStandIn) -> None:
        self.is_sent, self.may_end = asyncio.Event(), asyncio.Event()
        service.before_answer = self._hold

    async def _hold(self) -> None:
        self.is_sent.set()
        await self.may_end.wait()


async def leave_on_the_wire(bench: Workbench, held: Held) -> tuple[LeadList, Chunk]:
    """A list whose chunk was ended while its call was under way."""
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await held.is_sent.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return made, chunk


@pytest.mark.parametrize("kind", [PaidStandIn, OrderedStandIn])
async def test_call_on_the_wire_is_written_down_although_its_lead_is_given_up(
    bench: Workbench, kind: type[PaidStandIn]
) -> None:
    paid = kind("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    held = Held(paid)
    made, _ = await leave_on_the_wire(bench, held)
    assert await calls(bench) == [("paid", "reserved", 0)]
    held.may_end.set()
    await bench.pipeline.desk.errands.close()
    if isinstance(paid, OrderedStandIn):
        assert await calls(bench) == [("paid", "ordered", 0)]
        paid.ready.add("order-1")
    await bench.finish(made)
    assert await calls(bench) == [("paid", "settled", 1000)]
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND
    assert paid.sold == {"ada": 1}


async def test_worker_that_stops_throws_no_answer_away(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_leads, "STOP_GRACE_SECONDS", 0.05)
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    held = Held(paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await held.is_sent.wait()
        bench.stop.set()
        await running
    held.may_end.set()
    await bench.pipeline.desk.errands.close()
    assert await calls(bench) == [("paid", "settled", 1000)]


async def test_installation_closes_when_its_paid_calls_are_written_down(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    held = Held(paid)
    await leave_on_the_wire(bench, held)
    closing = asyncio.create_task(replace(bench.installation, desk=bench.pipeline.desk).close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    held.may_end.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await closing
    assert await calls(bench) == [("paid", "settled", 1000)]


async def test_call_that_takes_too_long_does_not_keep_a_process_from_ending(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    await leave_on_the_wire(bench, Held(paid))
    before = len(asyncio.all_tasks())
    await bench.pipeline.desk.errands.close(0.05)
    assert len(asyncio.all_tasks()) < before
    assert await calls(bench) == [("paid", "reserved", 0)]


async def test_call_whose_turn_had_not_come_is_not_made(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, rate=1.0, knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await calls(bench)) < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bench.pipeline.desk.errands.close()
    assert [state for _, state, _ in await calls(bench)] == ["settled", "failed"]
    assert len(paid.asked) == 1


@pytest.mark.parametrize("came_to", ["settled", "ordered", "failed"])
async def test_what_a_call_came_to_is_written_down_when_the_database_is_back(
    bench: Workbench, came_to: str
) -> None:
    kind = OrderedStandIn if came_to == "ordered" else PaidStandIn
    failures = [CallFailed(Failure.DOWN)] if came_to == "failed" else []
    paid = kind("paid", knows={"ada": ADA}, failures=failures)
    await use(bench, everywhere("paid"), paid)
    await make_impatient(bench)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    with ExitStack() as outage:

        async def lose_the_database() -> None:
            outage.enter_context(nothing_can_be_written(bench, "provider_calls"))
            # Longer than one attempt to write, and over before the next.
            asyncio.get_running_loop().call_later(0.5, outage.close)

        paid.before_answer = lose_the_database
        await bench.run(chunk)
    assert [state for _, state, _ in await calls(bench)] == [came_to]
    paid.before_answer = None
    if isinstance(paid, OrderedStandIn):
        paid.ready.add("order-1")
    await bench.finish(made)
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND
    assert paid.sold == {"ada": 1}


async def test_order_whose_call_was_given_up_meanwhile_is_fetched(bench: Workbench) -> None:
    paid = OrderedStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)

    async def take_long() -> None:
        bench.clock.advance(seconds=91)
        await close_open_calls(bench.pipeline.desk)
        assert await calls(bench) == [("paid", "lost", 1000)]

    paid.before_answer = take_long
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    paid.ready.add("order-1")
    await bench.finish(made)
    assert await calls(bench) == [("paid", "settled", 1000)]
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND


async def fail_to_refresh(bench: Workbench) -> LeadList:
    """A list for which the person, who is known, is asked for anew."""
    desk = bench.pipeline.desk
    never = replace(desk, freshness=Freshness(timedelta(0), timedelta(0)))
    bench.clock.advance(days=2)
    anew = replace(bench, pipeline=replace(bench.pipeline, desk=never))
    made = await anew.create(linkedin_leads("ada"), ENRICH)
    await anew.finish(made)
    return made


@pytest.mark.parametrize("is_whole_call", [True, False])
async def test_answer_that_was_paid_for_outlives_a_call_that_comes_to_nothing(
    bench: Workbench, is_whole_call: bool
) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    await bench.finish(await bench.create(linkedin_leads("ada"), ENRICH))
    (before,) = await bench.query("SELECT * FROM provider_answers")
    if is_whole_call:
        paid.failures = [CallFailed(Failure.DOWN) for _ in range(3)]
    else:
        paid.answers = {"ada": Unavailable("provider_could_not")}
    refreshed = await fail_to_refresh(bench)
    assert (await only_entry(bench, refreshed)).findings.enrich is Outcome.UNAVAILABLE
    assert len(paid.asked) == 4
    assert await bench.query("SELECT * FROM provider_answers") == [before]
    later = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(later)
    assert (await only_entry(bench, later)).findings.enrich is Outcome.FOUND
    assert len(paid.asked) == 4
