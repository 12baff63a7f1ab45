from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from tests.cli.command_line import CommandLine
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Service

from leadyard.app import Leadyard

MEMBER = "ann@acme.example"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


async def get(installation: Leadyard, key: str, path: str = "/credits") -> tuple[int, Any]:
    """Status and body of an answer, by an application that remembers nobody."""
    async with Service(installation).client(key) as client:
        answer = await client.get(path)
        return answer.status_code, answer.json()


async def run(cli: CommandLine, *arguments: str, **changed: Any) -> str:
    return await asyncio.to_thread(cli.do, *arguments, **changed)


async def create(cli: CommandLine, *options: str) -> tuple[str, str]:
    """A new key, and its id as the list of keys has it."""
    key = (await run(cli, "keys", "create", *options)).strip()
    (line,) = [line for line in (await run(cli, "keys", "list")).splitlines() if f"…{key[-4:]} " in line]
    return key, line.split()[0]


@pytest.mark.parametrize("mode", ["live", "test"])
async def test_new_key_opens_the_data_of_its_mode_until_it_is_revoked(
    cli: CommandLine, installation: Leadyard, mode: str
) -> None:
    await run(cli, "credits", "grant", "email", "1", "--mode", mode)
    key, key_id = await create(cli, "--mode", mode)
    assert re.fullmatch(rf"ly_{mode}_[0-9A-Za-z]{{32}}_[0-9A-Za-z]{{6}}", key)
    status, body = await get(installation, key)
    assert (status, body["email"]["balance"]) == (200, 100_001)
    await run(cli, "keys", "revoke", key_id)
    assert (await get(installation, key))[0] == 401
    assert (await get(installation, TEST_KEY))[0] == 200


def test_key_is_the_only_thing_on_standard_output_and_is_not_kept(cli: CommandLine) -> None:
    result = cli.run("keys", "create", "--name", "crm")
    assert re.fullmatch(r"ly_live_\w+\n", result.stdout)
    assert "shown once" in result.stderr
    assert result.stdout.strip() not in result.stderr + cli.do("keys", "list")


def test_keys_are_listed_with_what_tells_them_apart(cli: CommandLine) -> None:
    cli.do("users", "add", MEMBER)
    key = cli.do("keys", "create", "--name", "crm\x1b[2J", "--user", MEMBER, "--mode", "test").strip()
    lines = cli.do("keys", "list").splitlines()
    assert len(lines) == 3
    told = rf"used never  ends never  {re.escape(MEMBER)}  crm\?\[2J  all of its role"
    wanted = rf"{ID}  test  member     …{key[-4:]}  active   {told}"
    assert re.fullmatch(wanted, lines[-1])
    cli.do("keys", "revoke", lines[-1].split()[0])
    assert re.fullmatch(wanted.replace("active ", "revoked"), cli.do("keys", "list").splitlines()[-1])


def test_key_is_revoked_once(cli: CommandLine) -> None:
    key_id = cli.do("keys", "list").split()[0]
    cli.do("keys", "revoke", key_id)
    result = cli.run("keys", "revoke", key_id)
    assert (result.exit_code, result.stdout) == (1, "")


async def test_member_has_no_admin_key(cli: CommandLine, installation: Leadyard) -> None:
    await run(cli, "users", "add", MEMBER)
    key, _ = await create(cli, "--user", MEMBER)
    async with Service(installation).client(key) as client:
        grant = {"kind": "email", "amount": 1, "reason": "more"}
        assert (await client.post("/credits/grants", json=grant)).status_code == 403
    result = await asyncio.to_thread(cli.run, "keys", "create", "--user", MEMBER, "--role", "admin")
    assert result.exit_code == 2
    key, _ = await create(cli, "--user", ADMIN_EMAIL, "--role", "member")
    async with Service(installation).client(key) as client:
        assert (await client.post("/credits/grants", json=grant)).status_code == 403


def test_key_for_nobody_is_refused(cli: CommandLine) -> None:
    for email in ("nobody@acme.example", "no address"):
        result = cli.run("keys", "create", "--user", email)
        assert (result.exit_code, result.stdout) == (2, "")
    assert len(cli.do("keys", "list").splitlines()) == 2


async def test_added_user_can_own_lists(cli: CommandLine, installation: Leadyard) -> None:
    user_id = (await run(cli, "users", "add", " Ann@ACME.example", "--name", "Ann Lee")).strip()
    assert re.fullmatch(ID, user_id)
    _, body = await get(installation, TEST_KEY, "/users")
    assert {"id": user_id, "name": "Ann Lee", "email": MEMBER, "status": "active", "role": "member"} in body[
        "users"
    ]
    async with Service(installation).client(TEST_KEY) as client:
        new_list = {"shared": True, "owner": MEMBER, "type": "email", "leads": []}
        assert (await client.post("/lead-lists", json=new_list)).status_code == 202


async def test_user_without_a_name_is_called_by_their_address(
    cli: CommandLine, installation: Leadyard
) -> None:
    await run(cli, "users", "add", "boss@acme.example", "--role", "admin")
    _, body = await get(installation, TEST_KEY, "/users")
    assert [(user["name"], user["role"]) for user in body["users"]][-1] == ("boss", "admin")


def test_user_is_added_once_and_with_an_address(cli: CommandLine) -> None:
    cli.do("users", "add", MEMBER)
    assert cli.run("users", "add", MEMBER.upper()).exit_code == 1
    assert cli.run("users", "add", "no address").exit_code == 2


async def test_granted_credits_are_in_the_ledger_to_the_milli_credit(
    cli: CommandLine, installation: Leadyard
) -> None:
    printed = await run(cli, "credits", "grant", "phone", "0.001", "--mode", "test", "--reason", "gift")
    assert printed == "100000.001\n"
    _, balances = await get(installation, TEST_KEY)
    assert (balances["phone"]["balance"], balances["email"]["balance"]) == (100_000.001, 100_000)
    _, ledger = await get(installation, TEST_KEY, "/credits/entries?page[size]=1")
    entry = next(iter(ledger["entries"]))
    assert (entry["kind"], entry["amount"], entry["reason"], entry["note"]) == (
        "phone",
        0.001,
        "grant",
        "gift",
    )


def test_balance_is_printed_in_full(cli: CommandLine) -> None:
    assert cli.do("credits", "grant", "email", "1000000000") == "1000100000\n"
    assert cli.do("credits", "grant", "email", "234.5") == "1000100234.5\n"


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.0005", "1000000000.001", "nan", "inf", "-inf", "1e99", "many"]
)
def test_amount_that_cannot_be_granted_exactly_is_refused(cli: CommandLine, amount: str) -> None:
    assert cli.run("credits", "grant", "email", "--", amount).exit_code == 2
    assert cli.do("credits", "grant", "email", "1") == "100001\n"


def test_first_command_on_an_empty_database_sets_it_up_and_shows_the_keys(embedded: CommandLine) -> None:
    folder = f"{embedded.settings.data_dir}/new"
    result = embedded.run("keys", "list", data_dir=folder, api_key="")
    assert result.exit_code == 0
    shown = re.findall(r"ly_(?:live|test)_\w+", result.stderr)
    assert [key[-4:] for key in shown] == re.findall(r"…(\w{4})", result.stdout)
    assert embedded.run("keys", "list", data_dir=folder, api_key="").stderr == ""
