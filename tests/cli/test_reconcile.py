from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import psycopg
from tests.cli.command_line import CommandLine

from leadyard.domain.reconciliation import Check

TAKE = "UPDATE credit_balances SET balance = balance - 7 WHERE kind = 'email'"


def damage(cli: CommandLine) -> None:
    """Takes something off two balances without a line in the ledger."""
    if cli.settings.is_sqlite:
        with closing(sqlite3.connect(cli.settings.sqlite_path)) as connection:
            connection.execute(TAKE)
            connection.commit()
    else:
        with psycopg.connect(cli.settings.libpq_url) as server:
            server.execute(TAKE)


def test_status_says_whether_everything_adds_up_by_now(cli: CommandLine) -> None:
    told = cli.do("reconcile").splitlines()
    assert [line.partition("  ")[0] for line in told[:-1]] == [check.value for check in Check]
    assert all(line.endswith("right") for line in told[:-1])
    assert told[-1] == "Everything adds up."
    damage(cli)
    result = cli.run("reconcile")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("balances")]
    assert line.split() == ["balances", "4", "looked", "at", "2", "differ,", "0", "repaired"]
    assert "--repair sets right what can be" in result.stdout
    assert "2 differ, 2 repaired" in cli.do("reconcile", "--repair")
    assert cli.do("reconcile").endswith("Everything adds up.\n")
    for mode in ("live", "test"):
        (entry,) = cli.do("audit", "--mode", mode, "--action", "ledger.repaired").splitlines()
        assert "  command line  " in entry
        assert entry.endswith('{"check": "balances", "place": "email"}')


def test_machines_are_told_the_same(cli: CommandLine) -> None:
    damage(cli)
    result = cli.run("reconcile", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["is_sound"]) == (1, False)
    assert {"check", "looked_at", "differ", "repaired", "examples"} == set(told["checks"][0])
    balances = {each["check"]: each for each in told["checks"]}["balances"]
    assert (balances["differ"], balances["repaired"]) == (2, 0)
    assert all(place.startswith("email of workspace ") for place in balances["examples"])
