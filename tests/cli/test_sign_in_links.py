from __future__ import annotations

import re

import pytest
from tests.cli.command_line import CommandLine
from tests.support.installation import ADMIN_EMAIL

from leadyard.app import Leadyard
from leadyard.cli.serve import prepare
from leadyard.settings import Settings

LINK = re.compile(r"^ *(http://127\.0\.0\.1:\d+)/welcome/([\w-]{43})$", re.M)


async def test_each_start_prints_a_link_while_nobody_has_a_password(
    settings: Settings, installation: Leadyard, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        await prepare(settings, "http://127.0.0.1:8123")
        told = capsys.readouterr()
        assert told.out == ""
        ((address, token),) = LINK.findall(told.err)
        assert (address, ADMIN_EMAIL in told.err) == ("http://127.0.0.1:8123", True)
    async with installation.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE users SET password_hash = 'set'")
    await prepare(settings)
    assert LINK.findall(capsys.readouterr().err) == []
    assert token


def test_link_is_made_for_a_user_there_is(cli: CommandLine) -> None:
    assert LINK.fullmatch(cli.do("users", "link", ADMIN_EMAIL.upper()).strip())
    assert cli.run("users", "link", "nobody@acme.example").exit_code == 1
    cli.do("users", "add", "ben@acme.example")
    cli.do("users", "change", "ben@acme.example", "--status", "disabled")
    assert cli.run("users", "link", "ben@acme.example").exit_code == 1
