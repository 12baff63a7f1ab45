"""The command line over an installation of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.command_line import PASSWORD, CommandLine
from tests.support.databases import create_database, drop_database
from tests.support.installation import make_settings
from tests.support.postgres import ServerAddress

from leadyard.settings import Settings


@pytest.fixture
def cli(settings: Settings) -> CommandLine:
    """The commands on an installation that is set up, on either database."""
    return CommandLine(settings)


@pytest.fixture
def embedded(sqlite_template: Path, tmp_path: Path) -> CommandLine:
    """The commands on an installation that is set up, on SQLite."""
    shutil.copy(sqlite_template, tmp_path / "leadyard.db")
    return CommandLine(make_settings(tmp_path))


@pytest.fixture
def empty_database(postgres_server: ServerAddress) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, with a password that the server does not ask for."""
    name = f"empty_{os.getpid()}_{os.urandom(4).hex()}"
    url = create_database(postgres_server, name)
    yield url.replace("@", f":{PASSWORD}@", 1)
    drop_database(postgres_server, name)
