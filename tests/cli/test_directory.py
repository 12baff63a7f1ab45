from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from tests.cli.command_line import CommandLine
from tests.support.installation import LIVE_KEY, Service, create_list
from tests.support.served import serve

EXAMPLES = Path(__file__).parents[2] / "examples" / "directory.csv"
HEADER = "email,first_name\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_csv_file_is_loaded_and_loaded_again(cli: CommandLine) -> None:
    for _ in range(2):
        result = cli.run("directory", "load", str(EXAMPLES))
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == "2,400 people and 360 companies loaded.\n"


def test_parquet_file_is_loaded(cli: CommandLine, tmp_path: Path) -> None:
    table = pyarrow.table({"email": ["ann@acme.example", "no address"], "hobby": ["chess", "tea"]})
    parquet.write_table(table, tmp_path / "people.parquet")
    result = cli.run("directory", "load", str(tmp_path / "people.parquet"))
    assert result.stdout == "1 people and 0 companies loaded, 1 rows skipped.\n"
    assert result.stderr == "Columns not read: hobby\nline 2: email: not a valid address\n"


def test_bad_rows_are_named_by_line_and_the_rest_is_loaded(embedded: CommandLine, file: Path) -> None:
    file.write_text(HEADER + "ann@acme.example,Ann\n" + "secret value,Ben\n" * 25)
    result = embedded.run("directory", "load", str(file))
    assert result.exit_code == 0
    assert result.stdout == "1 people and 0 companies loaded, 25 rows skipped.\n"
    lines = result.stderr.splitlines()
    assert lines[:20] == [f"line {number}: email: not a valid address" for number in range(3, 23)]
    assert lines[20:] == ["… and 5 more rows"]


def test_twenty_bad_rows_are_all_named(embedded: CommandLine, file: Path) -> None:
    file.write_text(HEADER + "ann@acme.example,Ann\n" + "x,Ben\n" * 20)
    assert "more" not in embedded.run("directory", "load", str(file)).stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name,phone\nAnn,1\n", "No column identifies people"),
        (b"email,email\n", "The column email is there twice"),
        (b"", "No column identifies people"),
        (b"PAR1 and no more", "begins like Parquet"),
        (HEADER.encode(), "Nothing was loaded"),
        (HEADER.encode() + b"no address,Ann\n", "Nothing was loaded"),
    ],
    ids=["missing-columns", "column-twice", "empty", "broken-parquet", "no-rows", "bad-rows-only"],
)
def test_file_that_nothing_can_be_loaded_from_is_status_1(
    embedded: CommandLine, file: Path, content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    result = embedded.run("directory", "load", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr


def test_file_that_is_not_there_is_a_usage_fault(embedded: CommandLine, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        assert embedded.run("directory", "load", str(path)).exit_code == 2


def test_names_of_columns_do_not_steer_the_terminal(embedded: CommandLine, file: Path) -> None:
    file.write_text("email,\x1b[2J\nann@acme.example,x\n")
    assert "Columns not read: ?[2J\n" in embedded.run("directory", "load", str(file)).stderr


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
def test_progress_is_shown_on_a_terminal_only(embedded: CommandLine, is_terminal: bool) -> None:
    command = [sys.executable, "-m", "leadyard", "directory", "load", str(EXAMPLES)]
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", **embedded.env}
    reading, writing = pty.openpty() if is_terminal else os.pipe()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=writing, text=True) as process:
        os.close(writing)
        shown = b""
        # Read while it runs: a pseudo-terminal holds 4 KiB, and a slow load shows more.
        while part := _read(reading):
            shown += part
        os.close(reading)
        told, _ = process.communicate()
    assert told == "2,400 people and 360 companies loaded.\n"
    assert (b"Loading" in shown) == is_terminal
    assert bool(shown) == is_terminal


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""  # how the other end of a pseudo-terminal says that it is closed


def test_people_are_loaded_beside_a_running_server(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "leadyard", "directory", "load", str(EXAMPLES)]
    with serve(tmp_path) as served:
        env = {"PATH": os.environ["PATH"], "LEADYARD_DATA_DIR": str(tmp_path / "data")}
        result = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        assert re.match("2,400 people", result.stdout)
        served.process.wait_until_ready(served.url)


async def test_loaded_people_enrich_leads(cli: CommandLine, service: Service, file: Path) -> None:
    await asyncio.to_thread(file.write_text, HEADER + "ann@acme.example,Ann\n")
    await asyncio.to_thread(cli.do, "directory", "load", str(file))
    async with service.client(LIVE_KEY) as client:
        leads = [{"email": "ann@acme.example"}, {"email": "ben@acme.example"}]
        made = await create_list(client, "email", leads, options={"enrich": True})
        completed = await service.until_completed(client, made["id"])
    assert [lead["first_name"] for lead in completed["leads"]] == ["Ann", None]


async def test_rows_of_erased_persons_are_counted_and_skipped(
    cli: CommandLine, service: Service, file: Path
) -> None:
    async with service.client(LIVE_KEY) as client:
        assert (await client.post("/erasures", json={"email": "ann@acme.example"})).status_code == 200
    rows = ("ann@acme.example,Ann\n", "ben@acme.example,Ben\n")
    for taken, said in ((rows, "1 people and 0 companies"), (rows[:1], "0 people and 0 companies")):
        await asyncio.to_thread(file.write_text, HEADER + "".join(taken))
        result = await asyncio.to_thread(cli.run, "directory", "load", str(file))
        assert (result.exit_code, result.stdout) == (0, f"{said} loaded.\n")
        assert "1 rows skipped: their persons were erased.\n" in result.stderr
