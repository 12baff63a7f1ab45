"""`leadyard users` and `leadyard credits grant`."""

from __future__ import annotations

from decimal import Decimal, DecimalException

import click

from leadyard.actions import accounts as account_actions
from leadyard.actions import credits as credit_actions
from leadyard.actions import members as member_actions
from leadyard.app import Leadyard
from leadyard.cli.runtime import explain_refusals, get_operator, run_in_transaction
from leadyard.cli.sign_in_links import link_to
from leadyard.domain.accounts import Account, Mode, Role, User, UserStatus
from leadyard.domain.credits import MILLI, CreditKind
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.storage.database import Tx

MODES = click.Choice([mode.value for mode in Mode])
ROLES = click.Choice([role.value for role in Role])
STATUSES = click.Choice([status.value for status in UserStatus])
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
def users() -> None:
    """Add and change users, and let them sign in."""


@users.command("add")
@click.argument("email")
@click.option("--name", help="The part before the @ by default.")
@click.option(
    "--role", type=ROLES, default=Role.MEMBER.value, show_default=True, help="Admins can grant credits."
)
def add_user(email: str, name: str | None, role: str) -> None:
    """Add a user to the account."""
    address = _address(email)

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> User:
        full_name = name or address.partition("@")[0]
        caller = await get_operator(tx, account, Mode.LIVE)
        return await account_actions.add_user(tx, caller, full_name, address, Role(role))

    with explain_refusals():
        click.echo(run_in_transaction(act).id)


@users.command("change")
@click.argument("email")
@click.option("--role", type=ROLES, help="As it is by default. Keys of the user have no more from then on.")
@click.option("--status", type=STATUSES, help="As it is by default. Keys of a disabled user are not let in.")
def change_user(email: str, role: str | None, status: str | None) -> None:
    """Give a user another role, or disable them."""

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> User:
        caller = await get_operator(tx, account, Mode.LIVE)
        new_role, new_status = Role(role) if role else None, UserStatus(status) if status else None
        return await account_actions.change_user(tx, caller, _address(email), new_role, new_status)

    with explain_refusals():
        changed = run_in_transaction(act)
    click.echo(f"{changed.email} is {changed.role}, {changed.status}.", err=True)


@users.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Make a link by which a user sets a password, once; nobody else is told of it.

    The password that they have goes on until the link is used.
    """

    async def act(installation: Leadyard, tx: Tx, account: Account) -> tuple[str, str]:
        caller = await get_operator(tx, account, Mode.LIVE)
        _, token = await member_actions.make_link(tx, installation.digest, caller, _address(email))
        return token, installation.settings.public_url

    with explain_refusals():
        token, address = run_in_transaction(act)
    click.echo(link_to(address, token))


@click.command("grant")
@click.argument("kind", type=KINDS)
@click.argument("amount", type=CreditAmount())
@click.option("--reason", default="granted on the command line", show_default=True, help="For the ledger.")
@click.option("--mode", type=MODES, default=Mode.LIVE.value, show_default=True, help="Whose balance.")
def grant(kind: str, amount: int, reason: str, mode: str) -> None:
    """Add credits to a balance and print what there is then.

    KIND is email or phone; AMOUNT is in credits, with three decimals at most.
    """

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> int:
        caller = await get_operator(tx, account, Mode(mode))
        await credit_actions.grant_credits(tx, caller, CreditKind(kind), amount, reason)
        return (await credit_actions.get_balances(tx, caller))[CreditKind(kind)].balance

    click.echo(f"{Decimal(run_in_transaction(act)) / MILLI:f}")


def _address(email: str) -> str:
    try:
        return email_key(email)
    except InvalidIdentity:
        raise click.UsageError("This is not a valid e-mail address.") from None
