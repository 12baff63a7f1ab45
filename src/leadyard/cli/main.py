"""The `leadyard` command. Commands are imported when they are called, so that `--help` is quick."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from leadyard import __version__

if TYPE_CHECKING:
    from leadyard.settings import Settings

MOVED_MARK = "moved-to-postgresql.txt"

INTERRUPTED_STATUS = 130

_ASKS_FOR_HELP = "leadyard.cli.asks_for_help"


class Entry(NamedTuple):
    """A command: the module it is in, its name there, and what it does."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "serve": Entry(
        "leadyard.cli.serve", "serve", "Serve the API and the pages, and run the jobs beside them."
    ),
    "worker": Entry("leadyard.cli.serve", "worker", "Run jobs only (PostgreSQL)."),
    "doctor": Entry("leadyard.cli.doctor", "doctor", "Check the installation, and say what to do."),
    "migrate": Entry("leadyard.cli.database", "migrate", "Bring the database's schema up to date."),
    "move": Entry("leadyard.cli.database", "move", "Copy everything from SQLite to PostgreSQL."),
    "backup": Entry("leadyard.cli.backup", "backup", "Write a backup of everything."),
    "restore": Entry("leadyard.cli.backup", "restore", "Restore a backup."),
    "reconcile": Entry("leadyard.cli.reconcile", "reconcile", "Prove that all that is counted adds up."),
    "directory": Entry("leadyard.cli.directory", "directory", "Load your own people and companies."),
    "providers": Entry(
        "leadyard.cli.providers", "providers", "Set paid providers up, and see whether their keys work."
    ),
    "webhooks": Entry("leadyard.cli.webhooks", "webhooks", "Be told of what happens, and see what was sent."),
    "keys": Entry("leadyard.cli.keys", "keys", "Make, list, rotate and revoke API keys."),
    "audit": Entry("leadyard.cli.audit", "audit", "See who changed what."),
    "users": Entry("leadyard.cli.accounts", "users", "Add and change users, and let them sign in."),
    "credits": Entry("leadyard.cli.accounts", "credits_group", "Grant credits."),
}


class UnusableSetting(click.ClickException):
    """A setting that cannot be used, in one sentence."""

    exit_code = click.UsageError.exit_code


class LazyGroup(click.Group):
    """Finds each command in the module that the table names, and tells faults in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: Any = getattr(importlib.import_module(entry.module), entry.attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with what the table says of them, so that none is imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Notes whether help is asked for, of any command."""
        ctx.meta[_ASKS_FOR_HELP] = not {"-h", "--help"}.isdisjoint(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; what it cannot go on with ends it with one sentence and a status."""
        # Not at the top: with them `--help` would take twice as long.
        from leadyard.domain.errors import DatabaseAway  # noqa: PLC0415
        from leadyard.settings import InvalidSetting  # noqa: PLC0415

        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            raise UnusableSetting(str(error)) from None
        except DatabaseAway:
            raise click.ClickException("The database cannot be reached.") from None
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from None
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED_STATUS)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Leadyard keeps lead lists: leads come in over HTTP, duplicates go, the rest is enriched.

    Settings are environment variables that begin with LEADYARD_; docs/reference/settings.md names them.
    Begin with `leadyard serve`: it makes its database in ./leadyard-data and prints two API keys.
    """
    if ctx.invoked_subcommand != "doctor" and not ctx.meta[_ASKS_FOR_HELP]:
        _refuse_moved_data()


def find_moved_mark(settings: Settings) -> Path | None:
    """The file that `leadyard move` left beside the SQLite file that is to be used; None without one."""
    if not settings.is_sqlite:
        return None
    mark = settings.sqlite_path.with_name(MOVED_MARK)
    return mark if mark.exists() else None


def _refuse_moved_data() -> None:
    """Keeps every command off SQLite data that lives on in PostgreSQL, or it would go on in two places."""
    from leadyard.settings import load_settings  # noqa: PLC0415

    mark = find_moved_mark(load_settings())
    if mark is not None:
        raise click.ClickException(
            f"The data in {mark.parent} was moved to PostgreSQL: set LEADYARD_DATABASE_URL to that "
            f"database. To go back to what SQLite held before the move, delete {mark}."
        )


def main() -> None:
    """Runs the command line."""
    cli()
