"""`make bench`: all that is promised about speed and size, measured in one run and held against its target.

`python -m benchmarks [--only NAME …] [--database sqlite|postgresql] [--data plain|wide] [--quick]`. It ends
with 1 if a target is missed. docs/explanation/performance.md tells what each line is.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop
from tests.support.postgres import PostgresServer

from benchmarks import adding, growing, memory, processing, reading, single, starting
from benchmarks.leads import KINDS
from benchmarks.peers import comparing
from benchmarks.report import DATABASES, Line, at_most, print_table, write_json
from benchmarks.rig import ENTRIES, Options, Rig

SUBJECT_SECONDS = 900
"""After so long something is stuck."""

Measure = Callable[[Rig], Awaitable[list[Line]]]
SUBJECTS: dict[str, Measure] = {
    subject.SUBJECT: subject.measure
    for subject in (adding, comparing, growing, single, reading, processing, memory, starting)
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures what is asked for; 1 if a target was missed or something failed."""
    chosen = parse(arguments)
    options = Options(chosen.data, chosen.quick, chosen.entries, chosen.keep)
    begin = time.monotonic()
    lines: list[Line] = []
    for database in [chosen.database] if chosen.database else DATABASES:
        with open_rig(database, options) as rig:
            for name in chosen.only or SUBJECTS:
                lines += run(rig, name)
    seconds = time.monotonic() - begin
    conditions = {
        "data": options.data,
        "quick": options.quick,
        "entries": options.entries,
        "seconds": round(seconds),
    }
    print_table(lines, f"Leadyard, {options.data} leads, {seconds:.0f} s")
    write_json(chosen.json, lines, conditions)
    print(f"{chosen.json}: the same as JSON")
    missed = [line for line in lines if line.is_missed]
    for line in missed:
        print(
            f"MISSED {line.subject}, {DATABASES[line.database]}: {line.what.strip()}: {line}, {line.target}"
        )
    return 1 if missed else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--database", choices=DATABASES, help="one of the two; both by default")
    parser.add_argument("--data", choices=KINDS, default="plain", help="the leads that are added")
    parser.add_argument("--quick", action="store_true", help="few rounds, small numbers: whether it works")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="of the large database")
    parser.add_argument("--keep", type=Path, help="a folder where the large databases stay for the next run")
    parser.add_argument("--json", type=Path, default=Path("dist/benchmark.json"), metavar="FILE")
    return parser.parse_args(arguments)


@contextmanager
def open_rig(database: str, options: Options) -> Iterator[Rig]:
    """A folder on the disk and, for PostgreSQL, a server as it is by default."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadyard-bench-")))
        cluster = None if options.keep is None else options.keep / "cluster"
        server = (
            None if database == "sqlite" else stack.enter_context(PostgresServer(durable=True, keep=cluster))
        )
        yield Rig(database, folder, options, server)


def run(rig: Rig, name: str) -> list[Line]:
    """Measures one subject. What goes wrong is a line too, so that the others are measured all the same."""
    begin = time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            lines = runner.run(_wait(SUBJECTS[name], rig))
        except Exception as error:
            traceback.print_exc()
            lines = [Line(name, "ended with an error", rig.database, None, "", at_most(0), repr(error)[:300])]
    told = f"{name} on {DATABASES[rig.database]}: {time.monotonic() - begin:.0f} s"
    print("\n  ".join([told, *(f"{line.what}: {line}" for line in lines)]), file=sys.stderr, flush=True)
    return lines


async def _wait(measure: Measure, rig: Rig) -> list[Line]:
    async with asyncio.timeout(SUBJECT_SECONDS):
        return await measure(rig)


if __name__ == "__main__":
    sys.exit(main())
