"""`python -m tests.fuzz`: sends requests with something wrong, and prints what was answered."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from tests.fuzz.run import Report, run_fuzz
from tests.support.databases import create_database
from tests.support.installation import Service, make_settings
from tests.support.postgres import PostgresServer

from leadyard.app import build

REQUESTS = 200_000
ROUND = 10_000
"""After so many requests the installation is a new one, so that it stays small."""


def main() -> None:
    """Runs until so many requests are answered, or something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--form", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = parser.parse_args()
    begun, console = time.monotonic(), Console()
    total = Report()
    if arguments.form == "postgresql":
        with PostgresServer() as server:
            _run_rounds(total, arguments.requests, arguments.seed, server)
    else:
        _run_rounds(total, arguments.requests, arguments.seed, None)
    told = f"{total.requests} requests to {len(total.routes)} routes, seed {arguments.seed}"
    console.print(f"{told}, on {arguments.form}.")
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(total.statuses.items()))
    console.print(f"Answers: {answers}")
    for line in total.wrong:
        console.print(f"WRONG: {line}", style="red", markup=False, highlight=False)
    console.print(f"{len(total.wrong)} things are wrong, after {time.monotonic() - begun:.0f} s.")
    sys.exit(bool(total.wrong))


def _run_rounds(total: Report, requests: int, seed: int, server: PostgresServer | None) -> None:
    for number, first in enumerate(range(0, requests, ROUND)):
        size = min(ROUND, requests - first)
        url = None if server is None else create_database(server, f"fuzz_{number}")
        with tempfile.TemporaryDirectory(prefix="leadyard-fuzz-") as folder:
            report = asyncio.run(_run_round(Path(folder), url, seed + number, size))
        total.statuses += Counter(report.statuses)
        total.routes += report.routes
        total.wrong += report.wrong
        if len(total.wrong) > 100:
            return


async def _run_round(folder: Path, url: str | None, seed: int, requests: int) -> Report:
    installation = build(make_settings(folder, url))
    await installation.prepare()
    try:
        return await run_fuzz(Service(installation), seed, requests)
    finally:
        await installation.close()


if __name__ == "__main__":
    main()
