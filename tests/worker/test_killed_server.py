"""A server killed while leads are added: what it acknowledged is there, the rest is whole or absent."""

from __future__ import annotations

import asyncio
from itertools import count

import httpx2
from tests.support.fleet import count_jobs, serving, until
from tests.support.installation import TEST_KEY, add_leads, create_list
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.settings import Settings

CLIENTS = 4
BATCH = 300
ACKNOWLEDGED_BEFORE = 12


async def test_acknowledged_leads_survive_the_kill_and_others_are_whole_or_absent(
    live_bench: Workbench, settings: Settings
) -> None:
    acknowledged: set[int] = set()
    numbers = count()
    headers = {"Authorization": f"Bearer {TEST_KEY}"}

    async def add_until_it_dies(http: httpx2.AsyncClient, list_id: str) -> None:
        for number in numbers:
            leads = linkedin_leads(*(f"batch-{number}-{place}" for place in range(BATCH)))
            try:
                answer = await add_leads(http, list_id, "linkedin", leads)
            except httpx2.TransportError:
                return
            assert answer.status_code == 202
            acknowledged.add(number)

    with serving(settings, "--no-worker") as (process, url):
        async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
            lists = [(await create_list(http, "linkedin"))["id"] for _ in range(2)]
            adding = [
                asyncio.create_task(add_until_it_dies(http, lists[client % 2])) for client in range(CLIENTS)
            ]
            while len(acknowledged) < ACKNOWLEDGED_BEFORE:
                await asyncio.sleep(0.001)
            process.kill()
            await asyncio.gather(*adding)

    with serving(settings) as (process, url):
        rows = await live_bench.query("SELECT list_id, key FROM lead_list_entries")
        found: dict[int, int] = {}
        for row in rows:
            number = int(row.key.split("-")[1])
            found[number] = found.get(number, 0) + 1
        assert set(found.values()) == {BATCH}
        assert acknowledged <= set(found)
        additions = await live_bench.query("SELECT added FROM additions WHERE total > 0")
        assert sorted(row.added for row in additions) == [BATCH] * len(found)

        async def is_done() -> bool:
            return await count_jobs(live_bench) == 0

        await until(is_done, 30)
        progress = await live_bench.query("SELECT status, queued, processing, done FROM lead_lists")
        assert {(row.status, row.queued, row.processing) for row in progress} == {("completed", 0, 0)}
        assert sum(row.done for row in progress) == BATCH * len(found)
        assert process.terminate(15) == 0
