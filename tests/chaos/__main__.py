"""`python -m tests.chaos`: breaks a service again and again, and prints what came of it."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.chaos.run import Report, run_chaos

MOST_SHOWN = 20


def main() -> None:
    """Runs both forms, or one of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--form", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--faults", type=int, default=200, help="how many faults befall each form")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keep", type=Path, help="a folder that keeps the logs")
    arguments = parser.parse_args()
    is_sound = True
    for form in arguments.form or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="leadyard-chaos-") as temporary:
            folder = (arguments.keep or Path(temporary)) / form
            folder.mkdir(parents=True)
            report = asyncio.run(run_chaos(form, arguments.seed, arguments.faults, folder))
        show(report)
        is_sound = is_sound and not report.wrong
    sys.exit(not is_sound)


def show(report: Report) -> None:
    """Prints one table a form, and what is wrong."""
    console = Console()
    table = Table(title=f"{report.form}, seed {report.seed}", title_justify="left")
    table.add_column("Fault")
    table.add_column("Times", justify="right")
    table.add_column("Longest until ready", justify="right")
    for name, number in sorted(report.befallen.items()):
        table.add_row(name, str(number), f"{report.slowest_return[name]:.1f} s")
    for name, why in report.absent.items():
        table.add_row(f"{name} ({why})", "0", "", style="dim")
    console.print(table)
    answers = ", ".join(f"{status}: {number}" for status, number in sorted(report.statuses.items()))
    console.print(f"Answers: {answers}")
    console.print(
        f"{report.acknowledged} leads acknowledged in {report.lists} lists, {report.sold:g} bought; "
        f"at rest {report.rest_seconds:.0f} s after the last fault."
    )
    if report.loud:
        console.print(
            "In the logs: " + ", ".join(f"{event}: {number}" for event, number in report.loud.items())
        )
    for line in report.wrong[:MOST_SHOWN]:
        console.print(f"WRONG: {line}", style="red", highlight=False)
    console.print(f"{len(report.wrong)} things are wrong." if report.wrong else "Nothing is wrong.")


if __name__ == "__main__":
    main()
