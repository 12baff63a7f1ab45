"""Scopes, expiry and rotation of keys, roles of users, and the log of it all, on the command line."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from msgspec.structs import replace
from tests.cli.command_line import CommandLine
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Service

from leadyard.app import Leadyard
from leadyard.cli.serve import prepare
from leadyard.settings import Settings

MEMBER = "ann@acme.example"


async def run(cli: CommandLine, *arguments: str, **changed: Any) -> str:
    return await asyncio.to_thread(cli.do, *arguments, **changed)


async def status_of(installation: Leadyard, key: str, path: str) -> int:
    """How a key is answered by an application that remembers nobody."""
    async with Service(installation).client(key) as client:
        return (await client.get(path)).status_code


def line_of(cli: CommandLine, key: str) -> str:
    [line] = [line for line in cli.do("keys", "list").splitlines() if f"…{key.strip()[-4:]} " in line]
    return line


async def test_key_can_do_what_its_scopes_say(cli: CommandLine, installation: Leadyard) -> None:
    scopes = ("--scope", "lists:read", "--scope", "credits:read", "--expires", "90d")
    key = (await run(cli, "keys", "create", *scopes)).strip()
    for path, status in (("/lead-lists", 200), ("/credits", 200), ("/users", 403)):
        assert await status_of(installation, key, path) == status
    line = await asyncio.to_thread(line_of, cli, key)
    assert line.endswith("key  credits:read lists:read")
    assert re.search(r"used never  ends 20\d\d-\d\d-\d\d", line)


async def test_rotated_key_goes_on_for_the_overlap(cli: CommandLine, installation: Leadyard) -> None:
    for overlap, status in (("1h", 200), ("0s", 401)):
        old = (await run(cli, "keys", "create", "--mode", "test", "--name", "crm")).strip()
        key_id = (await asyncio.to_thread(line_of, cli, old)).split()[0]
        new = (await run(cli, "keys", "rotate", key_id, "--overlap", overlap)).strip()
        assert new.startswith("ly_test_")
        assert await status_of(installation, new, "/users") == 200
        assert await status_of(installation, old, "/users") == status
        again = await asyncio.to_thread(cli.run, "keys", "rotate", key_id)
        assert (again.exit_code, again.stdout) == (1, "")


@pytest.mark.parametrize("duration", ["", "1", "h", "1w", "-1d", "1.5h", "3651d", "9999999999s"])
def test_duration_that_is_none_is_refused(cli: CommandLine, duration: str) -> None:
    assert cli.run("keys", "create", "--expires", duration).exit_code == 2
    assert len(cli.do("keys", "list").splitlines()) == 2


async def test_key_of_the_settings_that_opens_nothing_is_told_at_the_start(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, is_told in ((TEST_KEY, False), ("ly_live_" + "r" * 38, True)):
        await prepare(replace(settings, api_key=key))
        told = capsys.readouterr()
        assert ("LEADYARD_API_KEY is no key of this installation" in told.err) is is_told
        assert key not in told.err + told.out


async def test_changed_user_takes_their_keys_along(cli: CommandLine, installation: Leadyard) -> None:
    await run(cli, "users", "add", MEMBER)
    key = (await run(cli, "keys", "create", "--user", MEMBER)).strip()
    find = "/people/find?email=notfound@acme.example"
    assert await status_of(installation, key, find) == 404
    await run(cli, "users", "change", MEMBER.upper(), "--role", "read_only")
    assert await status_of(installation, key, find) == 403
    await run(cli, "users", "change", MEMBER, "--status", "disabled")
    assert await status_of(installation, key, "/users") == 401


def test_last_admin_stays(cli: CommandLine) -> None:
    for change in (("--role", "member"), ("--status", "disabled")):
        assert cli.run("users", "change", ADMIN_EMAIL, *change).exit_code == 1
    cli.do("users", "add", "boss@acme.example", "--role", "admin")
    cli.do("users", "change", ADMIN_EMAIL, "--role", "member")
    assert cli.run("users", "change", "boss@acme.example", "--role", "member").exit_code == 1
    assert cli.run("users", "change", "nobody@acme.example", "--role", "admin").exit_code == 1


def test_what_commands_change_is_in_the_log(cli: CommandLine) -> None:
    cli.do("users", "add", MEMBER, "--role", "read_only")
    cli.do("users", "change", MEMBER, "--role", "member")
    cli.do("keys", "create", "--user", MEMBER)
    cli.do("credits", "grant", "email", "1.5")
    lines = cli.do("audit", "--limit", "4").splitlines()
    assert [line.split()[2] for line in lines] == [
        "credits.granted",
        "key.created",
        "user.changed",
        "user.added",
    ]
    assert all("  command line  -  " in line for line in lines)
    assert '"milli_credits": 1500' in lines[0]
    assert MEMBER not in "".join(lines)
    [only] = cli.do("audit", "--action", "user.added").splitlines()
    assert only == lines[3]
    assert "credits.granted" not in cli.do("audit", "--mode", "test")
    assert cli.do("audit", "--user", ADMIN_EMAIL) == ""
