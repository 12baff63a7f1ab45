"""`leadyard migrate` and `leadyard move`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from leadyard.actions.move import Moved, move_installation, require_free, require_movable
from leadyard.app import Leadyard, build
from leadyard.cli.main import MOVED_MARK
from leadyard.cli.runtime import hold_embedded_database
from leadyard.cli.terminal import show_progress
from leadyard.domain.errors import DatabaseAway
from leadyard.settings import Settings, load_settings
from leadyard.storage.migrate import DatabaseTooNew
from leadyard.storage.migrate import migrate as apply_migrations
from leadyard.storage.move import NotMoved

_MARK_TEXT = """\
Leadyard's data was moved from {file} to PostgreSQL on {moment}:
database "{database}" on {host}.

{file} is as it was at that moment. Leadyard does not work on it any more, or the data would go on in
two places: set LEADYARD_DATABASE_URL. To go back to the data of that moment, delete this file.
"""


class PostgresqlUrl(click.ParamType[str, str]):
    """The address of a PostgreSQL database."""

    name = "postgresql://…"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as it is, if it can be one; what stands in it is never shown."""
        try:
            scheme, port = urlsplit(value).scheme, urlsplit(value).port
        except ValueError:
            self.fail("this is no address of a database.", param, ctx)
        if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or port == 0:
            self.fail("the address must begin with postgresql://.", param, ctx)
        return value


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
    except DatabaseTooNew as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Up to date at {after}." if before == after else f"Migrated to {after}.")


@click.command()
@click.option("--to", type=PostgresqlUrl(), required=True, help="The address of an empty database.")
def move(to: str) -> None:
    """Copy everything from SQLite to PostgreSQL, to go on there.

    Stop the server first. All or nothing is copied, and the copy is compared row by row before it counts.
    Lists that are not finished go on. The SQLite file stays as it is, but is not worked on any more.
    Leave the password out of the address, and in PGPASSWORD or ~/.pgpass, to keep it off the list of
    processes.
    """
    settings = load_settings()
    if not settings.is_sqlite:
        raise click.UsageError("LEADYARD_DATABASE_URL names a PostgreSQL database: only SQLite can be moved.")
    if not settings.sqlite_path.exists():
        raise click.ClickException(f"There is no SQLite database in {settings.data_path}: nothing to move.")
    with hold_embedded_database(settings):
        moved = asyncio.run(_move(settings, to))
    _show(moved, settings)


async def _move(settings: Settings, to: str) -> Moved:
    old, new = build(settings), build(msgspec.structs.replace(settings, database_url=to))
    try:
        await _require_movable(old, new)
        with show_progress("Moving") as on_progress:
            return await move_installation(
                old.database, new.database, on_progress, lambda: _leave_mark(settings, new)
            )
    except DatabaseAway:
        raise click.ClickException(
            "The connection to PostgreSQL was lost, or SQLite is being written to. The SQLite data is as it "
            "was: run the command again."
        ) from None
    except (NotMoved, DatabaseTooNew) as error:
        raise click.ClickException(str(error)) from None
    finally:
        await old.database.close()
        await new.database.close()


async def _require_movable(old: Leadyard, new: Leadyard) -> None:
    try:
        await require_movable(old.database)
    except DatabaseAway:
        raise click.ClickException("The SQLite database cannot be read, or is being written to.") from None
    try:
        await require_free(new.database)
    except DatabaseAway:
        raise click.ClickException(
            "The PostgreSQL database cannot be reached: check the host, the port, the database's name, "
            "the user and the password."
        ) from None


def _leave_mark(settings: Settings, new: Leadyard) -> None:
    """Writes beside the SQLite file where its data went, without user and password."""
    file, url = settings.sqlite_path, new.database.url
    hosts = str(url.host or url.query.get("host", "/"))
    text = _MARK_TEXT.format(
        file=file.name,
        moment=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        database=url.database or "",
        host="this machine" if hosts.startswith("/") else hosts,
    )
    try:
        file.with_name(MOVED_MARK).write_text(text)
    except OSError:
        click.echo(
            f"The data was moved, but {MOVED_MARK} could not be written to {file.parent}: "
            "do not start Leadyard on the SQLite file again.",
            err=True,
        )


def _show(moved: Moved, settings: Settings) -> None:
    """What was moved, and what to set now."""
    width = max(map(len, moved.rows))
    for name, count in moved.rows.items():
        click.echo(f"{name:{width}}  {count:>11,}")
    click.echo(f"Moved and compared, row by row. Jobs made for unfinished lists: {moved.jobs:,}.")
    click.echo("Set LEADYARD_DATABASE_URL to the address given to --to.")
    click.echo(_secret_advice(settings))


def _secret_advice(settings: Settings) -> str:
    if settings.secret_key is not None:
        return "Keep LEADYARD_SECRET_KEY as it is on every machine, or all API keys stop working."
    path = Path(settings.data_path) / "secret.key"
    return (
        f"Keep LEADYARD_DATA_DIR, or set LEADYARD_SECRET_KEY to the content of {path}: with another secret "
        "all API keys stop working."
    )
