"""The commands of `leadyard providers` that set paid providers up and see whether their keys work."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from leadyard.actions.providers import NewProvider
from leadyard.app import Leadyard
from leadyard.cli.runtime import (
    get_operator,
    open_installation,
    run_change,
    run_in_transaction,
    show_keys,
)
from leadyard.domain.accounts import Account, Mode
from leadyard.domain.providers import VERIFICATION, CallFailed
from leadyard.settings import load_settings
from leadyard.storage import accounts as account_rows
from leadyard.storage import pauses
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.database import Tx


@click.command("list")
def list_providers() -> None:
    """List providers: name, kind, the last characters of its key, and what it finds."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> list[str]:
        lines = []
        for report in await installation.office().list_providers(
            tx, await get_operator(tx, account, Mode.LIVE)
        ):
            kind, settings = report.kind, report.settings
            abilities = ", ".join([*sorted(report.groups), *([VERIFICATION] if report.can_verify else [])])
            state = "own" if kind is None else "not set up" if settings is None else "set up"
            key = f"…{settings.last_four}" if settings and settings.last_four else "-"
            lines.append(
                f"{report.name:18}  {kind.name if kind else '-':18}  {state:10}  {key:8}  {abilities}"
            )
        return lines

    for line in run_in_transaction(act):
        click.echo(line)


@click.command("set")
@click.argument("name")
@click.option("--kind", help="What kind of provider it is; its name by default.")
@click.option(
    "--options",
    "options_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with its settings.",
)
@click.option("--credit-price", default=1.0, show_default=True, help="What one of its credits costs.")
def set_provider(name: str, kind: str | None, options_file: Path | None, credit_price: float) -> None:
    """Set a provider up. Its key is read from standard input; without one the key that is there stays."""
    options = _read_options(options_file)
    api_key = (click.prompt("Key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()).strip()
    new = NewProvider(name, kind, api_key or None, options, credit_price)

    async def act(installation: Leadyard, tx: Tx, account: Account) -> None:
        await installation.office().put_provider(tx, await get_operator(tx, account, Mode.LIVE), new)

    run_change(act)
    click.echo(f"{name} is set up. `leadyard providers check {name}` tells whether its key works.", err=True)


@click.command("remove")
@click.argument("name")
def remove_provider(name: str) -> None:
    """Forget a provider and its key."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> None:
        await installation.office().delete_provider(tx, await get_operator(tx, account, Mode.LIVE), name)

    run_change(act)
    click.echo(f"Forgot {name}.", err=True)


@click.command("check")
@click.argument("names", nargs=-1)
def check_providers(names: tuple[str, ...]) -> None:
    """Ask providers something that costs nothing, to see whether their keys work; all by default."""
    results = asyncio.run(_check(set(names)))
    for name, is_ok, told in results:
        click.echo(f"{'ok' if is_ok else 'FAULT':6}  {name:18}  {told}")
    missing = set(names) - {name for name, _, _ in results}
    for name in sorted(missing):
        click.echo(f"FAULT   {name:18}  is not set up")
    if missing or not all(is_ok for _, is_ok, _ in results):
        raise SystemExit(1)


async def _check(names: set[str]) -> list[tuple[str, bool, str]]:
    async with open_installation(load_settings()) as (installation, keys):
        show_keys(keys)
        async with installation.database.read() as tx:
            account = await account_rows.find_first_account(tx)
            assert account is not None
            workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.LIVE)
            known = await settings_rows.list_providers(tx, workspace_id)
        results = []
        for settings in known:
            if names and settings.name not in names:
                continue
            metered = installation.desk.build(workspace_id, settings)
            if metered is None:
                results.append(
                    (settings.name, False, "its key cannot be opened, or its settings are no longer valid")
                )
                continue
            try:
                results.append((settings.name, True, await metered.provider.check_key()))
                await _let_lists_go_on(installation, workspace_id, settings.name)
            except CallFailed as error:
                results.append((settings.name, False, str(error)))
        return results


async def _let_lists_go_on(installation: Leadyard, workspace_id: int, name: str) -> None:
    """What is held against the provider is forgotten: its key works."""
    async with installation.database.write() as tx:
        await pauses.look_again(tx, workspace_id)
        await gate_rows.reopen_gate(tx, workspace_id, name)


def _read_options(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        options = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError):
        options = None
    if not isinstance(options, dict):
        raise click.UsageError("--options must name a file with a JSON object.")
    return options
