from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from tests.cli.command_line import CommandLine
from tests.support.installation import make_settings
from tests.support.processes import run_leadyard

from leadyard import __version__
from leadyard.cli.main import COMMANDS, cli


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command under a group, groups included, with the words it is called by."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, *path, name)


@pytest.fixture
def outside_of_any(tmp_path: Path) -> CommandLine:
    return CommandLine(make_settings(tmp_path / "none"))


@pytest.mark.parametrize(
    ("words", "found"), [pytest.param(*each, id=" ".join(each[0])) for each in commands(cli)]
)
def test_help_of_every_command_tells_what_it_and_its_options_do(
    outside_of_any: CommandLine, words: tuple[str, ...], found: click.Command
) -> None:
    for asking in ("--help", "-h"):
        told = outside_of_any.do(*words, asking)
        assert told.startswith(f"Usage: cli {' '.join(words)} ")
    assert found.help
    for option in found.params:
        if isinstance(option, click.Option):
            assert option.help, f"{words} {option.name}"
            assert option.opts[0] in told
    assert not Path(outside_of_any.settings.data_dir).exists()


def test_table_of_commands_says_what_the_commands_say(outside_of_any: CommandLine) -> None:
    told = outside_of_any.do("--help")
    for words, found in commands(cli):
        if len(words) == 1:
            summary = COMMANDS[words[0]].summary
            assert f"  {words[0]} " in told
            assert summary in told
            assert (found.help or "").startswith(summary.removesuffix("."))


def test_help_starts_without_what_only_commands_need() -> None:
    heavy = (
        "litestar",
        "sqlalchemy",
        "rich",
        "psycopg",
        "uvicorn",
        "pyarrow",
        "email_validator",
        "leadyard.app",
    )
    code = (
        "import sys\nfrom leadyard.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "[]"


def test_version_is_told(outside_of_any: CommandLine) -> None:
    assert __version__ in outside_of_any.do("--version")


def test_unknown_command_option_and_argument_are_usage_faults(outside_of_any: CommandLine) -> None:
    for words in (["nope"], ["keys", "nope"], ["keys", "list", "--nope"], ["keys", "revoke"], ["move"], []):
        assert outside_of_any.run(*words).exit_code == 2, words


def test_bad_setting_is_one_sentence_and_status_2(outside_of_any: CommandLine) -> None:
    bad: list[dict[str, Any]] = [
        {"no_such": "1"},
        {"rate_limit": "many"},
        {"database_url": "mysql://x"},
        {"read_database_url": "postgresql://replica.example/leads"},
    ]
    for changed in bad:
        result = outside_of_any.run("keys", "list", **changed)
        assert (result.exit_code, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        assert "LEADYARD_" in line


def test_what_the_client_goes_by_is_no_unknown_setting(embedded: CommandLine) -> None:
    assert embedded.do("keys", "list", url="https://leads.acme.example", profile="work")


def test_settings_that_cannot_be_used_do_not_keep_the_help_away(outside_of_any: CommandLine) -> None:
    assert "Usage" in outside_of_any.do("keys", "create", "--help", rate_limit="many")


def test_failed_command_has_status_1_and_says_why_on_standard_error(embedded: CommandLine) -> None:
    result = embedded.run("keys", "revoke", "00000000-0000-7000-8000-000000000000")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: There is no active key")


def test_folder_that_cannot_be_made_is_one_sentence(outside_of_any: CommandLine) -> None:
    result = outside_of_any.run("keys", "list", data_dir="/proc/leadyard")
    assert (result.exit_code, result.output) == (1, "Error: /proc/leadyard: No such file or directory.\n")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started minds interruptions; a shell that runs the tests in the background has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_command_has_status_130(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_database:
        port = silent_database.getsockname()[1]
        env = {"LEADYARD_DATABASE_URL": f"postgresql://leadyard@127.0.0.1:{port}/leadyard"}
        with run_leadyard("keys", "list", env=env, folder=tmp_path) as process:
            silent_database.settimeout(30)
            connection, _ = silent_database.accept()
            with connection:
                process.send(signal.SIGINT)
                assert process.wait(30) == 130
            assert process.log() == "Interrupted.\n"


def test_program_is_called_leadyard_in_its_own_help() -> None:
    program = Path(sys.executable).with_name("leadyard")
    output = subprocess.run([program, "keys", "--help"], capture_output=True, text=True, check=True).stdout
    assert output.startswith("Usage: leadyard keys ")


def test_output_cut_off_by_its_reader_is_no_traceback(embedded: CommandLine) -> None:
    env = {"PATH": os.environ["PATH"], **embedded.env}
    command = f"{sys.executable} -m leadyard keys list | true"
    result = subprocess.run(command, shell=True, env=env, capture_output=True, text=True, check=True)
    assert "Traceback" not in result.stderr
