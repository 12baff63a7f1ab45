"""`leadyard keys`, `leadyard users` and `leadyard credits`."""

from __future__ import annotations

from decimal import Decimal, DecimalException

import click

from leadyard.actions import accounts as account_actions
from leadyard.app import Leadyard
from leadyard.cli.runtime import run_in_transaction
from leadyard.cli.terminal import printable
from leadyard.domain.accounts import Account, ApiKey, Mode, Role, User
from leadyard.domain.credits import MILLI, CreditKind, Reason
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import credits as ledger
from leadyard.storage import users as user_rows
from leadyard.storage.credits import Asker
from leadyard.storage.database import Tx

MODES = click.Choice([mode.value for mode in Mode])
ROLES = click.Choice([role.value for role in Role])
KINDS = click.Choice([kind.value for kind in CreditKind])
MAX_GRANT = 1_000_000_000


class CreditAmount(click.ParamType[int]):
    """Credits with at most three decimals, as milli-credits."""

    name = "amount"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The exact amount; nothing is rounded."""
        try:
            milli = Decimal(value) * MILLI
            if 0 < milli <= MAX_GRANT * MILLI and milli == int(milli):
                return int(milli)
        except DecimalException:
            pass
        detail = f"must be more than 0 and at most {MAX_GRANT:,}, with three decimals at most."
        raise click.BadParameter(detail, ctx, param)


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--name", default="key", show_default=True, help="What to tell the key by.")
@click.option("--user", "email", help="E-mail of the user it is for; the admin by default.")
@click.option("--mode", type=MODES, default=Mode.LIVE.value, show_default=True, help="The data it opens.")
@click.option("--role", type=ROLES, help="The user's own role by default; a member cannot get admin.")
def create_key(name: str, email: str | None, mode: str, role: str | None) -> None:
    """Make a key and print it once."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> tuple[str, str]:
        user = await _require_user(tx, account, email)
        wanted = Role(role) if role else user.role
        if wanted is Role.ADMIN and user.role is not Role.ADMIN:
            raise click.UsageError("A member cannot have an admin key.")
        return await account_actions.create_key(
            tx, installation.digest, account, user, name, Mode(mode), wanted
        )

    key_id, key = run_in_transaction(act)
    click.echo(key)
    click.echo(f"Made {mode} key {key_id}. It is shown once and not kept.", err=True)


@keys.command("list")
def list_keys() -> None:
    """List keys: id, mode, role, last characters, user, name, and whether revoked."""

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> list[ApiKey]:
        return await key_rows.list_api_keys(tx, account.row_id)

    for key in run_in_transaction(act):
        state = "revoked" if key.revoked_at else "active"
        line = f"{key.id}  {key.mode:4}  {key.role:6}  …{key.last_four}  {state:7}  {key.user_email}"
        click.echo(f"{line}  {printable(key.name)}")


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """End a key, by its id: it is refused two seconds later at the latest."""

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> bool:
        return await key_rows.revoke_api_key(tx, account.row_id, key_id)

    if not run_in_transaction(act):
        raise click.ClickException("There is no active key with this id; see `leadyard keys list`.")
    click.echo(f"Revoked {key_id}.", err=True)


@click.group()
def users() -> None:
    """Add users, who can own lists."""


@users.command("add")
@click.argument("email")
@click.option("--name", help="The part before the @ by default.")
@click.option(
    "--role", type=ROLES, default=Role.MEMBER.value, show_default=True, help="Admins can grant credits."
)
def add_user(email: str, name: str | None, role: str) -> None:
    """Add a user to the account."""
    try:
        address = email_key(email)
    except InvalidIdentity:
        raise click.UsageError("This is not a valid e-mail address.") from None

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> User | None:
        full_name = name or address.partition("@")[0]
        return await user_rows.add_user(tx, account.row_id, full_name, address, Role(role))

    user = run_in_transaction(act)
    if user is None:
        raise click.ClickException("The account has a user with this e-mail already.")
    click.echo(user.id)


@click.group("credits")
def credits_group() -> None:
    """Grant credits."""


@credits_group.command("grant")
@click.argument("kind", type=KINDS)
@click.argument("amount", type=CreditAmount())
@click.option("--reason", default="granted on the command line", show_default=True, help="For the ledger.")
@click.option("--mode", type=MODES, default=Mode.LIVE.value, show_default=True, help="Whose balance.")
def grant(kind: str, amount: int, reason: str, mode: str) -> None:
    """Add credits to a balance and print what there is then.

    KIND is email or phone; AMOUNT is in credits, with three decimals at most.
    """

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> int:
        workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode(mode))
        asker = Asker(workspace_id)
        await ledger.grant_credits(tx, asker, CreditKind(kind), amount, Reason.GRANT, reason)
        return (await ledger.list_balances(tx, workspace_id))[CreditKind(kind)].balance

    click.echo(f"{Decimal(run_in_transaction(act)) / MILLI:f}")


async def _require_user(tx: Tx, account: Account, email: str | None) -> User:
    if email is None:
        return await user_rows.get_admin(tx, account.row_id)
    try:
        user = await user_rows.find_user(tx, account.row_id, email_key(email))
    except InvalidIdentity:
        user = None
    if user is None:
        raise click.UsageError("The account has no user with this e-mail; see `leadyard users add`.")
    return user
