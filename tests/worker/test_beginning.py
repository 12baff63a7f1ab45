"""A worker begins what it does one after the other."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.installation import Service

from leadyard.worker import beginning
from leadyard.worker.beginning import run_all

FEW = 6
"""Ten and more if all begin at once."""


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_worker_that_begins_opens_few_connections(service: Service) -> None:
    await service.work()
    await asyncio.sleep(1.5)
    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    assert 2 <= await service.query_one(connections) <= FEW


async def test_what_one_part_raises_ends_the_others() -> None:
    ended = asyncio.Event()

    async def wait(stop: asyncio.Event) -> None:
        try:
            await stop.wait()
        finally:
            ended.set()

    async def fail(_stop: asyncio.Event) -> None:
        raise LookupError

    with pytest.raises(ExceptionGroup) as raised:
        await run_all([wait, fail], asyncio.Event())
    assert raised.group_contains(LookupError)
    assert ended.is_set()


async def test_told_to_stop_while_it_begins_it_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "GAP_SECONDS", 60.0)
    begun = []

    async def note(stop: asyncio.Event) -> None:
        begun.append(stop.is_set())

    stop = asyncio.Event()
    running = asyncio.create_task(run_all([note, note], stop))
    while not begun:
        await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(10):
        await running
    assert begun == [False, True]
