"""What a billion leads, and 10,000 adds a second, cost in processors, disk and money.

`python -m benchmarks.capacity` prints the tables of docs/explanation/scale.md. What it starts from is here:
what was measured, and what is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MEASURED_BY = "python -m benchmarks.costs"
BILLION = 1_000_000_000
ADDS_A_SECOND = 10_000
MONTH_HOURS = 730
DAY_SECONDS = 86_400
GB, TB = 1e9, 1e12


@dataclass(frozen=True, slots=True)
class Step:
    """What one lead takes on its way: processor milliseconds of each part, bytes of the log."""

    api_ms: float
    worker_ms: float
    database_ms: float
    log_bytes: float


# Measured: PostgreSQL 15, leads of 220 bytes, test data, all three steps.
IN_BULK = Step(0.0045, 0.0, 0.0063, 560)
ONE_BY_ONE = Step(3.0, 0.0, 1.4, 2_800)
PROCESSED = Step(0.0006, 0.52, 0.29, 5_500)
KEPT_BYTES = 4_500

# Assumed.
LEADS_A_CALL = 10
"""How many leads a paid provider takes in one call, if it is asked about each once."""
CALLS_A_SECOND = 10
"""What a contract with a provider allows."""
BUSY = 0.6
"""How much of a processor is used at most, so that peaks have room."""
COPIES = 2
"""A primary and a standby."""
HEADROOM = 1.5
"""Disk for what is updated and not yet cleared up, and for the log."""
LOG_DAYS = 7
"""How long the log is archived, to go back to any point in time."""
LOAD_DAYS = 30
"""In how many days the billion comes in."""
PROCESSOR_MONTH = 35.0
"""Dollars for a processor with 4 GB of memory, on demand."""
DISK_GB_MONTH = 0.1
"""Dollars for network storage."""
ARCHIVE_GB_MONTH = 0.023
"""Dollars for object storage."""
LARGEST_DATABASE = 64
"""Processors of the largest machine that one would run a primary on."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many leads a second, added in one way and then processed, all the time."""

    leads: float
    added: Step

    def processors(self, ms: Callable[[Step], float]) -> int:
        """How many one part of the service needs."""
        return math.ceil(self.leads * (ms(self.added) + ms(PROCESSED)) / 1000 / BUSY)

    @property
    def all_processors(self) -> int:
        """Those of every part; a standby has as many as its primary."""
        return self.api + self.workers + COPIES * self.database

    @property
    def api(self) -> int:
        """Processors that serve."""
        return self.processors(lambda step: step.api_ms)

    @property
    def workers(self) -> int:
        """Processors that work."""
        return self.processors(lambda step: step.worker_ms)

    @property
    def database(self) -> int:
        """Processors of primaries."""
        return self.processors(lambda step: step.database_ms)

    @property
    def databases(self) -> int:
        """How many primaries that is."""
        return math.ceil(self.database / LARGEST_DATABASE)

    @property
    def log_a_second(self) -> float:
        """Bytes of the log."""
        return self.leads * (self.added.log_bytes + PROCESSED.log_bytes)

    @property
    def disk_a_day(self) -> float:
        """Bytes of leads that a day leaves, on one copy."""
        return self.leads * KEPT_BYTES * DAY_SECONDS

    @property
    def dollars_a_month(self) -> float:
        """Processors and the archive of the log; what is kept comes on top."""
        archive = self.log_a_second * DAY_SECONDS * LOG_DAYS / GB * ARCHIVE_GB_MONTH
        return self.all_processors * PROCESSOR_MONTH + archive


Table = Sequence[Sequence[str]]


def inputs() -> Table:
    """What was measured."""
    return [
        ("For one lead", "API", "worker", "database", "log"),
        ("added, 10,000 a request", *_step(IN_BULK)),
        ("added, one a request", *_step(ONE_BY_ONE)),
        ("processed, all three steps", *_step(PROCESSED)),
    ]


def a_billion() -> Table:
    """What a billion leads take once, and then every month."""
    steps = (IN_BULK, PROCESSED)
    hours = sum(step.api_ms + step.worker_ms + step.database_ms for step in steps) * BILLION / 3.6e6
    log = sum(step.log_bytes for step in steps) * BILLION
    kept = KEPT_BYTES * BILLION
    disk = kept * HEADROOM * COPIES
    calls = BILLION / LEADS_A_CALL
    return [
        ("A billion leads", "", "Dollars"),
        (
            "added and processed, once",
            f"{hours:,.0f} processor hours",
            _dollars(hours / MONTH_HOURS * PROCESSOR_MONTH),
        ),
        (
            "log written meanwhile",
            f"{log / TB:,.1f} TB",
            _dollars(log / LOAD_DAYS * LOG_DAYS / GB * ARCHIVE_GB_MONTH),
        ),
        ("kept, tables and indexes", f"{kept / TB:,.1f} TB", ""),
        (
            "disk for primary and standby, a month",
            f"{disk / TB:,.1f} TB",
            _dollars(disk / GB * DISK_GB_MONTH),
        ),
        ("calls to one paid provider", f"{calls / 1e6:,.0f} million", "what it asks"),
        ("days for that at its pace", f"{calls / CALLS_A_SECOND / DAY_SECONDS:,.0f}", ""),
    ]


def all_the_time() -> Table:
    """What it takes to add that much all the time, and to process it as it comes."""
    rates = Rate(ADDS_A_SECOND, ONE_BY_ONE), Rate(ADDS_A_SECOND, IN_BULK)

    def row(label: str, told: Callable[[Rate], str]) -> Sequence[str]:
        return (label, *map(told, rates))

    return [
        (f"{ADDS_A_SECOND:,} leads a second", "one a request", "10,000 a request"),
        row("processors that serve", lambda rate: f"{rate.api:,}"),
        row("processors that work", lambda rate: f"{rate.workers:,}"),
        row("processors of primaries", lambda rate: f"{rate.database:,}"),
        row(f"primaries of {LARGEST_DATABASE} processors", lambda rate: f"{rate.databases:,}"),
        row("log", lambda rate: f"{rate.log_a_second / 1e6:,.0f} MB a second"),
        row("kept after a day", lambda rate: f"{rate.disk_a_day / TB:,.1f} TB"),
        row("dollars a month, without what is kept", lambda rate: _dollars(rate.dollars_a_month)),
    ]


def _step(step: Step) -> Sequence[str]:
    parts = (step.api_ms, step.worker_ms, step.database_ms)
    return (*(f"{part:.2g} ms" for part in parts), f"{step.log_bytes:,.0f} bytes")


def _dollars(amount: float) -> str:
    """Two digits: more would not be true."""
    digits = 1 - math.floor(math.log10(amount))
    return f"{round(amount, digits):,.0f}"


def markdown(table: Table) -> str:
    """The table as the documentation has it."""
    head, *rows = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([head, "|---" * len(table[0]) + "|", *rows])


if __name__ == "__main__":
    print("\n\n".join(map(markdown, (inputs(), a_billion(), all_the_time()))))
