"""A list of 60,000 leads in every step: what processing it costs, and reading it. An index of 10,000 lists.

The time of a page is the service's own, from its metrics.
"""

from __future__ import annotations

import re

from benchmarks.filling import add_lists, migrate
from benchmarks.leads import make_leads
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Service
from leadyard.domain.lead_lists import entry_id

SUBJECT = "reading"
STEPS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
LISTS = 10_000
_SECONDS = re.compile(r'^leadyard_http_request_seconds_(sum|count)\{route="([^"]*)"\} (\S+)$', re.MULTILINE)


async def measure(rig: Rig) -> list[Line]:
    """Processes a list, reads it at three depths, and the index of many lists."""
    async with rig.serve() as service:
        lines, list_id, count = await _process(rig, service)
        lines += await _read_pages(rig, service, list_id, count)
    store = rig.make_database("lists")
    await migrate(rig, store)
    add_lists(store, LISTS, 0)
    async with rig.serve(store) as service:
        lines += await _read_index(rig, service)
    return lines


async def _process(rig: Rig, service: Service) -> tuple[list[Line], str, int]:
    """From the first request until nothing is left to do: the service and, on PostgreSQL, its server."""
    size = rig.options.body_size
    bodies = [make_leads(number * size, size, rig.options.data) for number in range(6)]
    count = sum(len(body.new) for body in bodies)
    list_id = await service.create_list(**STEPS)
    before = service.processor_seconds()
    for body in bodies:
        await service.add(list_id, body)
    await service.wait_until_completed(list_id, pause=0.25)
    cost = (service.processor_seconds() - before) / count * 1000
    what = "processor time of a sandbox lead, all told"
    return [rig.line(SUBJECT, what, cost, "ms", at_most(0.25))], list_id, count


async def _read_pages(rig: Rig, service: Service, list_id: str, count: int) -> list[Line]:
    """Pages of 100 one after the other, from the beginning, the middle and near the end."""
    pages = rig.options.count(60, 5)
    depths = [0, count // 2, count - (pages + 1) * 100]
    times: list[list[float]] = [[] for _ in depths]
    for _ in range(3):
        for depth, seconds in zip(depths, times, strict=True):
            seconds.append(await _time_pages(service, list_id, entry_id(list_id, max(1, depth)), pages))
    best = [sorted(seconds)[len(seconds) // 2] * 1000 for seconds in times]
    return [
        rig.line(SUBJECT, "page of 100 of 60,000, slowest of three depths", max(best), "ms", at_most(3)),
        rig.line(SUBJECT, "  the last pages over the first", best[-1] / best[0], "×", at_most(1.2)),
    ]


async def _time_pages(service: Service, list_id: str, cursor: str, pages: int) -> float:
    before = await _served(service, "/lead-lists/{list_id}")
    for _ in range(pages):
        page = await service.get(f"/lead-lists/{list_id}?page[size]=100&page[after]={cursor}")
        cursor = page["leads"][-1]["id"]
    return _mean(before, await _served(service, "/lead-lists/{list_id}"))


async def _read_index(rig: Rig, service: Service) -> list[Line]:
    """The index from its beginning to its end, page by page."""
    times = []
    path = "/lead-lists?page[size]=20"
    while path:
        before = await _served(service, "/lead-lists")
        for _ in range(25):
            page = await service.get(path)
            path = page["_links"].get("next", {}).get("href", "")
            if not path:
                break
        times.append(_mean(before, await _served(service, "/lead-lists")) * 1000)
    return [
        rig.line(SUBJECT, "page of an index of 10,000 lists, slowest depth", max(times), "ms", at_most(3)),
    ]


async def _served(service: Service, route: str) -> tuple[float, float]:
    async with service.session.get("/metrics") as answer:
        return read_served(await answer.text(), route)


def read_served(metrics: str, route: str) -> tuple[float, float]:
    """The seconds that a route has taken so far, and how many requests."""
    told = {kind: float(value) for kind, name, value in _SECONDS.findall(metrics) if _is_same(name, route)}
    return told.get("sum", 0.0), told.get("count", 0.0)


def _is_same(name: str, route: str) -> bool:
    """Routes are told with the types of their parameters."""
    return re.sub(r":\w+\}", "}", name) == route


def _mean(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[0] - before[0]) / (after[1] - before[1])
