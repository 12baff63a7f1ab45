"""`leadyard credits`: the balances of an account over the API; grants are made where the database is."""

from __future__ import annotations

from dataclasses import astuple
from itertools import islice

import click

from leadyard.cli.main import refuse_moved_data
from leadyard.cli.remote import Remote, open_remote, refuse_misplaced, remote_command, remote_options
from leadyard.cli.tables import Entry, TableGroup

COMMANDS = {
    "ledger": Entry("leadyard.cli.credits", "ledger", "List what was granted and charged, newest first."),
    "grant": Entry(
        "leadyard.cli.accounts", "grant", "Add credits to a balance, in the database of the settings."
    ),
}


@click.group(
    "credits",
    cls=TableGroup,
    sections={"Commands": COMMANDS},
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
)
@remote_options
@click.pass_context
def credits_group(ctx: click.Context, profile: str | None, as_json: bool) -> None:
    """Show both balances, or grant credits.

    Without a command: of each kind what there is, what is held for work under way, and what is available.
    """
    if ctx.invoked_subcommand is not None:
        refuse_misplaced(profile, as_json)
        if ctx.invoked_subcommand == "grant":
            refuse_moved_data(ctx)
        return
    with open_remote(profile, as_json) as remote:
        show_balances(remote)


def show_balances(remote: Remote) -> None:
    """Both balances."""
    told = remote.leadyard.get_credits()
    if remote.as_json:
        remote.show(told, "")
        return
    remote.show_all(
        [("email", *astuple(told.email)), ("phone", *astuple(told.phone))],
        ("Kind", "Balance", "Held", "Available"),
        lambda row: (row[0], *(f"{amount:,.12g}" for amount in row[1:])),
    )


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Lines at most.")
@remote_command
def ledger(remote: Remote, limit: int) -> None:
    """List what was granted and charged, newest first: time, amount, kind, reason, user."""
    lines = remote.leadyard.list_credit_entries(page_size=min(limit, 1_000))
    remote.show_all(
        islice(lines, limit),
        ("Time", "Amount", "Kind", "Reason", "User"),
        lambda each: (
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            f"{each.amount:+,.12g}",
            each.kind,
            each.note or each.reason,
            each.user or "-",
        ),
    )
