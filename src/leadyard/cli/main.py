"""The `leadyard` command. Commands are imported when they are called, so that `--help` is quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from leadyard import __version__
from leadyard.settings import InvalidSetting

COMMANDS = {
    "serve": "leadyard.cli.serve",
    "worker": "leadyard.cli.serve",
    "migrate": "leadyard.cli.database",
    "move": "leadyard.cli.database",
    "doctor": "leadyard.cli.doctor",
    "keys": "leadyard.cli.accounts",
    "users": "leadyard.cli.accounts",
    "credits": "leadyard.cli.accounts",
    "directory": "leadyard.cli.directory",
}


class LazyGroup(click.Group):
    """Finds each command in the module that the table names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports one command."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        name = "credits_group" if cmd_name == "credits" else cmd_name
        command: Any = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Leadyard keeps lead lists: leads come in over HTTP, duplicates go, the rest is enriched.

    Settings are environment variables that begin with LEADYARD_; docs/reference/settings.md names them.
    Begin with `leadyard serve`: it makes its database in ./leadyard-data and prints two API keys.
    """


def main() -> None:
    """Runs the command line; a setting that cannot be used ends it with one sentence and status 2."""
    try:
        cli()
    except InvalidSetting as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
