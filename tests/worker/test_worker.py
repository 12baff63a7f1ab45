"""A worker in the test's own process: whose turn it is, what it survives, and what it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.accounts import Mode
from leadyard.domain.entries import Step
from leadyard.domain.lead_lists import CHUNK_SIZE, TAGS_A_ROUND, LeadList, ListOptions, ListStatus
from leadyard.domain.providers import Providers
from leadyard.worker import worker as worker_module
from leadyard.worker.worker import MAX_CHUNK_ATTEMPTS, Worker

ENRICH = ListOptions(enrich=True)
PATIENCE_SECONDS = 20.0


@asynccontextmanager
async def working(bench: Workbench, slots: int = 2) -> AsyncIterator[None]:
    """A worker for as long as the block lasts; it must end in good order."""
    stop = asyncio.Event()
    worker = Worker(bench.pipeline, bench.installation.dispatcher, slots)
    running = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def until_ended(bench: Workbench, *lists: LeadList) -> None:
    """Waits until no chunk of these lists is left."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for made in lists:
            while await bench.chunks(made):
                await asyncio.sleep(0.02)


def leads(name: str, number: int) -> list[dict[str, str]]:
    """So many leads whose keys begin with the name."""
    return linkedin_leads(*(f"{name}-{place}" for place in range(number)))


def note_chunks(bench: Workbench, *, size: int = CHUNK_SIZE) -> list[str]:
    """The list whose chunk is begun, chunk after chunk, as its first lead tells; filled as they are."""
    begun: list[str] = []

    async def note(_step: Step, key: str) -> None:
        name, _, place = key.partition("-")
        if int(place) % size == 0:
            begun.append(name)

    bench.service.before_answer = note
    bench.service.batch_size = size
    return begun


async def test_list_of_ten_does_not_wait_for_a_long_one(live_bench: Workbench) -> None:
    begun = note_chunks(live_bench)
    long = await live_bench.create(leads("long", 3_000), ENRICH)
    short = await live_bench.create(leads("short", 10), ENRICH)
    async with working(live_bench, slots=1):
        await until_ended(live_bench, short, long)
    assert begun.count("long") == 3_000 // CHUNK_SIZE
    assert begun.index("short") <= 2


async def test_list_added_in_the_middle_of_a_long_one_is_next(live_bench: Workbench) -> None:
    begun = note_chunks(live_bench)
    long = await live_bench.create(leads("long", 3_000), ENRICH)
    is_late, go_on = asyncio.Event(), asyncio.Event()
    note = live_bench.service.before_answer

    async def pause_at_the_tenth(step: Step, key: str) -> None:
        await note(step, key)
        if key == "long-1000":
            is_late.set()
            await go_on.wait()

    live_bench.service.before_answer = pause_at_the_tenth
    async with working(live_bench, slots=1):
        await is_late.wait()
        short = await live_bench.create(leads("short", 10), ENRICH)
        go_on.set()
        await until_ended(live_bench, short, long)
    assert begun.index("short") - begun.index("long") <= 10 + 3


async def test_lists_of_the_same_length_take_turns(live_bench: Workbench) -> None:
    begun = note_chunks(live_bench)
    made = [await live_bench.create(leads(name, 4 * CHUNK_SIZE), ENRICH) for name in ("a", "b")]
    async with working(live_bench, slots=1):
        await until_ended(live_bench, *made)
    assert begun == ["a", "b"] * 4


async def test_shortest_list_comes_first_among_many_that_wait(live_bench: Workbench) -> None:
    begun = note_chunks(live_bench)
    long = [await live_bench.create(leads(name, 2 * CHUNK_SIZE), ENRICH) for name in ("a", "b", "c")]
    short = await live_bench.create(leads("short", 10), ENRICH)
    async with working(live_bench, slots=1):
        await until_ended(live_bench, *long, short)
    assert begun == ["short", "a", "b", "c", "a", "b", "c"]


async def test_later_leads_line_up_behind_those_of_their_list(live_bench: Workbench) -> None:
    begun = note_chunks(live_bench)
    all_leads = leads("long", 4 * CHUNK_SIZE)
    long = await live_bench.create(all_leads[: 2 * CHUNK_SIZE], ENRICH)
    for start in (2 * CHUNK_SIZE, 3 * CHUNK_SIZE):
        await live_bench.add(long, all_leads[start : start + CHUNK_SIZE])
    other = await live_bench.create(leads("other", 2 * CHUNK_SIZE), ENRICH)
    async with working(live_bench, slots=1):
        await until_ended(live_bench, long, other)
    assert begun.index("other") <= 2
    assert begun[:5].count("other") == 2


async def test_chunk_that_waits_for_a_retry_does_not_let_everyone_new_in_front(bench: Workbench) -> None:
    """Were the clock of fair queueing the tag of a chunk that waits, older lists would never get a turn."""
    old = await bench.create(leads("old", 5 * CHUNK_SIZE), ENRICH)
    first, second, third, *rest = await bench.chunks(old)
    if bench.database.is_sqlite:
        delay = "UPDATE chunks SET run_at = run_at + 3600000 WHERE first_sequence = :sequence"
        end = "DELETE FROM chunks WHERE first_sequence = :sequence"
    else:
        begins = "CAST(args ->> 'first_sequence' AS int) = :sequence"
        delay = f"UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE {begins}"
        end = f"DELETE FROM procrastinate_jobs WHERE {begins}"
    await bench.write(delay, sequence=first.first_sequence)
    for chunk in (second, third):
        await bench.write(end, sequence=chunk.first_sequence)
    new = await bench.create(leads("new", 10), ENRICH)
    table = "chunks" if bench.database.is_sqlite else "procrastinate_jobs"
    tag = "tag" if bench.database.is_sqlite else "-priority"
    tags = [row.tag for row in await bench.query(f"SELECT {tag} AS tag FROM {table} ORDER BY id")]
    assert len(tags) == 1 + len(rest) + 1
    assert [tag // TAGS_A_ROUND for tag in (tags[0], tags[1], tags[-1])] == [0, 3, 3]
    await bench.cancel(new)


async def test_leads_that_wait_are_done_in_the_end(live_bench: Workbench) -> None:
    live_bench.service.knows = {f"lead-{number}": Known(f"p-{number}") for number in range(5)}
    live_bench.service.failures[Step.ENRICH, "lead-3"] = 1
    made = await live_bench.create(leads("lead", 5), ENRICH)
    async with working(live_bench):
        await until_ended(live_bench, made)
    assert (await live_bench.read(made)).progress.done == 5
    assert sum(amount for _, amount in await live_bench.charges()) == 2_500
    assert live_bench.service.asked[Step.ENRICH, "lead-3"] == 2


class _FailingOnce(dict[Mode, Providers]):
    """Has no providers the first time."""

    has_failed = False

    def __getitem__(self, mode: Mode) -> Providers:
        if not self.has_failed:
            self.has_failed = True
            raise KeyError(mode)
        return super().__getitem__(mode)


async def test_chunk_that_fails_is_run_again(live_bench: Workbench) -> None:
    own = live_bench.pipeline.desk.own
    failing = _FailingOnce(own)
    live_bench.pipeline = replace(live_bench.pipeline, desk=replace(live_bench.pipeline.desk, own=failing))
    made = await live_bench.create(leads("lead", 3), ENRICH)
    async with working(live_bench):
        await until_ended(live_bench, made)
    assert failing.has_failed
    assert (await live_bench.read(made)).status is ListStatus.COMPLETED


async def test_chunk_begun_too_often_is_given_up(live_bench: Workbench) -> None:
    made = await live_bench.create(leads("lead", 3), ENRICH)
    table = "chunks" if live_bench.database.is_sqlite else "procrastinate_jobs"
    await live_bench.write(f"UPDATE {table} SET attempts = {MAX_CHUNK_ATTEMPTS}")
    async with working(live_bench):
        await until_ended(live_bench, made)
    ended = await live_bench.read(made)
    assert (ended.status, ended.progress.failed) == (ListStatus.COMPLETED, 3)
    assert [balance.held for balance in (await live_bench.balances()).values()] == [0, 0]
    assert live_bench.service.calls == 0


async def test_worker_whose_dispatcher_fails_begins_it_again(
    live_bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RESTART_SECONDS", 0.1)
    table = "chunks" if live_bench.database.is_sqlite else "procrastinate_jobs"
    made = await live_bench.create(leads("lead", 3), ENRICH)
    await live_bench.write(f"ALTER TABLE {table} RENAME TO elsewhere")
    async with working(live_bench):
        await asyncio.sleep(0.5)
        await live_bench.write(f"ALTER TABLE elsewhere RENAME TO {table}")
        await until_ended(live_bench, made)
    assert (await live_bench.read(made)).progress.done == 3


async def test_idle_worker_begins_new_leads_at_once(live_bench: Workbench) -> None:
    async with working(live_bench):
        for number in range(3):
            await asyncio.sleep(0.3)
            made = await live_bench.create(leads(f"list{number}", 3), ENRICH)
            async with asyncio.timeout(0.9):
                while (await live_bench.read(made)).status is not ListStatus.COMPLETED:
                    await asyncio.sleep(0.01)
        await until_ended(live_bench, made)


@pytest.mark.parametrize("at_stop", ["idle", "busy"])
async def test_worker_leaves_no_task_behind(
    live_bench: Workbench, at_stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadyard.pipeline.process_leads.STOP_GRACE_SECONDS", 0.1)
    hold = asyncio.Event()
    begun = asyncio.Event()

    async def wait(_step: Step, _key: str) -> None:
        begun.set()
        if at_stop == "busy":
            await hold.wait()

    live_bench.service.before_answer = wait
    before = asyncio.all_tasks()
    made = await live_bench.create(leads("lead", 300), ENRICH)
    async with working(live_bench):
        await begun.wait()
        if at_stop == "idle":
            await until_ended(live_bench, made)
    assert asyncio.all_tasks() == before
    left = await live_bench.read(made)
    assert left.progress.processing == 0
    hold.set()
    async with working(live_bench):
        await until_ended(live_bench, made)
    assert (await live_bench.read(made)).progress.done == 300
