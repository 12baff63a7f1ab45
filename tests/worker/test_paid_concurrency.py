"""Many ask paid providers at once: limits and rates hold, and whoever has few leads is soon done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec.structs import replace
from tests.support.paying import crowd, everywhere, use
from tests.support.stand_ins import PaidStandIn, RunningClock
from tests.support.workbench import Workbench, linkedin_leads, make_desk

from leadyard.domain.lead_lists import LeadList, ListOptions
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Group, PersonQuery
from leadyard.domain.waterfall import Freshness, SpendingLimits
from leadyard.pipeline.metered import Metered
from leadyard.pipeline.paid_service import PaidService
from leadyard.pipeline.replies import Budget, Told
from leadyard.storage.database import Database
from leadyard.worker.worker import Worker

ENRICH = ListOptions(enrich=True)
PATIENCE_SECONDS = 60.0
LATE_SECONDS = 0.3
"""How much later than its turn a call may be made where the machine is busy; the next one is not."""


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


async def until_done(bench: Workbench, made: LeadList) -> None:
    """Waits until all leads of a list are done."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await bench.read(made)).progress.done < made.progress.total:
            await asyncio.sleep(0.02)


async def test_limit_is_reached_and_never_exceeded_by_many_at_once(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=3, concurrency=8, knows=crowd(160))

    async def let_others_go() -> None:
        await asyncio.sleep(0.001)

    paid.before_answer = let_others_go
    await use(bench, everywhere("paid"), paid, limits=SpendingLimits(day=50, providers={"paid": 70}))
    slugs = list(paid.knows)
    lists = [await bench.create(linkedin_leads(*slugs[at : at + 20]), ENRICH) for at in range(0, 160, 20)]
    chunks = [chunk for made in lists for chunk in await bench.chunks(made)]
    await asyncio.gather(*(bench.run(chunk) for chunk in chunks))
    assert paid.sold.total() == 50
    assert max(paid.sold.values()) == 1
    (row,) = await bench.query("SELECT sum(cost) AS cost FROM provider_calls")
    assert row.cost == 50_000


async def test_overlapping_lists_in_two_processes_buy_each_person_once(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=4, knows=crowd(60))
    await use(bench, everywhere("paid"), paid)
    other = Database(
        bench.database.url.render_as_string(False),
        bench.installation.dispatcher,
        bench.clock,
        bench.installation.digest,
    )
    try:
        desk = make_desk(other, bench.service, bench.clock, bench.pipeline.desk.make)
        pipelines = [bench.pipeline, replace(bench.pipeline, database=other, desk=desk)]
        slugs = list(paid.knows)
        lists = [await bench.create(linkedin_leads(*part), ENRICH) for part in (slugs[:40], slugs[:19:-1])]
        for _ in range(3):
            benches = [replace(bench, pipeline=pipeline) for pipeline in pipelines]
            await asyncio.gather(*(one.finish(made) for one, made in zip(benches, lists, strict=True)))
    finally:
        await other.close()
    assert [(await bench.read(made)).progress.done for made in lists] == [40, 40]
    assert set(paid.sold.values()) == {1}
    assert paid.sold.total() == 60


async def test_calls_of_all_processes_keep_to_the_rate(live_bench: Workbench) -> None:
    rate = 25.0
    paid = PaidStandIn("paid", batch_size=1, rate=rate)
    times: list[float] = []

    async def note() -> None:
        times.append(time.monotonic())

    paid.before_answer = note
    await ask_in_two_processes(live_bench, paid, tasks=4, questions=10)
    times.sort()
    assert len(times) == 40
    for first in range(40):
        for last in range(first + 1, 40):
            assert times[last] - times[first] > (last - first) / rate - LATE_SECONDS


async def test_calls_of_all_processes_are_never_more_at_once_than_the_provider_takes(
    live_bench: Workbench,
) -> None:
    paid = PaidStandIn("paid", batch_size=1, rate=1_000.0, concurrency=2)
    under_way: list[int] = [0]

    async def take_time() -> None:
        under_way.append(under_way[-1] + 1)
        await asyncio.sleep(0.02)
        under_way.append(under_way[-1] - 1)

    paid.before_answer = take_time
    await ask_in_two_processes(live_bench, paid, tasks=6, questions=3)
    assert len(paid.asked) == 18
    assert max(under_way) == 2


async def ask_in_two_processes(bench: Workbench, paid: PaidStandIn, *, tasks: int, questions: int) -> None:
    """So many ask at once, each so many times, half of them over connections of another process."""
    await bench.live()
    budget = Budget(bench.caller.workspace_id, None, SpendingLimits(), Freshness(timedelta(1), timedelta(1)))
    url = bench.database.url.render_as_string(False)
    databases = [Database(url, bench.installation.dispatcher, RunningClock()) for _ in range(2)]

    processes = {
        database: Metered(PaidService("paid", paid), database, bench.caller.workspace_id)
        for database in databases
    }

    async def ask(name: str, database: Database) -> None:
        metered = processes[database]
        for number in range(questions):
            slug = f"{name}-{number}"
            query = PersonQuery(slug, ListType.LINKEDIN, slug, None, None, None, None)
            (reply,) = await metered.ask(budget, frozenset({Group.PERSON}), [query])
            assert isinstance(reply, Told)

    try:
        await asyncio.gather(*(ask(f"task-{place}", databases[place % 2]) for place in range(tasks)))
    finally:
        for database in databases:
            await database.close()


async def test_list_of_ten_does_not_wait_for_the_line_of_a_long_one(live_bench: Workbench) -> None:
    bench = live_bench
    paid = PaidStandIn("paid", batch_size=1, concurrency=2, knows=crowd(400, "long") | crowd(10, "short"))

    async def take_time() -> None:
        await asyncio.sleep(0.02)

    paid.before_answer = take_time
    await use(bench, everywhere("paid"), paid)
    bench.pipeline = replace(bench.pipeline, turn_seconds=0.2)
    names = {name: [slug for slug in paid.knows if slug.startswith(name)] for name in ("long", "short")}
    long = await bench.create(linkedin_leads(*names["long"]), ENRICH)
    async with working(bench):
        while len(paid.asked) < 10:
            await asyncio.sleep(0.01)
        short = await bench.create(linkedin_leads(*names["short"]), ENRICH)
        before = len(paid.asked)
        await until_done(bench, short)
        meanwhile = len(paid.asked) - before - 10
        await bench.cancel(long)
    # Two hundred leads of the long list were under way.
    assert meanwhile < 100
    assert set(paid.sold.values()) == {1}
