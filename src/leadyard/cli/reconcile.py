"""`leadyard reconcile`."""

from __future__ import annotations

import asyncio
import json

import click
from msgspec.structs import asdict

from leadyard.cli.runtime import open_installation, show_keys
from leadyard.cli.terminal import show_progress
from leadyard.domain.reconciliation import Report, Tally
from leadyard.logs import configure_logging
from leadyard.settings import Settings, load_settings
from leadyard.worker.reconciliation import Reconciliation


@click.command()
@click.option("--repair", is_flag=True, help="Set right what can be, by correcting entries and counters.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
def reconcile(repair: bool, as_json: bool) -> None:
    """Prove that all that is counted adds up.

    Balances, holds, charges, counters, keys and jobs are compared with the rows that they are about. The
    service may go on running. The exit status is 1 if something differs and was not repaired.
    """
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    report = asyncio.run(_reconcile(settings, repair=repair))
    if as_json:
        checks = [{"check": check.value, **asdict(tally)} for check, tally in report.tallies.items()]
        click.echo(json.dumps({"is_sound": report.is_sound, "checks": checks}, indent=2))
    else:
        _show(report, repair=repair)
    if not report.is_sound:
        raise click.exceptions.Exit(1)


async def _reconcile(settings: Settings, *, repair: bool) -> Report:
    async with open_installation(settings) as (installation, keys):
        show_keys(keys)
        with show_progress("Looking through lists") as on_progress:
            pass_over = Reconciliation(
                installation.database, installation.dispatcher, repair, lambda count: on_progress(count, None)
            )
            return await pass_over.run()


def _show(report: Report, *, repair: bool) -> None:
    width = max(len(check.value) for check in report.tallies)
    for check, tally in report.tallies.items():
        click.echo(f"{check.value:{width}}  {tally.looked_at:>11,} looked at  {_verdict(tally)}")
        for place in tally.examples:
            click.echo(f"{'':{width}}  {place}")
    if report.is_sound:
        click.echo("Everything adds up.")
        return
    advice = "the rest cannot be repaired by itself" if repair else "--repair sets right what can be"
    click.echo(f"Something does not add up: {advice}. See docs/how-to/back-up-and-restore.md.")


def _verdict(tally: Tally) -> str:
    if not tally.differ:
        return "right"
    return f"{tally.differ:,} differ, {tally.repaired:,} repaired"
