"""What an account is told of, and how often: written down with what it tells of, or not at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import Known
from tests.support.webhooks import add_webhook, read_messages
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions import list_control
from leadyard.actions.erasures import empty_entries
from leadyard.domain.capacity import Limits
from leadyard.domain.credits import CreditKind
from leadyard.domain.entries import Step
from leadyard.domain.events import CHOOSABLE, EventType
from leadyard.domain.lead_lists import NO_STEPS, LeadList, ListOptions, Pause, PauseReason, Purpose, entry_id
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import pauses

URL = "https://hooks.example/"
ENRICH = ListOptions(enrich=True)


async def told(bench: Workbench, *types: EventType) -> list[dict[str, Any]]:
    """The data of messages of these types, of all messages by default."""
    return [data for kind, data in await read_messages(bench) if kind in (types or CHOOSABLE)]


async def pause(bench: Workbench, lead_list: LeadList) -> None:
    async with bench.database.write() as tx:
        await list_control.pause_list(tx, bench.caller, lead_list.id)


async def test_account_without_a_webhook_for_it_has_nothing_written_down(bench: Workbench) -> None:
    await bench.finish(await bench.create(linkedin_leads("one"), ENRICH))
    await add_webhook(bench, URL, EventType.LIST_PAUSED)
    other = await bench.open_account()
    await bench.finish(await bench.create(linkedin_leads("two"), ENRICH))
    await bench.create(linkedin_leads("three"), ENRICH, caller=other)
    assert await bench.query("SELECT 1 FROM webhook_messages") == []
    assert await bench.query("SELECT 1 FROM webhook_deliveries") == []


async def test_list_without_steps_is_told_of_each_time_leads_are_added_and_done_at_once(
    bench: Workbench,
) -> None:
    await add_webhook(bench, URL, EventType.LIST_COMPLETED)
    made = await bench.create(options=NO_STEPS)
    for _ in range(2):
        await bench.add(made, linkedin_leads("one"))
    await bench.add(made, linkedin_leads("two"))
    assert [data["progress"]["done"] for data in await told(bench)] == [1, 2]


async def test_list_is_told_of_once_each_time_it_is_completed(bench: Workbench) -> None:
    await add_webhook(bench, URL, EventType.LIST_COMPLETED)
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(300))), ENRICH)
    first, second = await bench.chunks(made)
    await bench.run(first)
    assert await told(bench) == []
    await bench.run(second)
    progress = {"total": 300, "done": 300, "failed": 0}
    assert await told(bench) == [{"lead_list_id": made.id, "progress": progress}]
    for chunk in (first, second):
        await bench.run(chunk)
    assert len(await told(bench)) == 1
    await bench.add(made, linkedin_leads("late"))
    await bench.finish(made)
    assert [data["progress"]["done"] for data in await told(bench)] == [300, 301]


@pytest.mark.parametrize("slugs", [(), ("one", "two")])
async def test_list_that_asks_for_nothing_is_told_of_too(bench: Workbench, slugs: tuple[str, ...]) -> None:
    await add_webhook(bench, URL, EventType.LIST_COMPLETED, EventType.LEAD_ENRICHED)
    made = await bench.create(linkedin_leads(*slugs), NO_STEPS)
    await bench.finish(made)
    assert [data["progress"]["done"] for data in await told(bench)] == [len(slugs)]


async def test_list_that_an_erasure_completes_is_told_of(bench: Workbench) -> None:
    await add_webhook(bench, URL, EventType.LIST_COMPLETED)
    made = await bench.create(linkedin_leads("one", "two"), ENRICH)
    for sequences in ([1], [2], [2]):
        async with bench.database.write() as tx:
            await empty_entries(tx, made, sequences)
    assert [data["progress"]["done"] for data in await told(bench)] == [0]
    await bench.finish(made)
    assert len(await told(bench)) == 1


async def test_what_is_rolled_back_is_not_told_of(bench: Workbench) -> None:
    await add_webhook(bench, URL)
    made = await bench.create(linkedin_leads("one"), ENRICH)
    before = await read_messages(bench)

    async def fail() -> None:
        async with bench.database.write() as tx:
            await list_control.pause_list(tx, bench.caller, made.id)
            raise ValueError("rolled back")

    with pytest.raises(ValueError, match="rolled back"):
        await fail()
    assert await read_messages(bench) == before
    await bench.finish(made)


async def test_pause_is_told_of_with_its_reason(bench: Workbench) -> None:
    await add_webhook(bench, URL, EventType.LIST_PAUSED)
    made = await bench.create(linkedin_leads("one"), ENRICH)
    async with bench.database.write() as tx:
        await pauses.pause_list(tx, made.row_id, Pause(PauseReason.SPENDING_LIMIT, tx.now))
    for _ in range(2):
        await pause(bench, made)
    assert await told(bench) == [
        {"lead_list_id": made.id, "reason": reason} for reason in ("spending_limit", "requested")
    ]


async def test_list_is_full_once_and_every_addition_is_told_of(bench: Workbench) -> None:
    bench.rules = replace(bench.rules, limits=Limits(leads_per_request=10, leads_per_list=3))
    await add_webhook(bench, URL, EventType.LIST_FULL, EventType.ADDITION_STORED)
    made = await bench.create([], ENRICH)
    added = [await bench.add(made, linkedin_leads(*slugs)) for slugs in (("a", "b"), ("a",), ("a", "c", "d"))]
    assert await told(bench, EventType.LIST_FULL) == [{"lead_list_id": made.id, "capacity": 3}]
    assert await told(bench, EventType.ADDITION_STORED) == [
        {"lead_list_id": made.id, "addition_id": each.addition_id, "total": each.total, "added": each.added}
        for each in added
    ]
    await bench.finish(made)


async def test_leads_are_told_of_together_when_they_have_ended(bench: Workbench) -> None:
    await add_webhook(bench, URL, EventType.LEAD_ENRICHED)
    bench.service.knows = {"known": Known("p-1", email="known@found.example")}
    made = await bench.create(linkedin_leads("known", "unknown"), ENRICH)
    await bench.finish(made)
    (data,) = await told(bench)
    skipped = {"validate": "skipped", "reveal": "skipped"}
    assert data["lead_list_id"] == made.id
    assert sorted(data["entries"], key=lambda entry: str(entry["id"])) == [
        {"id": entry_id(made.id, 1), "status": "done", "steps": {"enrich": "found", **skipped}},
        {"id": entry_id(made.id, 2), "status": "done", "steps": {"enrich": "not_found", **skipped}},
    ]


async def test_leads_that_wait_are_told_of_when_they_end(bench: Workbench) -> None:
    await add_webhook(bench, URL, EventType.LEAD_ENRICHED)
    bench.service.down = {Step.ENRICH}
    made = await bench.create(linkedin_leads("one"), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert await told(bench) == []
    await bench.finish(made)
    assert [data["entries"][0]["steps"]["enrich"] for data in await told(bench)] == ["unavailable"]


async def test_credits_are_low_once_until_there_are_more(bench: Workbench) -> None:
    bench.caller = await bench.open_account(email=3_000)
    bench.pipeline = replace(bench.pipeline, low_credits=2_000)
    await add_webhook(bench, URL, EventType.CREDITS_LOW)

    async def spend(*slugs: str) -> list[float]:
        bench.service.knows.update({slug: Known(f"p-{slug}") for slug in slugs})
        await bench.finish(await bench.create(linkedin_leads(*slugs), ENRICH))
        assert all(data["threshold"] == 2 and data["kind"] == "email" for data in await told(bench))
        return [data["balance"] for data in await told(bench)]

    assert await spend("a") == []
    assert await spend("b") == []
    assert await spend("c") == [1.5]
    assert await spend("d") == [1.5]
    await bench.grant(CreditKind.EMAIL, 1_000)
    assert await spend("e") == [1.5, 1.5]


async def test_batches_are_no_lists(bench: Workbench) -> None:
    await add_webhook(bench, URL)
    made = await bench.create(linkedin_leads("one"), ENRICH)
    before = len(await read_messages(bench))
    await bench.write("UPDATE lead_lists SET purpose = :purpose", purpose=Purpose.EMAIL_VALIDATION)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    async with bench.database.write() as tx:
        await pauses.pause_list(tx, made.row_id, Pause(PauseReason.SPENDING_LIMIT, tx.now))
    assert len(await read_messages(bench)) == before


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_webhook_made_while_a_list_was_waited_for_is_told_of_its_end(bench: Workbench) -> None:
    made = await bench.create()
    (chunk,) = await bench.chunks(made)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        async with bench.database.write() as tx:
            await list_rows.find_list_for_adding(tx, bench.caller.workspace_id, made.id)
            running = asyncio.create_task(bench.run(chunk))
            while not await bench.query(waiting):
                await asyncio.sleep(0.02)
            await add_webhook(bench, URL, EventType.LIST_COMPLETED)
        await running
    assert [data["lead_list_id"] for data in await told(bench)] == [made.id]
