"""`make bench`: every figure from one run, as ratios where a ratio can be had."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table
from tests.support.postgres import PostgresServer, create_database
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

from benchmarks.add_leads import (
    AT_ONCE,
    AddTimes,
    create_list,
    measure_adds,
    post_leads,
    wait_until_completed,
)
from benchmarks.floor import Store, postgresql_floor, sqlite_floor
from benchmarks.leads import LEADS_A_BODY, make_body

KEY = "ly_test_" + "b" * 38
READS = 300
LIST_SIZE = 60_000
ALLOWED_RATIO = 2.0


@contextmanager
def serve(folder: Path, url: str | None) -> Iterator[tuple[LeadyardProcess, str]]:
    """The service as a user runs it, worker included."""
    port = free_port()
    environment = {
        "LEADYARD_DATA_DIR": str(folder),
        "LEADYARD_API_KEY": KEY,
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_LOG_LEVEL": "warning",
        "LEADYARD_INITIAL_EMAIL_CREDITS": "10000000",
        "LEADYARD_INITIAL_PHONE_CREDITS": "10000000",
    }
    if url is not None:
        environment["LEADYARD_DATABASE_URL"] = url
    with run_leadyard("serve", "--port", str(port), env=environment, folder=folder) as process:
        base_url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(base_url, 60)
        yield process, base_url


async def measure_reads(client: httpx2.AsyncClient) -> tuple[float, float, float]:
    """p50 and p99 in seconds of reading 100 entries of a list of 60,000, and leads processed a second.

    The list asks for every step, so the rate is that of enriching, validating and revealing.
    """
    list_id = await create_list(client, enrich=True, validate_email=True, reveal_phone_numbers=True)
    begin = time.perf_counter()
    for first in range(0, LIST_SIZE, LEADS_A_BODY):
        await post_leads(client, list_id, make_body(first))
    await wait_until_completed(client, list_id)
    rate = LIST_SIZE / (time.perf_counter() - begin)
    times, cursor = [], ""
    for _ in range(READS):
        begin = time.perf_counter()
        page = (await client.get(f"/lead-lists/{list_id}?page[size]=100{cursor}")).json()
        times.append(time.perf_counter() - begin)
        cursor = f"&page[after]={page['leads'][-1]['id']}"
    times.sort()
    return statistics.median(times), times[int(READS * 0.99)], rate


@contextmanager
def watch_memory(pid: int) -> Iterator[list[int]]:
    """Peak resident memory of a process in MiB while the block runs, as the kernel counts it."""
    peak: list[int] = [0]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.005):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    peak[0] = max(peak[0], int(line.split()[1]) // 1024)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


async def measure_memory(client: httpx2.AsyncClient, pid: int) -> int:
    """Peak memory in MiB while eight requests of 10,000 leads run at once."""
    body = make_body(0)
    list_ids = [await create_list(client) for _ in range(AT_ONCE)]
    with watch_memory(pid) as peak:
        await asyncio.gather(*(post_leads(client, list_id, body) for list_id in list_ids))
    for list_id in list_ids:
        await wait_until_completed(client, list_id)
    return peak[0]


async def measure(folder: Path, url: str | None, floor: Store) -> tuple[AddTimes, int, float, float, float]:
    """Everything on one database."""
    with serve(folder, url) as (process, base_url):
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=120) as client:
            adds = await measure_adds(client, floor)
            memory = await measure_memory(client, process.pid)
            p50, p99, rate = await measure_reads(client)
    return adds, memory, p50, p99, rate


def main() -> None:
    """Measures both databases and prints one table."""
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sqlite").mkdir()
        floor = sqlite_floor(folder)
        results["SQLite"] = asyncio.run(measure(folder / "sqlite", None, floor))
        with PostgresServer() as server:
            url = create_database(server, "bench")
            floor_url = create_database(server, "floor")
            (folder / "postgresql").mkdir()
            floor = postgresql_floor(floor_url)
            results["PostgreSQL"] = asyncio.run(measure(folder / "postgresql", url, floor))
    _print(results)
    if any(result[0].ratio > ALLOWED_RATIO for result in results.values()):
        sys.exit(f"A post to a new list takes more than {ALLOWED_RATIO} times the floor.")


def _print(results: dict[str, tuple[AddTimes, int, float, float, float]]) -> None:
    table = Table("10,000 leads, 2.2 MB, eight fields each", *results)

    def row(label: str, *values: str) -> None:
        table.add_row(label, *values)

    all_results = results.values()
    row("floor: decode once and store", *(f"{r[0].floor * 1000:.0f} ms" for r in all_results))
    row("post to a new list, p50", *(f"{r[0].new_list * 1000:.0f} ms" for r in all_results))
    row("  times the floor (at most 2.0)", *(f"{r[0].ratio:.2f}" for r in all_results))
    row("post to a list of 50,000, p50", *(f"{r[0].long_list * 1000:.0f} ms" for r in all_results))
    row("eight at once to eight lists", *(f"{r[0].together * 1000:.0f} ms" for r in all_results))
    row("  leads a second", *(f"{AT_ONCE * LEADS_A_BODY / r[0].together:,.0f}" for r in all_results))
    row("peak memory meanwhile", *(f"{r[1]} MiB" for r in all_results))
    row("read 100 entries of 60,000, p50", *(f"{r[2] * 1000:.1f} ms" for r in all_results))
    row("  p99", *(f"{r[3] * 1000:.1f} ms" for r in all_results))
    row("processed a second, all steps", *(f"{r[4]:,.0f}" for r in all_results))
    Console().print(table)


if __name__ == "__main__":
    main()
