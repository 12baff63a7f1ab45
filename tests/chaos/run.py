"""One run: traffic, faults one after another, rest, and the audit."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.audit import find_faults, until_at_rest
from tests.chaos.faults import FAULTS, possible_faults
from tests.chaos.traffic import Traffic
from tests.chaos.world import Form, World, open_world

BREATH_SECONDS = 1.5
WARM_UP_SECONDS = 1.0
REST_SECONDS = 420.0
"""Longer than a lost call to a provider (90 s), the sweep for lists without a job (80 s) and the longest
wait of a chunk that failed again and again, one after another."""
LOUD_EVENTS = ("unexpected_error", "chunk_raised", "dispatcher_failed", "upkeep_failed", "chunk_given_up")


@dataclass(slots=True)
class Report:
    """What happened and what came of it. `wrong` is empty after a good run."""

    form: Form
    seed: int
    befallen: Counter[str] = field(default_factory=Counter)
    slowest_return: dict[str, float] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    lists: int = 0
    sold: float = 0
    rest_seconds: float = 0
    loud: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def run_chaos(form: Form, seed: int, faults: int, folder: Path, *, is_paying: bool = True) -> Report:
    """Lets `faults` of them befall a service under traffic, and tells what came of it."""
    report = Report(form, seed)
    async with open_world(form, folder, is_paying=is_paying) as world:
        report.absent = {fault.name: why for fault in FAULTS if (why := fault.absence(world))}
        traffic = Traffic(world, seed)
        traffic.start()
        try:
            await asyncio.sleep(WARM_UP_SECONDS)
            await _befall(world, report, random.Random(seed), faults)
        finally:
            await world.until_ready()
            await traffic.end()
        world.vendor_server.faults.clear()
        begun = time.monotonic()
        report.wrong += await until_at_rest(world, REST_SECONDS)
        report.rest_seconds = time.monotonic() - begun
        record = traffic.record
        report.wrong += record.violations + await find_faults(world, record)
        report.statuses, report.lists, report.sold = record.statuses, len(record.lists), world.vendor.sold
        report.acknowledged = sum(len(batch.slugs) for batch in record.acknowledged)
        report.loud = _count_loud(world)
    return report


async def _befall(world: World, report: Report, choice: random.Random, number: int) -> None:
    possible = possible_faults(world)
    order = [possible[place % len(possible)] for place in range(number)]
    choice.shuffle(order)
    for fault in order:
        try:
            await fault.befall(world, choice)
        except AssertionError as error:
            report.wrong.append(f"{fault.name}: {error}")
        begun = time.monotonic()
        await world.until_ready()
        report.befallen[fault.name] += 1
        returned = time.monotonic() - begun
        report.slowest_return[fault.name] = max(report.slowest_return.get(fault.name, 0), returned)
        await asyncio.sleep(BREATH_SECONDS * choice.uniform(0.2, 1))


def _count_loud(world: World) -> Counter[str]:
    """Log lines that a person should look at, by event."""
    logs = [path.read_text(errors="replace") for path in world.folder.rglob("leadyard-*.log")]
    return Counter(
        {event: count for event in LOUD_EVENTS if (count := sum(log.count(event) for log in logs))}
    )
