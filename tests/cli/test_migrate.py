from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from tests.cli.command_line import PASSWORD, CommandLine
from tests.support.installation import make_settings
from tests.support.processes import free_port


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> CommandLine:
    """The commands on a database that has nothing in it."""
    url = request.getfixturevalue("empty_database") if request.param == "postgresql" else None
    return CommandLine(make_settings(tmp_path / "data", url))


def execute(cli: CommandLine, statement: str) -> None:
    """Changes the database behind the commands' back."""
    if cli.settings.is_sqlite:
        with sqlite3.connect(cli.settings.data_path / "leadyard.db") as connection:
            connection.execute(statement)
    else:
        with psycopg.connect(cli.settings.database_url or "") as server:
            server.execute(statement)


def test_migrating_twice_migrates_once(empty: CommandLine) -> None:
    assert empty.do("migrate").startswith("Migrated to 0")
    assert empty.do("migrate").startswith("Up to date at 0")


def test_migrating_makes_no_account(empty: CommandLine) -> None:
    empty.do("migrate")
    assert "shown once" in empty.run("keys", "list", api_key="").stderr


def test_database_of_a_newer_version_is_left_alone(empty: CommandLine) -> None:
    empty.do("migrate")
    execute(empty, "UPDATE alembic_version SET version_num = '9999'")
    for words in (["migrate"], ["keys", "list"], ["directory", "load", __file__]):
        result = empty.run(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "9999" in result.stderr
        assert "newer" in result.stderr


def test_database_that_is_away_is_one_sentence_without_its_password(embedded: CommandLine) -> None:
    url = f"postgresql://leadyard:{PASSWORD}@127.0.0.1:{free_port()}/leadyard"
    result = embedded.run("migrate", database_url=url)
    assert (result.exit_code, result.output) == (1, "Error: The database cannot be reached.\n")
