"""`leadyard directory`."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import click

from leadyard.actions.directory import load_directory, record_load
from leadyard.cli.runtime import get_operator, open_installation, show_keys
from leadyard.cli.terminal import printable, show_progress
from leadyard.domain.accounts import Mode
from leadyard.domain.directory import LoadReport, UnreadableFile
from leadyard.domain.errors import DatabaseAway
from leadyard.settings import load_settings
from leadyard.storage.accounts import find_first_account

MAX_BAD_ROWS_SHOWN = 20


@click.group()
def directory() -> None:
    """Load your own people and companies, which leads are enriched from."""


@directory.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Add the people in FILE, a CSV or a Parquet file, or update them.

    Rows that cannot be loaded are skipped and named by their line. A server can go on running.
    docs/how-to/load-your-directory.md tells which columns are read.
    """
    report = asyncio.run(_load(file))
    _show_faults(report)
    if report.erased:
        click.echo(f"{report.erased:,} rows skipped: their persons were erased.", err=True)
    if not report.people and not report.erased:
        raise click.ClickException("Nothing was loaded: the file has no row that can be.")
    skipped = f", {report.bad_row_count:,} rows skipped" if report.bad_row_count else ""
    click.echo(f"{report.people:,} people and {report.companies:,} companies loaded{skipped}.")


async def _load(file: Path) -> LoadReport:
    # The garbage collector need not look through the program again and again: a tenth of a load's time.
    gc.freeze()
    async with open_installation(load_settings()) as (installation, keys):
        show_keys(keys)
        with show_progress("Loading") as on_progress:
            try:
                report = await load_directory(installation.database, file, on_progress)
                async with installation.database.write() as tx:
                    account = await find_first_account(tx)
                    assert account is not None
                    await record_load(tx, await get_operator(tx, account, Mode.LIVE), report)
                return report
            except UnreadableFile as error:
                raise click.ClickException(str(error)) from None
            except OSError as error:
                raise click.ClickException(f"The file cannot be read: {error.strerror}.") from None
            except DatabaseAway:
                text = "The database was lost. What was loaded stays: load the file again."
                raise click.ClickException(text) from None


def _show_faults(report: LoadReport) -> None:
    """What was not read, on standard error."""
    if report.unknown_columns:
        click.echo(f"Columns not read: {', '.join(map(printable, report.unknown_columns))}", err=True)
    for row in report.bad_rows[:MAX_BAD_ROWS_SHOWN]:
        click.echo(f"line {row.line}: {row.reason}", err=True)
    more = report.bad_row_count - MAX_BAD_ROWS_SHOWN
    if more > 0:
        click.echo(f"… and {more:,} more rows", err=True)
