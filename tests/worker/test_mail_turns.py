"""Slow mail hosts keep nobody else waiting, and greylisted addresses survive a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.stand_ins import Clock
from tests.support.workbench import Workbench, make_desk, open_workbench

from leadyard.actions import list_control
from leadyard.app import build
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import LeadList, ListOptions
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Deferred
from leadyard.pipeline import inquiries
from leadyard.pipeline.process_leads import Pipeline
from leadyard.settings import Settings
from leadyard.storage.database import Database
from leadyard.worker.upkeep import end_inquiries
from leadyard.worker.worker import Worker

VALIDATE = ListOptions(validate_email=True)
PATIENCE_SECONDS = 60.0
GREYLISTED = EmailVerdict("ada@x.example", EmailResult.UNKNOWN, "greylisted", is_complete=False)


@dataclass(slots=True)
class ShiftedClock(Clock):
    """The time of day, moved on by hand."""

    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@asynccontextmanager
async def working(bench: Workbench, slots: int = 2) -> AsyncIterator[None]:
    """A worker for as long as the block lasts."""
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(bench.pipeline, bench.installation.dispatcher, slots).run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def make_list(bench: Workbench, name: str, count: int) -> LeadList:
    """A list of addresses to be checked."""
    leads = [{"email": f"{name}{number}@x.example"} for number in range(count)]
    return await bench.create(leads, VALIDATE, ListType.EMAIL)


async def until_done(bench: Workbench, made: LeadList, count: int) -> None:
    """Waits until so many leads of a list are done."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await bench.read(made)).progress.done < count:
            await asyncio.sleep(0.02)


async def test_short_list_is_done_while_long_ones_wait_for_hosts_that_say_nothing(
    live_bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiries, "TURN_SECONDS", 0.1)
    bench, spoken = live_bench, asyncio.Event()
    bench.service.batch_size, bench.service.concurrency = 1, 10_000

    async def say_nothing(step: Step, email: str) -> None:
        if email.startswith("slow"):
            await spoken.wait()

    bench.service.before_answer = say_nothing
    slow = await make_list(bench, "slow", 250)
    async with working(bench):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while bench.service.asked.total() < 250:
                await asyncio.sleep(0.02)
        mixed = await make_list(bench, "quick", 10)
        await until_done(bench, mixed, 10)
        assert (await bench.read(slow)).progress.done == 0
        spoken.set()
        await until_done(bench, slow, 250)
    assert set(bench.service.asked.values()) == {1}
    assert (await bench.read(slow)).progress.failed == 0


@pytest.mark.parametrize("stopped", ["canceled", "deleted", "paused"])
async def test_nothing_more_is_asked_for_a_list_that_was_stopped(
    live_bench: Workbench, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    monkeypatch.setattr(inquiries, "TURN_SECONDS", 0.1)
    bench, spoken = live_bench, asyncio.Event()
    bench.service.batch_size, bench.service.concurrency = 1, 4

    async def say_nothing(step: Step, email: str) -> None:
        await spoken.wait()

    bench.service.before_answer = say_nothing
    made, other = await make_list(bench, "stopped", 20), await make_list(bench, "other", 2)
    for chunk in (*await bench.chunks(made), *await bench.chunks(other)):
        await bench.run(chunk)
    assert bench.service.asked.total() == 4
    assert await end_inquiries(bench.pipeline.desk) == 0
    if stopped == "paused":
        async with bench.database.write() as tx:
            await list_control.pause_list(tx, bench.caller, made.id)
    else:
        await (bench.cancel if stopped == "canceled" else bench.delete)(made)
    assert await end_inquiries(bench.pipeline.desk) == 1
    spoken.set()
    await bench.finish(other)
    assert bench.service.asked.total() == 4 + 2
    assert (await bench.read(other)).progress.done == 2


async def _restarted(settings: Settings, bench: Workbench) -> Workbench:
    """The same installation as a new process has it."""
    built = build(settings)
    await built.database.close()
    database = Database(settings.url, built.dispatcher, bench.clock, built.digest)
    pipeline = Pipeline(database, make_desk(database, bench.service, bench.clock), bench.clock)
    return Workbench(built, database, pipeline, bench.rules, bench.caller, bench.clock, bench.service)


async def _make_jobs_due(bench: Workbench) -> None:
    """PostgreSQL's queue goes by the server's time, which nobody can move."""
    if not bench.database.is_sqlite:
        await bench.write("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


async def _minutes_to_the_retry(bench: Workbench) -> int:
    (row,) = await bench.query("SELECT not_before FROM lead_list_entries")
    return round((int(row.not_before) / 1000 - bench.clock().timestamp()) / 60)


async def test_greylisted_address_is_asked_again_by_new_processes_and_is_unknown_after_the_third_time(
    settings: Settings,
) -> None:
    clock, waits = ShiftedClock(), []
    async with open_workbench(settings, clock) as first:
        first.service.verdict = lambda _: Deferred(GREYLISTED)
        made = await make_list(first, "ada", 1)
        for asked in (1, 2, 3, 4):
            bench = await _restarted(settings, first)
            await _make_jobs_due(bench)
            async with working(bench), asyncio.timeout(PATIENCE_SECONDS):
                while bench.service.asked.total() < asked or (await bench.read(made)).progress.processing:
                    await asyncio.sleep(0.02)
            if asked < 4:
                waits.append(await _minutes_to_the_retry(bench))
                clock.shift += timedelta(minutes=waits[-1], seconds=5)
            await bench.database.close()
        (entry,) = await first.entries(made)
        assert waits == [5, 15, 60]
        assert (entry.status, entry.findings.validate) == (EntryStatus.DONE, Outcome.UNAVAILABLE)
        assert entry.findings.verdict is not None
        assert (entry.findings.verdict.result, entry.findings.verdict.reason) == ("unknown", "greylisted")
        assert await first.charges() == []
