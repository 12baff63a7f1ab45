"""Calls to a paid provider are written down in groups, and shared by those who ask at the same time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from tests.support.paying import ADA, calls, crowd, everywhere, replace_person, use
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Group, PersonQuery
from leadyard.domain.waterfall import Freshness, SpendingLimits
from leadyard.pipeline.call_desk import CallDesk
from leadyard.pipeline.errands import Errands
from leadyard.pipeline.metered import Metered
from leadyard.pipeline.paid_service import PaidService
from leadyard.pipeline.replies import Budget, Reply, Told
from leadyard.pipeline.reserving import Wish
from leadyard.storage.database import Database
from leadyard.worker.embedded import EmbeddedDispatcher

PERSON = frozenset({Group.PERSON})
SOON = 10.0
A_WHILE = 0.25
"""In which somebody who may ask would have asked."""


def metered_by(bench: Workbench, paid: PaidStandIn) -> Metered[PaidStandIn]:
    """The provider as a process of the workspace asks it."""
    return Metered(PaidService(paid.name, paid), bench.database, bench.caller.workspace_id)


def ask(bench: Workbench, metered: Metered[PaidStandIn], slug: str) -> asyncio.Task[list[Reply]]:
    """One who asks for a person."""
    budget = Budget(bench.caller.workspace_id, None, SpendingLimits(), Freshness())
    query = PersonQuery(slug, ListType.LINKEDIN, slug, None, None, None, None, wanted=PERSON)
    return asyncio.create_task(metered.ask(budget, PERSON, [query]))


@asynccontextmanager
async def blocked(paid: PaidStandIn) -> AsyncIterator[asyncio.Event]:
    """The provider answers nobody before the end of the block; the event says that it was asked."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        asked.set()
        await may_answer.wait()

    paid.before_answer = wait
    try:
        yield asked
    finally:
        may_answer.set()


async def shares(bench: Workbench) -> list[tuple[str, int]]:
    """Who may have how many calls under way."""
    rows = await bench.query("SELECT provider, slots FROM provider_shares")
    return [(row.provider, row.slots) for row in rows]


async def test_calls_of_many_leads_are_written_down_together(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=64, knows=crowd(200))
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ListOptions(enrich=True))
    (chunk,) = await bench.chunks(made)
    commits: list[object] = []
    event.listen(bench.database.writer.sync_engine, "commit", commits.append)
    await bench.run(chunk)
    assert set(paid.sold.values()) == {1}
    assert paid.sold.total() == 200
    # Two for each call, and one for who that is, would be 600.
    assert len(commits) < 200


async def test_call_that_cannot_be_written_down_is_no_fault_of_those_beside_it(bench: Workbench) -> None:
    people = crowd(6)
    people["lead-3"] = replace_person(ADA, title="no text has half a character: \ud800")
    paid = PaidStandIn("paid", batch_size=1, concurrency=6, knows=people)
    await bench.live()
    metered = metered_by(bench, paid)
    async with blocked(paid):
        asking = [ask(bench, metered, slug) for slug in people]
        await asyncio.wait(asking, timeout=A_WHILE)
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(each, list) for each in told] == [place != 3 for place in range(6)]
    assert sorted(state for _, state, _ in await calls(bench)) == ["reserved", *["settled"] * 5]


async def test_who_stands_in_line_is_told_that_the_database_is_away(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=4)
    nowhere = "postgresql+psycopg://leadyard@127.0.0.1:1/leadyard"
    away = Database(nowhere, bench.installation.dispatcher, bench.clock)
    errands = Errands()
    desk = CallDesk(PaidService("paid", paid), away, 1, timedelta(seconds=90), errands)
    wish = Wish(Budget(1, None, SpendingLimits(), Freshness()), PERSON, [])
    asking = [asyncio.create_task(desk.reserve(wish, math.inf)) for _ in range(3)]
    told = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), SOON)
    assert [type(each) for each in told] == [DatabaseAway] * 3
    await errands.close()
    await away.close()


async def test_who_gave_up_in_line_leaves_nothing_behind(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=1, knows=crowd(3))
    await bench.live()
    metered = metered_by(bench, paid)
    async with blocked(paid) as asked:
        first, second, third = (ask(bench, metered, f"lead-{place}") for place in range(3))
        await asyncio.wait_for(asked.wait(), SOON)
        second.cancel()
        await asyncio.wait([second])
        assert await shares(bench) == [("paid", 1)]
    for served in (first, third):
        (reply,) = await asyncio.wait_for(served, SOON)
        assert isinstance(reply, Told)
    assert await calls(bench) == [("paid", "settled", 1000)] * 2
    assert await shares(bench) == []


async def test_call_that_was_written_down_and_not_begun_is_taken_back(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=2, rate=1.0, knows=crowd(2))
    await bench.live()
    metered = metered_by(bench, paid)
    asking = [ask(bench, metered, slug) for slug in paid.knows]
    await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED, timeout=SOON)
    (waiting,) = (task for task in asking if not task.done())
    waiting.cancel()
    await asyncio.wait([waiting])
    assert sorted(await calls(bench)) == [("paid", "failed", 0), ("paid", "settled", 1000)]
    assert paid.sold.total() == 1
    assert await shares(bench) == []


async def test_share_of_a_process_that_died_goes_to_others_when_its_calls_must_have_ended(
    bench: Workbench,
) -> None:
    paid = PaidStandIn("paid", batch_size=1, concurrency=4, knows={"ada": ADA})
    await bench.live()
    await hold_all(bench, slots=4)
    asking = ask(bench, metered_by(bench, paid), "ada")
    await asyncio.wait([asking], timeout=A_WHILE)
    assert not asking.done()
    bench.clock.advance(seconds=91)
    await asyncio.wait_for(asking, SOON)
    assert paid.sold == {"ada": 1}


async def test_only_process_takes_what_the_one_before_it_had(bench: Workbench) -> None:
    if not bench.database.is_sqlite:
        pytest.skip("there may be others")
    await bench.live()
    await hold_all(bench, slots=4)
    stop = asyncio.Event()
    stop.set()

    async def handle(*_: object) -> None:
        raise AssertionError

    await EmbeddedDispatcher().run(bench.database, handle, 1, stop)
    assert await shares(bench) == []


async def hold_all(bench: Workbench, slots: int) -> None:
    """Another process has these, as the last thing that it wrote."""
    now = round(bench.clock.now.timestamp() * 1000)
    await bench.write(
        "INSERT INTO provider_shares (workspace_id, provider, holder, slots, wanted, renewed_at) "
        f"VALUES ({bench.caller.workspace_id}, 'paid', 'another', {slots}, {slots}, {now})"
    )
