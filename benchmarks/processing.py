"""Processing: against the ideal of a slow provider, by two workers, and a short list beside long ones."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence
from contextlib import ExitStack

from msgspec.structs import replace
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Client, make_settings
from tests.support.installation import Service as InProcess

from benchmarks.leads import make_leads
from benchmarks.reading import STEPS
from benchmarks.report import Line, at_least, at_most
from benchmarks.rig import JSON, LIVE_KEY, Rig, Service, UnexpectedAnswer
from benchmarks.slow_service import serve as serve_slowly
from leadyard.app import Leadyard, build
from leadyard.cli.garbage import calm_garbage_collector
from leadyard.domain.accounts import Mode
from leadyard.domain.providers import FoundPerson, PersonQuery, Unavailable
from leadyard.logs import configure_logging
from leadyard.providers.sandbox.client import SandboxProvider
from leadyard.providers.sandbox.mapping import find_person

SUBJECT = "processing"
PROVIDER_SECONDS = 0.05
AT_ONCE = 64
LONG_LISTS = 20
SHORT_LIST = 10


class SlowProvider(SandboxProvider):
    """The sandbox's answers, one lead a call, 64 calls at once, each after 50 ms."""

    batch_size = 1
    concurrency = AT_ONCE

    async def find_people(self, queries: Sequence[PersonQuery]) -> list[FoundPerson | Unavailable | None]:
        """One answer a query, in the same order."""
        await asyncio.sleep(PROVIDER_SECONDS)
        return [find_person(query) for query in queries]


async def measure(rig: Rig) -> list[Line]:
    """One after the other: each wants the whole machine."""
    lines = await _wait_for_a_provider(rig)
    lines += await _ask_over_http(rig)
    if not rig.is_sqlite:
        lines += await _by_two_workers(rig)
    return lines + await _short_beside_long(rig)


async def _wait_for_a_provider(rig: Rig) -> list[Line]:
    """In this process: a provider of this kind is no part of the service. Time begins with the work."""
    installation = await _make_slow(rig)
    service = InProcess(installation)
    async with service.client(TEST_KEY) as client:
        list_id, count = await _add_all(rig, client)
        calm_garbage_collector()
        begin = time.perf_counter()
        await service.work()
        while (await client.get(f"/lead-lists/{list_id}?page[size]=1")).json()["status"] != "completed":
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - begin
        await service.rest()
    await installation.close()
    gc.unfreeze()
    ideal = count * PROVIDER_SECONDS / AT_ONCE
    what = "60,000 leads, a provider of 50 ms, 64 at once: of the ideal"
    return [rig.line(SUBJECT, what, ideal / seconds * 100, "%", at_least(97))]


async def _make_slow(rig: Rig) -> Leadyard:
    """An installation whose test data are looked up with the slow provider."""
    store = rig.make_database("slow")
    settings = make_settings(store.folder, store.url, MAX_LEADS_PER_LIST=rig.options.list_size)
    configure_logging("warning", settings.log_format)
    installation = build(settings)
    own = installation.desk.own
    providers = replace(own[Mode.TEST], people=SlowProvider())
    slow = replace(installation, desk=replace(installation.desk, own={**own, Mode.TEST: providers}))
    await slow.prepare()
    return slow


async def _add_all(rig: Rig, client: Client) -> tuple[str, int]:
    """A list with all the leads that are to be enriched, and how many these are."""
    new = {"shared": True, "owner": ADMIN_EMAIL, "type": "email", "leads": [], "options": {"enrich": True}}
    made = (await client.post("/lead-lists", json=new)).raise_for_status().json()
    size, count = rig.options.body_size, 0
    for number in range(6):
        body = make_leads(number * size, size, rig.options.data)
        answer = await client.post(f"/lead-lists/{made['id']}/leads", content=body.data, headers=JSON)
        answer.raise_for_status()
        count += len(body.new)
    return str(made["id"]), count


async def _ask_over_http(rig: Rig) -> list[Line]:
    """The provider `http`, which is paid: a call is written down before it is made, and settled after it."""
    size = rig.options.count(4_000, 300)
    given = {"API_KEY": LIVE_KEY, "ALLOWED_HOSTS": "127.0.0.1"}
    async with serve_slowly(PROVIDER_SECONDS, AT_ONCE) as options, rig.serve(None, **given) as service:
        await service.put("/providers/http", {"api_key": "key", "options": options})
        await service.put("/waterfall", {"order": {"person": ["http"]}})
        warm = await service.create_list(enrich=True)
        await service.add(warm, make_leads(900_000, 100))
        await service.wait_until_completed(warm)
        list_id = await service.create_list(enrich=True)
        leads = make_leads(0, size, rig.options.data)
        begin = time.perf_counter()
        await service.add(list_id, leads)
        await service.wait_until_completed(list_id, pause=0.1)
        seconds = time.perf_counter() - begin
    ideal = len(leads.new) * PROVIDER_SECONDS / AT_ONCE
    what = "the same by `http`, each call written down: of the ideal"
    return [rig.line(SUBJECT, what, ideal / seconds * 100, "%", at_least(97))]


async def _by_two_workers(rig: Rig) -> list[Line]:
    """The same leads by one worker and by two, all steps of the sandbox, which waits for nothing."""
    one, two = [await _work_off(rig, workers) for workers in (1, 2)]
    return [rig.line(SUBJECT, "two workers over one", one / two, "×", at_least(1.8))]


async def _work_off(rig: Rig, workers: int) -> float:
    """The seconds from when a tenth is done until all is: how long workers take to start does not count."""
    store = rig.make_database("workers")
    size = rig.options.body_size
    async with rig.serve(store, "--no-worker") as service:
        list_ids = [await service.create_list(**STEPS) for _ in range(3)]
        for number, list_id in enumerate(list_ids):
            await service.add(list_id, make_leads(number * size, size, rig.options.data))
        count = sum(len(make_leads(number * size, size, rig.options.data).new) for number in range(3))
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(rig.work(store))
            await _wait_for_done(service, list_ids, count // 10)
            begin = time.perf_counter()
            await _wait_for_done(service, list_ids, count)
            return time.perf_counter() - begin


async def _wait_for_done(service: Service, list_ids: Sequence[str], count: int) -> None:
    while True:
        found = [await service.get(f"/lead-lists/{list_id}?page[size]=1") for list_id in list_ids]
        if sum(each["progress"]["done"] for each in found) >= count:
            return
        await asyncio.sleep(0.05)


async def _short_beside_long(rig: Rig) -> list[Line]:
    """A list of ten again and again while the worker has more than a million leads to process."""
    size = rig.options.body_size
    times = []
    async with rig.serve() as service:
        for _ in range(rig.options.count(LONG_LISTS, 3)):
            list_id = await service.create_list(**STEPS)
            for number in range(6):
                await service.add(list_id, make_leads(number * size, size, rig.options.data))
        for number in range(rig.options.rounds(8)):
            leads = make_leads(1_000_000 + number * SHORT_LIST, SHORT_LIST, rig.options.data)
            begin = time.perf_counter()
            short = await service.create_list(**STEPS)
            await service.add(short, leads)
            await service.wait_until_completed(short)
            times.append(time.perf_counter() - begin)
        left = (await service.get(f"/lead-lists/{list_id}?page[size]=1"))["progress"]["queued"]
    if not left:
        raise UnexpectedAnswer("nothing was left of the long lists")
    what = f"a list of {SHORT_LIST} beside {LONG_LISTS} of 60,000, slowest"
    return [rig.line(SUBJECT, what, max(times), "s", at_most(2))]
