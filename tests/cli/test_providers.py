"""`leadyard providers`: set up, listed, checked, forgotten; the key comes by standard input only."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.cli.command_line import CommandLine
from tests.support.vendors.people import KEY
from tests.support.vendors.rigs import VENDORS, options_for
from tests.support.vendors.server import serve_vendor

LOOPBACK = "127.0.0.0/8"


def line_of(listed: str, name: str) -> list[str]:
    """The words of a provider's line."""
    (line,) = [line for line in listed.splitlines() if line.startswith(f"{name} ")]
    return line.split()


def test_provider_is_set_up_listed_and_forgotten(cli: CommandLine) -> None:
    assert "not set up" in cli.do("providers", "list")
    done = cli.run("providers", "set", "my_hunter", "--kind", "hunter", told=f"{KEY}\n")
    assert done.exit_code == 0
    listed = cli.do("providers", "list")
    assert line_of(listed, "my_hunter")[:4] == ["my_hunter", "hunter", "set", "up"]
    assert f"…{KEY[-4:]}" in listed
    assert KEY not in done.output + listed
    cli.do("providers", "remove", "my_hunter")
    assert "my_hunter" not in cli.do("providers", "list")


def test_key_that_is_there_stays_when_none_is_told(cli: CommandLine) -> None:
    cli.do("providers", "set", "hunter", told=KEY)
    cli.do("providers", "set", "hunter", "--credit-price", "0.3", told="")
    assert f"…{KEY[-4:]}" in cli.do("providers", "list")


async def test_check_tells_whether_each_key_works(cli: CommandLine, tmp_path: Path) -> None:
    for name in ("hunter", "apollo"):
        vendor = VENDORS[name]()
        async with serve_vendor(vendor.handle) as server:
            file = tmp_path / f"{name}.json"
            await asyncio.to_thread(file.write_text, json.dumps(options_for(vendor, server.url)))
            for key, status, word in ((KEY, 0, "ok"), ("another-key", 1, "FAULT")):
                options = ("--options", str(file))
                await asyncio.to_thread(cli.do, "providers", "set", name, *options, told=key)
                checked = await asyncio.to_thread(cli.run, "providers", "check", name, allowed_hosts=LOOPBACK)
                assert checked.exit_code == status, checked.output
                assert checked.stdout.startswith(word)
                assert key not in checked.output
            assert vendor.sold == 0


def test_address_that_is_not_public_is_not_called(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    file.write_text('{"base_url": "http://127.0.0.1:1"}')
    cli.do("providers", "set", "hunter", "--options", str(file), told=KEY)
    assert cli.run("providers", "check").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("set", "nonsense"), "There is no such kind of provider"),
        (("set", "directory"), "Unsupported value"),
        (("remove", "apollo"), "Could not find provider."),
        (("check", "apollo"), "is not set up"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    cli: CommandLine, arguments: tuple[str, ...], text: str
) -> None:
    result = cli.run("providers", *arguments)
    assert result.exit_code == 1
    assert text in result.output


def test_options_that_are_no_object_are_refused(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    file.write_text("[]")
    result = cli.run("providers", "set", "hunter", "--options", str(file))
    assert result.exit_code == 2
    assert "JSON object" in result.output
