"""`leadyard audit`."""

from __future__ import annotations

import json

import click

from leadyard.actions.audit import list_audit_entries
from leadyard.app import Leadyard
from leadyard.cli.runtime import explain_refusals, get_operator, run_in_transaction
from leadyard.cli.terminal import printable
from leadyard.domain.accounts import Account, Mode
from leadyard.domain.audit import AuditAction, AuditEntry
from leadyard.domain.pages import MAX_PAGE_SIZE, PageRequest
from leadyard.storage.database import Tx

MODES = click.Choice([mode.value for mode in Mode])
ACTIONS = click.Choice([action.value for action in AuditAction])


@click.command()
@click.option("--mode", type=MODES, default=Mode.LIVE.value, show_default=True, help="The data it is about.")
@click.option("--action", type=ACTIONS, help="Only this.")
@click.option("--user", help="Only of the user with this e-mail.")
@click.option(
    "--limit", type=click.IntRange(1, MAX_PAGE_SIZE), default=50, show_default=True, help="Entries at most."
)
def audit(mode: str, action: str | None, user: str | None, limit: int) -> None:
    """See who changed what, newest first: time, action, who, from where, to what, details."""
    given = {"action": action, "user": user}
    filters = {name: value for name, value in given.items() if value is not None}

    async def act(_installation: Leadyard, tx: Tx, account: Account) -> list[AuditEntry]:
        caller = await get_operator(tx, account, Mode(mode))
        return list((await list_audit_entries(tx, caller, filters, PageRequest(limit))).items)

    with explain_refusals():
        entries = run_in_transaction(act)
    for entry in entries:
        who = _describe(entry)
        line = f"{entry.created_at:%Y-%m-%d %H:%M:%S}  {entry.action}  {who}  {entry.address or '-'}"
        click.echo(f"{line}  {entry.subject or '-'}  {json.dumps(entry.detail)}")


def _describe(entry: AuditEntry) -> str:
    if entry.via == "command_line":
        return "command line"
    return printable(f"{entry.user_email} ({entry.key_name if entry.key_id else entry.via})")
