"""A clock that is set back keeps nobody waiting longer than they were to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.entries import EntryStatus, Step
from leadyard.domain.lead_lists import ListOptions
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Database
from leadyard.storage.provider_gates import Pace
from leadyard.worker.clock_watch import ClockWatch

ENRICH = ListOptions(enrich=True)
HOUR = timedelta(hours=1)


class Leads:
    """What the clocks are ahead of the time that passes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def __call__(self, _database: Database) -> Sequence[float]:
        return [self.seconds]


async def set_back(bench: Workbench, watch: ClockWatch, leads: Leads) -> None:
    """The clock goes back by an hour, and somebody notices."""
    assert not await watch.notice_steps()
    bench.clock.advance(hours=-1)
    leads.seconds -= 3600
    assert await watch.notice_steps() == HOUR
    assert not await watch.notice_steps()


async def test_lead_waits_no_longer_than_it_was_to(bench: Workbench) -> None:
    leads = Leads()
    watch = ClockWatch(bench.database, leads)
    bench.service.down = {Step.ENRICH}
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at == bench.clock.now + timedelta(seconds=1)
    await set_back(bench, watch, leads)
    assert await bench.run(chunk) == run_at - HOUR
    bench.service.down = set()
    bench.clock.advance(seconds=1)
    assert await bench.run(chunk) is None
    assert [entry.status for entry in await bench.entries(made)] == [EntryStatus.DONE]


async def test_provider_that_takes_no_calls_takes_them_when_it_was_to(bench: Workbench) -> None:
    leads = Leads()
    watch = ClockWatch(bench.database, leads)

    async def pass_gate() -> int | None:
        async with bench.database.write() as tx:
            gate = await gate_rows.pass_gate(tx, bench.caller.workspace_id, "paid", Pace(1.0))
            return None if gate.closed_until else gate.wait_ms

    assert await pass_gate() == 0
    await set_back(bench, watch, leads)
    assert await pass_gate() == 1000
    async with bench.database.write() as tx:
        await gate_rows.refuse_calls(tx, bench.caller.workspace_id, "paid", "unauthorized")
    await set_back(bench, watch, leads)
    assert await pass_gate() is None
    bench.clock.advance(minutes=5)
    assert await pass_gate() == 0


async def test_job_is_begun_when_it_was_to(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    leads = Leads()
    watch = ClockWatch(bench.database, leads)
    if not bench.database.is_sqlite:
        # Its own clock is not to be moved: the job is as it looks once it was.
        later = "now() + CAST('3601 seconds' AS interval)"
        await bench.write(f"UPDATE procrastinate_jobs SET scheduled_at = {later}")
    await set_back(bench, watch, leads)
    bench.clock.advance(seconds=2)
    assert (await bench.read(made)).progress.queued == 1
    due = "SELECT count(*) FROM chunks WHERE run_at <= :now"
    if not bench.database.is_sqlite:
        due = "SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at <= now() + interval '2 s'"
    async with bench.database.read() as tx:
        assert (await tx.conn.execute(text(due), {"now": tx.now_ms})).scalar_one() == 1


async def test_clock_that_was_set_back_while_nobody_worked_is_noticed_at_the_start(bench: Workbench) -> None:
    bench.service.down = {Step.ENRICH}
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at is not None
    bench.clock.advance(hours=-1)
    assert await ClockWatch(bench.database, Leads()).notice_steps() == HOUR
    assert await bench.run(chunk) == run_at - HOUR


async def test_step_that_a_process_did_not_live_to_make_up_for_is_noticed_by_the_next(
    bench: Workbench,
) -> None:
    await bench.create(linkedin_leads("lead"), ENRICH)
    bench.clock.advance(hours=-1)
    await bench.write("ALTER TABLE provider_gates RENAME TO elsewhere")
    with pytest.raises(DBAPIError):
        await ClockWatch(bench.database, Leads()).notice_steps()
    await bench.write("ALTER TABLE elsewhere RENAME TO provider_gates")
    assert await ClockWatch(bench.database, Leads()).notice_steps() == HOUR


async def test_step_that_was_made_up_for_is_not_noticed_again(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("lead"), ENRICH)
    await bench.finish(made)
    bench.clock.advance(hours=-1)
    assert await ClockWatch(bench.database, Leads()).notice_steps() == HOUR
    assert not await ClockWatch(bench.database, Leads()).notice_steps()


async def test_clocks_that_are_slewed_move_nothing(bench: Workbench) -> None:
    leads = Leads()
    watch = ClockWatch(bench.database, leads)
    for _ in range(10):
        leads.seconds -= 0.5
        assert not await watch.notice_steps()
    leads.seconds += 3600
    assert not await watch.notice_steps()


async def test_clocks_are_read_where_moments_are_written_by_them(bench: Workbench) -> None:
    watch = ClockWatch(bench.database)
    assert not await watch.notice_steps()
    bench.clock.advance(hours=-1)
    assert (await watch.notice_steps()) > HOUR - timedelta(seconds=1)
