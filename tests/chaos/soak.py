"""`python -m tests.chaos.soak`: a service under steady work and no faults, and whether it grows."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from tests.chaos.audit import find_faults, until_at_rest
from tests.chaos.run import REST_SECONDS
from tests.chaos.traffic import Traffic
from tests.chaos.world import DATABASE, Form, Member, World, open_world

SAMPLE_SECONDS = 5.0
WARM_UP_SHARE = 0.25
"""Caches and pools fill in the first quarter, which does not count."""
MOST_GROWTH = 0.1
MOST_SHOWN = 20
KIB_A_MIB = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process holds: memory in MiB, files, and threads."""

    memory: float
    files: int
    threads: int


def sample(member: Member) -> Sample:
    """What a process holds now."""
    assert member.process is not None
    folder = Path(f"/proc/{member.process.pid}")
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    memory = int(status["VmRSS"].split()[0]) / KIB_A_MIB
    return Sample(memory, len(list((folder / "fd").iterdir())), int(status["Threads"]))


def connections(world: World) -> int:
    """Connections to the database; 0 where it is part of the process."""
    if world.postgres is None:
        return 0
    with psycopg.connect(world.postgres.conninfo("postgres")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [DATABASE]
        ).fetchone()
    return 0 if row is None else int(row[0])


def growth(values: Sequence[float]) -> float:
    """How much more the last third is than the first, as a share; both by their median."""
    third = max(1, len(values) // 3)
    first, last = statistics.median(values[:third]), statistics.median(values[-third:])
    return last / first - 1 if first else 0.0


async def soak(form: Form, minutes: float, seed: int, folder: Path, console: Console) -> bool:
    """Runs it and prints one table; whether nothing grew and nothing is wrong."""
    held: dict[str, list[float]] = {}
    async with open_world(form, folder, is_paying=True, has_small_disk=False) as world:
        traffic = Traffic(world, seed)
        traffic.start()
        for _ in range(round(minutes * 60 / SAMPLE_SECONDS)):
            await asyncio.sleep(SAMPLE_SECONDS)
            for name, value in _look(world).items():
                held.setdefault(name, []).append(value)
        await traffic.end()
        wrong = await until_at_rest(world, REST_SECONDS)
        wrong += traffic.record.violations + await find_faults(world, traffic.record)
    counted = {name: values[round(len(values) * WARM_UP_SHARE) :] for name, values in held.items()}
    wrong += [f"{name} grew" for name, values in counted.items() if growth(values) > MOST_GROWTH]
    console.print(_table(f"{form}, {minutes:g} minutes, seed {seed}", counted))
    acknowledged = sum(len(batch.slugs) for batch in traffic.record.acknowledged)
    console.print(f"{acknowledged} leads acknowledged. Answers: {dict(traffic.record.statuses)}")
    for line in wrong[:MOST_SHOWN]:
        console.print(f"WRONG: {line}", style="red", highlight=False)
    return not wrong


def _look(world: World) -> dict[str, float]:
    found = {"connections to the database": float(connections(world))}
    for member in world.members:
        held = sample(member)
        found[f"{member.name}: memory, MiB"] = held.memory
        found[f"{member.name}: files"] = float(held.files)
        found[f"{member.name}: threads"] = float(held.threads)
    return found


def _table(title: str, counted: Mapping[str, Sequence[float]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("What", "Begin", "End", "Most", "Growth"):
        table.add_column(column, justify="left" if column == "What" else "right")
    for name, values in counted.items():
        shown = [f"{value:.0f}" for value in (values[0], values[-1], max(values))]
        table.add_row(name, *shown, f"{growth(values):+.1%}")
    return table


def main() -> None:
    """Runs one form, or both after each other."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__)
    parser.add_argument("--form", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    console, is_sound = Console(), True
    for form in arguments.form or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="leadyard-soak-") as folder:
            run = soak(form, arguments.minutes, arguments.seed, Path(folder), console)
            is_sound = asyncio.run(run) and is_sound
    sys.exit(not is_sound)


if __name__ == "__main__":
    main()
