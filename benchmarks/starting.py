"""From the start of a process until it is ready, over a database that is there already."""

from __future__ import annotations

import statistics
import time

from tests.support.processes import free_port, run_leadyard

from benchmarks.filling import migrate
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Store, make_environment

SUBJECT = "starting"


async def measure(rig: Rig) -> list[Line]:
    """The median of some starts after the first; the promise is for SQLite."""
    store = rig.make_database("start")
    await migrate(rig, store)
    seconds = [_start(store) for _ in range(rig.options.rounds(7))]
    target = at_most(1) if rig.is_sqlite else None
    return [rig.line(SUBJECT, "start to ready, not the first", statistics.median(seconds), "s", target)]


def _start(store: Store) -> float:
    port = free_port()
    begin = time.perf_counter()
    with run_leadyard(
        "serve", "--port", str(port), env=make_environment(store), folder=store.folder
    ) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        seconds = time.perf_counter() - begin
        process.terminate()
    return seconds
