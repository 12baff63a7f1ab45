"""`leadyard webhooks`: be told of what happens, and see what was sent."""

from __future__ import annotations

from collections.abc import Sequence

import click

from leadyard.app import Leadyard
from leadyard.cli.runtime import get_operator, run_change
from leadyard.domain.accounts import Account, Mode
from leadyard.domain.events import CHOOSABLE, EventType
from leadyard.domain.pages import PageRequest
from leadyard.domain.webhooks import MAX_WEBHOOKS, Delivery, DeliveryStatus, Webhook
from leadyard.storage.database import Tx

DELIVERIES_SHOWN = 100


@click.group()
def webhooks() -> None:
    """Be told of what happens, and see what was sent."""


@webhooks.command("list")
def list_webhooks() -> None:
    """List webhooks: id, whether it is enabled, address, events."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> Sequence[Webhook]:
        caller = await get_operator(tx, account, Mode.LIVE)
        page = await installation.webhook_office().list_webhooks(tx, caller, PageRequest(MAX_WEBHOOKS))
        return page.items

    for webhook in run_change(act):
        state = "enabled" if webhook.is_enabled else webhook.disabled_reason
        click.echo(f"{webhook.id}  {state:9}  {webhook.url}  {', '.join(webhook.events)}")


@webhooks.command("add")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([kind.value for kind in CHOOSABLE]),
    help="An event; all unless given.",
)
def add_webhook(url: str, events: tuple[str, ...]) -> None:
    """Make a webhook, and print its id and its secret, which is shown this once."""
    wanted = [EventType(event) for event in events or CHOOSABLE]

    async def act(installation: Leadyard, tx: Tx, account: Account) -> tuple[Webhook, str]:
        caller = await get_operator(tx, account, Mode.LIVE)
        return await installation.webhook_office().add_webhook(tx, caller, url, wanted)

    webhook, secret = run_change(act)
    click.echo(f"{webhook.id}  {secret}")


@webhooks.command("remove")
@click.argument("webhook_id")
def remove_webhook(webhook_id: str) -> None:
    """Forget a webhook and what it was sent."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> None:
        caller = await get_operator(tx, account, Mode.LIVE)
        await installation.webhook_office().delete_webhook(tx, caller, webhook_id)

    run_change(act)
    click.echo(f"Forgot {webhook_id}.", err=True)


@webhooks.command("deliveries")
@click.argument("webhook_id")
@click.option(
    "--status", type=click.Choice([state.value for state in DeliveryStatus]), help="Only those in this state."
)
def list_deliveries(webhook_id: str, status: str | None) -> None:
    """List what a webhook was sent, newest first: id, event, state, attempts, last status or error."""
    wanted = None if status is None else DeliveryStatus(status)

    async def act(installation: Leadyard, tx: Tx, account: Account) -> Sequence[Delivery]:
        office = installation.webhook_office()
        webhook = await office.get_webhook(tx, await get_operator(tx, account, Mode.LIVE), webhook_id)
        return (await office.list_deliveries(tx, webhook, wanted, PageRequest(DELIVERIES_SHOWN))).items

    for each in run_change(act):
        last = each.last_status or each.last_error or "-"
        click.echo(f"{each.message_id}  {each.type:16}  {each.status:9}  {each.attempts:2}  {last}")


@webhooks.command("replay")
@click.argument("webhook_id")
@click.argument("message_id")
def replay_delivery(webhook_id: str, message_id: str) -> None:
    """Have a message sent again by the worker."""

    async def act(installation: Leadyard, tx: Tx, account: Account) -> None:
        caller = await get_operator(tx, account, Mode.LIVE)
        await installation.webhook_office().replay_delivery(tx, caller, webhook_id, message_id)

    run_change(act)
    click.echo(f"{message_id} will be sent again.", err=True)
