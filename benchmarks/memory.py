"""What a service has in memory: idle, with eight adds at once, with an export, with a load of a directory."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import run_leadyard

from benchmarks.leads import make_leads
from benchmarks.population import make_employees, make_employers, write_csv
from benchmarks.reading import STEPS
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Service, make_environment, resident_mb

SUBJECT = "memory"
AT_ONCE = 8
FLAT_MB = 50
"""How much more a large export or load may take than a small one, to be called flat."""


async def measure(rig: Rig) -> list[Line]:
    """By the kernel's count of the process."""
    async with rig.serve() as service:
        await service.add_to_new_list(make_leads(0, 100))
        await asyncio.sleep(1)
        idle = resident_mb(service.process.pid)
        adding = await _add_at_once(rig, service)
    exports = [await _export(rig, parts) for parts in (1, 6)]
    lines = [
        rig.line(SUBJECT, "idle service", idle, "MB", at_most(150)),
        rig.line(SUBJECT, "eight adds of 10,000 at once, peak", adding, "MB", at_most(300)),
        rig.line(SUBJECT, "export of 60,000 rows, peak", exports[1], "MB"),
        rig.line(SUBJECT, "  over one of 10,000", exports[1] - exports[0], "MB", at_most(FLAT_MB)),
    ]
    # What it takes is the command's own memory, with either database.
    return lines + _load(rig) if rig.is_sqlite else lines


async def _add_at_once(rig: Rig, service: Service) -> float:
    body = make_leads(0, rig.options.body_size, rig.options.data)
    list_ids = [await service.create_list() for _ in range(AT_ONCE)]
    with _watch(service.process.pid) as samples:
        await asyncio.gather(*(service.add(list_id, body) for list_id in list_ids))
    return max(samples)


async def _export(rig: Rig, parts: int) -> float:
    """The peak while a processed list is exported as CSV, by a service that has done nothing else."""
    store = rig.make_database("export")
    size = rig.options.body_size
    async with rig.serve(store) as service:
        list_id = await service.create_list(**STEPS)
        for number in range(parts):
            await service.add(list_id, make_leads(number * size, size, rig.options.data))
        await service.wait_until_completed(list_id, pause=0.25)
    async with rig.serve(store) as service:
        with _watch(service.process.pid) as samples:
            async with service.session.get(f"/lead-lists/{list_id}/export?format=csv") as answer:
                rows = sum([chunk.count(b"\n") async for chunk in answer.content.iter_any()])
        if answer.status != 200 or rows < parts * len(make_leads(0, size, rig.options.data).new):
            raise AssertionError(f"the export answered {answer.status} with {rows:,} lines")
    return max(samples)


def _load(rig: Rig) -> list[Line]:
    """What `leadyard directory load` takes of a million people, and how much more of the later half."""
    people = rig.options.count(1_000_000, 20_000)
    store = rig.make_database("directory")
    employers = make_employers(max(100, people // 10))
    write_csv(store.folder / "people.csv", employers, make_employees(people, employers))
    arguments = ("directory", "load", "people.csv")
    with run_leadyard(*arguments, env=make_environment(store), folder=store.folder) as process:
        with _watch(process.pid) as samples:
            while process.running():
                time.sleep(0.1)
        if process.wait(1) != 0:
            raise AssertionError(process.log()[-2000:])
    half = len(samples) // 2
    growth = max(samples[half:]) - max(samples[:half])
    return [
        rig.line(SUBJECT, "load of 1,000,000 people, peak", max(samples), "MB"),
        rig.line(SUBJECT, "  of its second half over the first", growth, "MB", at_most(FLAT_MB)),
    ]


@contextmanager
def _watch(pid: int) -> Iterator[list[float]]:
    """What a process and its children have in memory together, in MB, time after time in the block."""
    samples = [0.0]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.01):
            samples.append(sum(map(_resident_or_nothing, [pid, *_children(pid)])))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident_or_nothing(pid: int) -> float:
    try:
        return resident_mb(pid)
    except (OSError, ProcessLookupError):
        return 0.0
