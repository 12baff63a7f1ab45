"""Few leads that come to a list at the same time: added together, as if they came one after the other."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import event
from tests.support.webhooks import add_webhook, read_messages
from tests.support.workbench import Workbench, drafts_of, linkedin_leads

from leadyard.actions.adding_desk import MOST_BYTES, AddingDesk
from leadyard.actions.leads import AddedLeads, SentLeads
from leadyard.actions.rules import Rules
from leadyard.domain.capacity import Limits
from leadyard.domain.credits import CreditKind
from leadyard.domain.errors import (
    Conflict,
    DatabaseAway,
    Gone,
    InsufficientCredits,
    LeadyardError,
    NotFound,
    Refused,
)
from leadyard.domain.events import EventType
from leadyard.domain.lead_lists import NO_STEPS, SMALL_CHUNK, LeadList, ListOptions
from leadyard.domain.leads import ListType
from leadyard.storage import lead_lists as list_rows
from leadyard.storage.database import Database

ENRICH = ListOptions(enrich=True)
MOST = 1_500
"""Milli-credits that a lead can cost at most: a person and an e-mail."""

REQUEST: contextvars.ContextVar[str | None] = contextvars.ContextVar("request", default=None)

Told = AddedLeads | LeadyardError


@pytest.fixture
def desk(bench: Workbench) -> AddingDesk:
    return AddingDesk(bench.database)


async def add(
    bench: Workbench, desk: AddingDesk, made: LeadList, slugs: Sequence[str], **changes: Any
) -> Told:
    """What one request came to."""
    drafts = drafts_of(ListType.LINKEDIN, linkedin_leads(*slugs))
    sent = {"rules": bench.rules, "caller": bench.caller, "size": 100, "list_type": made.type, **changes}
    try:
        return await desk.add(list_id=made.id, drafts=drafts, **sent)
    except LeadyardError as error:
        return error


async def add_at_once(
    bench: Workbench, desk: AddingDesk, made: LeadList, *each: Sequence[str], **changes: Any
) -> list[Told]:
    """What requests came to that came at the same time. The first goes by itself."""
    return await asyncio.gather(*(add(bench, desk, made, slugs, **changes) for slugs in each))


@contextmanager
def counting_transactions(bench: Workbench) -> Iterator[list[object]]:
    """What writes, each transaction once."""
    begun: list[object] = []

    def note(connection: object) -> None:
        begun.append(connection)

    engine = bench.database.writer.sync_engine
    event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(engine, "begin", note)


def slugs(*numbers: int) -> list[str]:
    return [f"lead-{number}" for number in numbers]


async def stored(bench: Workbench, made: LeadList) -> list[tuple[int, str]]:
    rows = await bench.query(
        "SELECT sequence, key FROM lead_list_entries WHERE list_id = :id ORDER BY sequence", id=made.row_id
    )
    return [(row.sequence, row.key) for row in rows]


async def records(bench: Workbench, made: LeadList) -> list[tuple[Any, ...]]:
    """What is written down of each addition, in their order."""
    rows = await bench.query(
        "SELECT total, added, first_sequence, left_out, email_held FROM additions "
        "WHERE list_id = :id ORDER BY id",
        id=made.row_id,
    )
    return [tuple(row) for row in rows]


async def test_those_who_wait_are_added_in_one_transaction(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create(options=ENRICH)
    with counting_transactions(bench) as begun:
        told = await add_at_once(bench, desk, made, *([slug] for slug in slugs(*range(9))))
    assert [each.added for each in told if isinstance(each, AddedLeads)] == [1] * 9
    assert len({each.addition_id for each in told if isinstance(each, AddedLeads)}) == 9
    assert len(begun) == 2
    assert await stored(bench, made) == list(enumerate(slugs(*range(9)), 1))


async def test_lead_that_several_send_is_told_apart_in_the_same_transaction(
    bench: Workbench, desk: AddingDesk
) -> None:
    made = await bench.create(linkedin_leads("lead-0"), ENRICH)
    with counting_transactions(bench) as begun:
        told = await add_at_once(bench, desk, made, slugs(1), slugs(2), slugs(0, 2, 3), slugs(3, 1))
    assert [each.added for each in told if isinstance(each, AddedLeads)] == [1, 1, 1, 0]
    assert len(begun) == 2
    assert await stored(bench, made) == list(enumerate(slugs(0, 1, 2, 3), 1))


@pytest.mark.parametrize("options", [NO_STEPS, ENRICH])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    capacity=st.integers(1, 12),
    batches=st.lists(st.lists(st.integers(0, 12), max_size=4), min_size=2, max_size=8),
)
async def test_they_come_to_what_they_would_one_after_the_other(
    bench: Workbench, desk: AddingDesk, options: ListOptions, capacity: int, batches: list[list[int]]
) -> None:
    bench.rules = Rules(Limits(leads_per_list=capacity), bench.rules.prices)
    together, alone = await bench.create(options=options), await bench.create(options=options)
    told = await add_at_once(bench, desk, together, *(slugs(*batch) for batch in batches))
    expected = [await add(bench, desk, alone, slugs(*batch)) for batch in batches]
    assert [shape(each) for each in told] == [shape(each) for each in expected]
    assert await stored(bench, together) == await stored(bench, alone)
    assert await records(bench, together) == await records(bench, alone)
    assert (await bench.read(together)).progress == (await bench.read(alone)).progress
    await bench.finish(together)
    assert (await bench.read(together)).progress.done == len(await stored(bench, alone))


def shape(told: Told) -> object:
    return (told.total, told.added) if isinstance(told, AddedLeads) else told.faults


async def test_who_lacks_credits_keeps_no_other_out(bench: Workbench, desk: AddingDesk) -> None:
    bench.caller = await bench.open_account(email=3 * MOST)
    made = await bench.create(options=ENRICH)
    told = await add_at_once(bench, desk, made, *([slug] for slug in slugs(*range(5))))
    assert [type(each) for each in told] == [AddedLeads] * 3 + [InsufficientCredits] * 2
    assert (await bench.balances())[CreditKind.EMAIL].held == 3 * MOST


async def test_leads_of_one_request_that_are_too_costly_keep_no_other_out(
    bench: Workbench, desk: AddingDesk
) -> None:
    bench.caller = await bench.open_account(email=3 * MOST)
    made = await bench.create(options=ENRICH)
    told = await add_at_once(bench, desk, made, slugs(0), slugs(1), slugs(2, 3, 4), slugs(5))
    assert [type(each) for each in told] == [AddedLeads, AddedLeads, InsufficientCredits, AddedLeads]
    assert await stored(bench, made) == [(1, "lead-0"), (2, "lead-1"), (3, "lead-5")]


async def change_accounts(bench: Workbench, _made: LeadList) -> None:
    bench.caller = await bench.open_account()


@pytest.mark.parametrize(
    ("happening", "kind"),
    [(Workbench.cancel, Conflict), (Workbench.delete, Gone), (change_accounts, NotFound)],
)
async def test_all_are_refused_by_a_list_that_takes_none(
    bench: Workbench, desk: AddingDesk, happening: Any, kind: type[LeadyardError]
) -> None:
    made = await bench.create()
    await happening(bench, made)
    told = await add_at_once(bench, desk, made, *([slug] for slug in slugs(*range(4))))
    assert [type(each) for each in told] == [kind] * 4


async def test_leads_of_another_type_are_refused_alone(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create()
    kinds = [ListType.LINKEDIN, ListType.LINKEDIN, ListType.EMAIL, ListType.LINKEDIN]
    told = await asyncio.gather(
        *(add(bench, desk, made, slugs(at), list_type=kind) for at, kind in enumerate(kinds))
    )
    assert [type(each) for each in told] == [AddedLeads, AddedLeads, Refused, AddedLeads]


async def test_each_is_recorded_for_who_sent_it(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create(options=ENRICH)
    other = replace(bench.caller, key_id=0)
    callers = [bench.caller, bench.caller, other, bench.caller]
    with counting_transactions(bench) as begun:
        await asyncio.gather(
            *(add(bench, desk, made, slugs(at), caller=caller) for at, caller in enumerate(callers))
        )
    rows = await bench.query("SELECT key_id FROM additions WHERE added > 0 ORDER BY id")
    assert [row.key_id for row in rows] == [caller.key_id or None for caller in callers]
    assert len(begun) == 4


async def test_requests_by_other_rules_do_not_go_along(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create(options=ENRICH)
    cheaper = replace(bench.rules, prices=replace(bench.rules.prices, person_found=0))
    by = [bench.rules, bench.rules, cheaper]
    await asyncio.gather(*(add(bench, desk, made, slugs(at), rules=rules) for at, rules in enumerate(by)))
    held = [held for *_, held in await records(bench, made) if held]
    assert held == [MOST, MOST, MOST - bench.rules.prices.person_found]


@pytest.mark.parametrize(
    ("batches", "size", "transactions"),
    [
        ([10] * 4, 100, 3),
        ([SMALL_CHUNK] * 3, 100, 3),
        ([1] * 4, MOST_BYTES // 3, 2),
        ([1] * 4, MOST_BYTES // 2, 3),
        ([1] * 4, MOST_BYTES, 4),
    ],
)
async def test_few_go_together(
    bench: Workbench, desk: AddingDesk, batches: list[int], size: int, transactions: int
) -> None:
    made = await bench.create(options=ENRICH)
    starts = [sum(batches[:at]) for at in range(len(batches))]
    each = [slugs(*range(start, start + count)) for start, count in zip(starts, batches, strict=True)]
    with counting_transactions(bench) as begun:
        told = await add_at_once(bench, desk, made, *each, size=size)
    assert [one.added for one in told if isinstance(one, AddedLeads)] == batches
    assert len(begun) == transactions


def test_desk_takes_few_and_short_leads(desk: AddingDesk) -> None:
    drafts = drafts_of(ListType.LINKEDIN, linkedin_leads(*slugs(*range(SMALL_CHUNK + 1))))
    assert desk.takes(drafts[:-1], MOST_BYTES)
    assert not desk.takes(drafts, MOST_BYTES)
    assert not desk.takes(drafts[:-1], MOST_BYTES + 1)


async def test_each_addition_is_told_of_and_a_full_list_once(bench: Workbench, desk: AddingDesk) -> None:
    await add_webhook(
        bench,
        "https://hooks.example/",
        EventType.ADDITION_STORED,
        EventType.LIST_FULL,
        EventType.LIST_COMPLETED,
    )
    bench.rules = Rules(Limits(leads_per_list=4), bench.rules.prices)
    made = await bench.create(options=NO_STEPS)
    told = await add_at_once(bench, desk, made, slugs(0), slugs(1), slugs(1, 2), slugs(3), slugs(4))
    assert [type(each) for each in told] == [AddedLeads] * 4 + [Conflict]
    messages = await read_messages(bench)
    additions = [data for kind, data in messages if kind == EventType.ADDITION_STORED]
    assert [(data["total"], data["added"]) for data in additions] == [(1, 1), (1, 1), (2, 1), (1, 1)]
    assert [kind for kind, _ in messages].count(EventType.LIST_FULL) == 1


async def test_request_that_has_gone_is_not_added(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create(options=ENRICH)
    async with bench.database.write() as tx:
        await list_rows.lock_list(tx, made.row_id)
        adding = [asyncio.create_task(add(bench, desk, made, slugs(at))) for at in range(4)]
        await asyncio.sleep(0.05)
        adding[2].cancel()
        await asyncio.wait(adding[2:3])
    told = await asyncio.gather(*adding, return_exceptions=True)
    assert isinstance(told[2], asyncio.CancelledError)
    assert await stored(bench, made) == [(1, "lead-0"), (2, "lead-1"), (3, "lead-3")]


async def test_each_is_added_in_its_own_context_once_a_group_was_refused(
    bench: Workbench, desk: AddingDesk
) -> None:
    bench.caller = await bench.open_account(email=2 * MOST)
    made = await bench.create(options=ENRICH)
    seen: list[str | None] = []

    def note(_connection: object) -> None:
        seen.append(REQUEST.get())

    async def send(at: int) -> Told:
        REQUEST.set(f"request {at}")
        return await add(bench, desk, made, slugs(at))

    engine = bench.database.writer.sync_engine
    event.listen(engine, "begin", note)
    await asyncio.gather(*(asyncio.create_task(send(at)) for at in range(4)))
    event.remove(engine, "begin", note)
    assert seen == [f"request {at}" for at in (0, 1, 1, 2, 3)]


async def test_refused_leads_are_freed_without_the_collector(bench: Workbench, desk: AddingDesk) -> None:
    bench.caller = await bench.open_account(email=0)
    made = await bench.create(options=ENRICH)
    gc.collect()
    gc.disable()
    try:
        before = count_sent()
        told = await add_at_once(bench, desk, made, *([slug] for slug in slugs(*range(8))))
        assert [type(each) for each in told] == [InsufficientCredits] * 8
        del told
        assert count_sent() == before
    finally:
        gc.enable()


def count_sent() -> int:
    return sum(isinstance(each, SentLeads) for each in gc.get_objects())


async def test_nobody_is_left_waiting_by_a_turn_that_is_canceled(bench: Workbench, desk: AddingDesk) -> None:
    made = await bench.create(options=ENRICH)
    before = asyncio.all_tasks()
    async with bench.database.write() as tx:
        await list_rows.lock_list(tx, made.row_id)
        adding = asyncio.create_task(add(bench, desk, made, slugs(0)))
        await asyncio.sleep(0.05)
        (turn,) = asyncio.all_tasks() - before - {adding}
        turn.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait([adding])
    assert adding.cancelled()


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_lists_do_not_wait_for_each_other_at_the_desk(bench: Workbench, desk: AddingDesk) -> None:
    busy, free = await bench.create(), await bench.create()
    async with bench.database.write() as tx:
        await list_rows.lock_list(tx, busy.row_id)
        waiting = asyncio.create_task(add(bench, desk, busy, slugs(0)))
        async with asyncio.timeout(5):
            assert isinstance(await add(bench, desk, free, slugs(0)), AddedLeads)
        assert not waiting.done()
    assert isinstance(await waiting, AddedLeads)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_all_who_wait_are_told_that_the_database_is_away(bench: Workbench) -> None:
    made = await bench.create()
    away = Database(
        "postgresql+psycopg://nobody@127.0.0.1:1/none", bench.installation.dispatcher, bench.clock
    )
    try:
        told = await add_at_once(bench, AddingDesk(away), made, *([slug] for slug in slugs(*range(4))))
    finally:
        await away.close()
    assert [type(each) for each in told] == [DatabaseAway] * 4
