"""The `leadyard` command. Commands are imported when they are called, so that `--help` is quick."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadyard import __version__
from leadyard.cli.garbage import slow_garbage_collector
from leadyard.cli.tables import Entry, TableGroup

if TYPE_CHECKING:
    from leadyard.settings import Settings

MOVED_MARK = "moved-to-postgresql.txt"

INTERRUPTED_STATUS = 130

_ASKS_FOR_HELP = "leadyard.cli.asks_for_help"


OF_LISTS = {
    "login": Entry("leadyard.cli.login", "login", "Keep the address of a service and an API key."),
    "logout": Entry("leadyard.cli.login", "logout", "Forget an address and its API key."),
    "lists": Entry("leadyard.cli.lists", "lists", "List lists, newest first."),
    "list": Entry(
        "leadyard.cli.lists", "list_group", "See, watch, export, pause, resume, cancel or delete a list."
    ),
    "leads": Entry("leadyard.cli.leads", "leads_group", "Add leads to a list."),
    "import": Entry("leadyard.cli.import_file", "import_file", "Import the leads of a file."),
    "find": Entry("leadyard.cli.people", "find", "Find one person."),
    "verify": Entry("leadyard.cli.people", "verify", "Say of e-mails whether mail to them arrives."),
    "credits": Entry("leadyard.cli.credits", "credits_group", "Show both balances, or grant credits."),
    "providers": Entry("leadyard.cli.providers", "providers", "Show how providers do, or set paid ones up."),
    "mcp": Entry("leadyard.cli.mcp", "mcp", "Let an agent use a service."),
    "completion": Entry("leadyard.cli.completion", "completion", "Print what completes commands."),
}
"""Those that call a service; of `credits` and `providers`, some work on the database, and look after that."""

OF_INSTALLATION = {
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
    "webhooks": Entry("leadyard.cli.webhooks", "webhooks", "Be told of what happens, and see what was sent."),
    "keys": Entry("leadyard.cli.keys", "keys", "Make, list, rotate and revoke API keys."),
    "audit": Entry("leadyard.cli.audit", "audit", "See who changed what."),
    "users": Entry("leadyard.cli.accounts", "users", "Add and change users, and let them sign in."),
}
"""Those that work on the database of the settings, where the service runs."""

SECTIONS = {
    "Commands that call a service": OF_LISTS,
    "Commands of the installation": OF_INSTALLATION,
}
COMMANDS = {**OF_LISTS, **OF_INSTALLATION}


class UnusableSetting(click.ClickException):
    """A setting that cannot be used, in one sentence."""

    exit_code = click.UsageError.exit_code


class MainGroup(TableGroup):
    """The program: it tells faults in a sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Notes whether help is asked for, of any command."""
        ctx.meta[_ASKS_FOR_HELP] = not {"-h", "--help"}.isdisjoint(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; what it cannot go on with ends it with one sentence and a status."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from None
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED_STATUS)
        except Exception as error:
            failure = _explain(error)
            if failure is None:
                raise
            raise failure from None


def _explain(error: Exception) -> click.ClickException | None:
    """The sentence for an error of the service's parts or of the client; None for a defect of ours."""
    # Not at the top: with them `--help` would take twice as long.
    if type(error).__module__.startswith("leadyard_client"):
        from leadyard.cli.failures import explain  # noqa: PLC0415

        return explain(error)
    from leadyard.domain.errors import DatabaseAway  # noqa: PLC0415
    from leadyard.settings import InvalidSetting  # noqa: PLC0415

    if isinstance(error, InvalidSetting):
        return UnusableSetting(str(error))
    if isinstance(error, DatabaseAway):
        return click.ClickException("The database cannot be reached.")
    return None


@click.group(cls=MainGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Leadyard keeps lead lists: leads come in over HTTP, duplicates go, the rest is enriched.

    Begin with `leadyard serve`: it makes its database in ./leadyard-data and prints two API keys. With one
    of them, `leadyard login` lets you use the others. docs/reference/commands.md describes all.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    if ctx.invoked_subcommand in OF_INSTALLATION and ctx.invoked_subcommand != "doctor":
        refuse_moved_data(ctx)


def find_moved_mark(settings: Settings) -> Path | None:
    """The file that `leadyard move` left beside the SQLite file that is to be used; None without one."""
    if not settings.is_sqlite:
        return None
    mark = settings.sqlite_path.with_name(MOVED_MARK)
    return mark if mark.exists() else None


def refuse_moved_data(ctx: click.Context) -> None:
    """Keeps a command off SQLite data that lives on in PostgreSQL, or it would go on in two places."""
    if ctx.meta[_ASKS_FOR_HELP]:
        return
    from leadyard.settings import load_settings  # noqa: PLC0415

    mark = find_moved_mark(load_settings())
    if mark is not None:
        raise click.ClickException(
            f"The data in {mark.parent} was moved to PostgreSQL: set LEADYARD_DATABASE_URL to that "
            f"database. To go back to what SQLite held before the move, delete {mark}."
        )


def main() -> None:
    """Runs the command line."""
    slow_garbage_collector()
    cli()
