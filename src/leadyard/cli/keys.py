"""`leadyard keys`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import click

from leadyard.actions import api_keys as key_actions
from leadyard.actions.api_keys import WantedKey
from leadyard.app import Leadyard
from leadyard.cli.runtime import explain_refusals, get_operator, run_in_transaction
from leadyard.cli.terminal import printable
from leadyard.domain.accounts import SCOPES_OF, Account, ApiKey, Caller, Mode, Role, Scope
from leadyard.domain.errors import NotFound
from leadyard.storage import api_keys as key_rows
from leadyard.storage import users as user_rows
from leadyard.storage.database import Tx

MODES = click.Choice([mode.value for mode in Mode])
ROLES = click.Choice([role.value for role in Role])
SCOPES = click.Choice([scope.value for scope in Scope])
MAX_DURATION = timedelta(days=3_650)
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

ResultT = TypeVar("ResultT")


class Duration(click.ParamType[timedelta]):
    """A number of seconds, minutes, hours or days: 30m, 24h, 90d."""

    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration, ten years at most."""
        match = re.fullmatch("([0-9]{1,9})([smhd])", value)
        if match is not None:
            duration = timedelta(seconds=int(match[1]) * SECONDS[match[2]])
            if duration <= MAX_DURATION:
                return duration
        detail = "must be a number and s, m, h or d, such as 24h, and at most ten years."
        raise click.BadParameter(detail, ctx, param)


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke API keys."""


@keys.command("create")
@click.option("--name", default="key", show_default=True, help="What to tell the key by.")
@click.option("--user", "email", help="E-mail of the user it is for; the admin by default.")
@click.option("--mode", type=MODES, default=Mode.LIVE.value, show_default=True, help="The data it opens.")
@click.option("--role", type=ROLES, help="The user's own role by default, and never more than that.")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, help="All those of the role by default.")
@click.option("--expires", "lifetime", type=Duration(), help="When it ends, such as 90d; never by default.")
def create_key(
    name: str,
    email: str | None,
    mode: str,
    role: str | None,
    scopes: tuple[str, ...],
    lifetime: timedelta | None,
) -> None:
    """Make a key and print it once."""
    own = frozenset(map(Scope, scopes)) or None

    async def act(installation: Leadyard, tx: Tx, account: Account) -> tuple[ApiKey, str]:
        caller = await get_operator(tx, account, Mode(mode))
        user = email or (await user_rows.get_admin(tx, account.row_id)).email
        wanted = WantedKey(name, user, Role(role) if role else None, own, lifetime)
        return await key_actions.create_key(tx, installation.digest, caller, wanted)

    with explain_refusals(click.UsageError):
        _show(*run_in_transaction(act))


@keys.command("list")
def list_keys() -> None:
    """List keys: id, mode, role, last characters, state, last use, expiry, user, name and scopes."""

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> list[ApiKey]:
        return await key_rows.list_account_keys(tx, account.row_id)

    now = datetime.now(UTC)
    for key in run_in_transaction(act):
        line = f"{key.id}  {key.mode:4}  {key.role:9}  …{key.last_four}  {key.status_at(now):7}"
        times = f"used {_day(key.last_used_at)}  ends {_day(key.expires_at)}"
        click.echo(f"{line}  {times}  {key.user_email}  {printable(key.name)}  {_scopes_of(key)}")


@keys.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap", type=Duration(), default="24h", show_default=True, help="How long the old key goes on."
)
def rotate_key(key_id: str, overlap: timedelta) -> None:
    """Make a key that can do the same, print it once, and let the old one end."""

    async def rotate(installation: Leadyard, tx: Tx, caller: Caller) -> tuple[ApiKey, str]:
        return await key_actions.rotate_key(tx, installation.digest, caller, key_id, overlap)

    with explain_refusals():
        _show(*run_in_transaction(_on_either_data(rotate)))


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """End a key, by its id: it is refused two seconds later at the latest."""

    async def revoke(_installation: Leadyard, tx: Tx, caller: Caller) -> None:
        await key_actions.revoke_key(tx, caller, key_id)

    with explain_refusals():
        run_in_transaction(_on_either_data(revoke))
    click.echo(f"Revoked {key_id}.", err=True)


def _on_either_data(
    act: Callable[[Leadyard, Tx, Caller], Awaitable[ResultT]],
) -> Callable[[Leadyard, Tx, Account], Awaitable[ResultT]]:
    """Acts on a key of the live data, or else of the test data."""

    async def act_on_either(installation: Leadyard, tx: Tx, account: Account) -> ResultT:
        for mode in Mode:
            with contextlib.suppress(NotFound):
                return await act(installation, tx, await get_operator(tx, account, mode))
        raise click.ClickException("There is no active key with this id; see `leadyard keys list`.")

    return act_on_either


def _show(made: ApiKey, key: str) -> None:
    click.echo(key)
    click.echo(f"Made {made.mode} key {made.id}. It is shown once and not kept.", err=True)


def _scopes_of(key: ApiKey) -> str:
    return "all of its role" if key.scopes == SCOPES_OF[key.role] else " ".join(sorted(key.scopes))


def _day(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d}"
