"""`leadyard migrate`."""

from __future__ import annotations

import asyncio

import click

from leadyard.app import build
from leadyard.domain.errors import DatabaseAway
from leadyard.settings import load_settings
from leadyard.storage.migrate import DatabaseTooNew
from leadyard.storage.migrate import migrate as apply_migrations


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date (serve and worker do it too)."""

    async def run() -> tuple[str | None, str]:
        installation = build(load_settings())
        try:
            return await apply_migrations(installation.database)
        finally:
            await installation.database.close()

    try:
        before, after = asyncio.run(run())
    except DatabaseAway:
        raise click.ClickException("The database cannot be reached.") from None
    except DatabaseTooNew as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Up to date at {after}." if before == after else f"Migrated to {after}.")
