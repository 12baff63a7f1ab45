"""Adding leads: beside the floor, together, to one list, to a long list, and when nothing is stored."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

from benchmarks.floor import Store as Floor
from benchmarks.floor import postgresql_floor, sqlite_floor
from benchmarks.leads import Body, make_faults, make_leads
from benchmarks.report import Line, at_least, at_most
from benchmarks.rig import Rig, Service

SUBJECT = "adding"
AT_ONCE = 8


def make_floor(rig: Rig) -> Floor:
    """The floor on the same kind of database, on the same disk."""
    store = rig.make_database("floor")
    return sqlite_floor(store.folder) if store.url is None else postgresql_floor(store.url)


async def measure(rig: Rig) -> list[Line]:
    """Each in turn with what it is compared with.

    Times of single requests are taken while the worker has nothing to do. What needs many leads in a list
    before it is measured without a worker, which would take most of the time.
    """
    async with rig.serve() as service:
        lines = await _one_at_a_time(rig, service, make_floor(rig))
        lines += await _to_eight_lists(rig, service, "")
    async with rig.serve(None, "--no-worker") as service:
        lines += await _to_eight_lists(rig, service, ", no worker")
        lines += await _nothing_new(rig, service)
        lines += await _to_a_long_list(rig, service)
        lines += await _to_one_list(rig, service)
    return lines


async def _one_at_a_time(rig: Rig, service: Service, floor: Floor) -> list[Line]:
    """To a new list beside the floor."""
    body = make_leads(0, rig.options.body_size, rig.options.data)
    floors, adds = [], []
    for number in range(rig.options.rounds(11) + 1):
        floors.append(floor(body, number))
        adds.append(await service.add_to_new_list(body))
    add, bare = statistics.median(adds[1:]), statistics.median(floors[1:])
    return [
        rig.line(SUBJECT, "floor: decode, store in one go", bare * 1000, "ms"),
        rig.line(SUBJECT, "post of 10,000 to a new list, p50", add * 1000, "ms"),
        rig.line(SUBJECT, "  over the floor", add / bare, "×", at_most(1.4)),
    ]


async def _to_eight_lists(rig: Rig, service: Service, how: str) -> list[Line]:
    """Eight requests one after the other, and eight at once, each to a list of its own."""
    body = make_leads(0, rig.options.body_size, rig.options.data)
    alone, together = [], []
    for _ in range(rig.options.rounds(5)):
        list_ids = await _new_lists(service)
        begin = time.perf_counter()
        for list_id in list_ids:
            await service.add(list_id, body)
        alone.append(time.perf_counter() - begin)
        await service.cancel(*list_ids)
        list_ids = await _new_lists(service)
        begin = time.perf_counter()
        await asyncio.gather(*(service.add(list_id, body) for list_id in list_ids))
        together.append(time.perf_counter() - begin)
        await service.cancel(*list_ids)
    total = AT_ONCE * body.total
    one, eight = statistics.median(alone), statistics.median(together)
    target = at_least(0.9 if rig.is_sqlite else 1.6)
    return [
        rig.line(SUBJECT, f"one at a time, one after the other{how}", total / one, "leads/s"),
        rig.line(SUBJECT, f"eight at once to eight lists{how}", total / eight, "leads/s"),
        rig.line(SUBJECT, f"  against one at a time{how}", one / eight, "×", target),
    ]


async def _nothing_new(rig: Rig, service: Service) -> list[Line]:
    """Leads that the list has already, and leads that are all at fault, in turn with new ones."""
    body = make_leads(0, rig.options.body_size, rig.options.data)
    faults = make_faults(rig.options.body_size, rig.options.data)
    adds, repeats, refusals = [], [], []
    for _ in range(rig.options.rounds(9) + 1):
        list_id = await service.create_list()
        adds.append(await service.add(list_id, body))
        repeats.append(await service.add(list_id, body, added=0))
        refusals.append((await service.send(f"/lead-lists/{list_id}/leads", faults, 400))[2])
    add = statistics.median(adds[1:])
    repeat, refusal = statistics.median(repeats[1:]) / add, statistics.median(refusals[1:]) / add
    return [
        rig.line(SUBJECT, "all duplicates, over a clean add", repeat, "×", at_most(1.0)),
        rig.line(SUBJECT, "10,000 faults, over a clean add", refusal, "×", at_most(1.0)),
    ]


async def _to_a_long_list(rig: Rig, service: Service) -> list[Line]:
    """To a list of 50,000, in turn with a new one."""
    *before, last = _different(rig, 6)
    short, long = [], []
    for _ in range(rig.options.rounds(5)):
        list_id = await service.create_list()
        for body in before:
            await service.add(list_id, body)
        short.append(await service.add(await service.create_list(), last))
        long.append(await service.add(list_id, last))
    ratio = statistics.median(long) / statistics.median(short)
    return [rig.line(SUBJECT, "to a list of 50,000, over an empty one", ratio, "×", at_most(1.2))]


async def _to_one_list(rig: Rig, service: Service) -> list[Line]:
    """Eight times 10,000 for a list with room for 55,000, against one after the other."""
    parts = _different(rig, AT_ONCE, "plain")
    size = rig.options.list_size
    half = make_leads(10_000_000, rig.options.body_size // 2)
    alone: list[float] = []
    together: list[float] = []
    wrong = 0
    for _ in range(rig.options.rounds(5)):
        for seconds, at_once in ((alone, False), (together, True)):
            list_id = await service.create_list()
            await service.add(list_id, half)
            begin = time.perf_counter()
            taken = await _fill(service, list_id, parts, at_once=at_once)
            seconds.append(time.perf_counter() - begin)
            found = await service.get(f"/lead-lists/{list_id}?page[size]=1")
            wrong += abs(found["progress"]["total"] - size) + abs(taken + half.total - size)
    ratio = statistics.median(alone) / statistics.median(together)
    return [
        rig.line(SUBJECT, "eight at once to one list, against one at a time", ratio, "×", at_least(0.8)),
        rig.line(SUBJECT, "  leads over or under its cap", wrong, "", at_most(0)),
    ]


async def _fill(service: Service, list_id: str, parts: Sequence[Body], *, at_once: bool) -> int:
    """Adds more than a list has room for; how many it took."""

    async def add(body: Body) -> int:
        status, answer, _ = await service.send(f"/lead-lists/{list_id}/leads", body.data, 202, 409)
        return 0 if status == 409 else int(answer["total_added_to_lead_list"])

    if at_once:
        return sum(await asyncio.gather(*map(add, parts)))
    return sum([await add(body) for body in parts])


async def _new_lists(service: Service) -> list[str]:
    return [await service.create_list() for _ in range(AT_ONCE)]


def _different(rig: Rig, count: int, kind: str | None = None) -> list[Body]:
    """Bodies that have no lead in common."""
    size = rig.options.body_size
    return [make_leads(number * size, size, kind or rig.options.data) for number in range(count)]
