"""Webhooks of a workbench's account, and a courier for them that reaches loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.vendors.server import Request, Response, open_transport
from tests.support.workbench import Workbench

from leadyard.actions.webhooks import WebhookOffice
from leadyard.domain.events import CHOOSABLE, Event, EventType
from leadyard.domain.pages import PageRequest
from leadyard.domain.webhooks import Delivery, Webhook
from leadyard.providers.addresses import AllowedHosts
from leadyard.providers.webhooks.client import WebhookClient
from leadyard.storage import outbox
from leadyard.storage import webhook_deliveries as delivery_rows
from leadyard.storage import webhooks as webhook_rows
from leadyard.worker.webhooks import Courier

LOOPBACK = ("127.0.0.0/8",)
SOMETHING = Event(EventType.LIST_PAUSED, {"lead_list_id": "an id", "reason": "requested"})


def taken(_request: Request) -> Response:
    """A receiver that is content."""
    return Response(200, b"")


def office_of(bench: Workbench) -> WebhookOffice:
    """Where the workbench's account sets webhooks up."""
    return WebhookOffice(bench.installation.desk.sealer, AllowedHosts(LOOPBACK))


async def add_webhook(bench: Workbench, url: str, *events: EventType) -> tuple[Webhook, str]:
    """A webhook for these events, or for all, and its secret."""
    async with bench.database.write() as tx:
        return await office_of(bench).add_webhook(tx, bench.caller, url, events or CHOOSABLE)


async def tell(bench: Workbench, event: Event = SOMETHING, times: int = 1) -> None:
    """Lets something happen in the account's workspace."""
    async with bench.database.write() as tx:
        for _ in range(times):
            await outbox.publish(tx, bench.caller.workspace_id, event)


async def read_webhook(bench: Workbench, webhook: Webhook) -> Webhook:
    """The webhook as it is now."""
    async with bench.database.read() as tx:
        found = await webhook_rows.find_webhook(tx, webhook.workspace_id, webhook.id)
    assert found is not None
    return found


async def read_deliveries(bench: Workbench, webhook: Webhook) -> list[Delivery]:
    """What the webhook was sent or is to be sent, oldest first."""
    async with bench.database.read() as tx:
        page = await delivery_rows.list_deliveries(tx, webhook, None, PageRequest(1000))
    assert page is not None
    return list(reversed(page.items))


async def read_messages(bench: Workbench) -> list[tuple[str, Any]]:
    """Type and data of every message of the workspace, oldest first."""
    rows = await bench.query(
        "SELECT type, payload FROM webhook_messages WHERE workspace_id = :id ORDER BY id",
        id=bench.caller.workspace_id,
    )
    return [(row.type, json.loads(row.payload)["data"]) for row in rows]


@asynccontextmanager
async def open_courier(
    bench: Workbench, allowed: tuple[str, ...] = LOOPBACK, **options: Any
) -> AsyncIterator[Courier]:
    """A courier whose connections are closed when the block ends; options are those of its transport."""
    options = {"total_seconds": 5.0, "max_body_bytes": 16_384, **options}
    async with open_transport(allowed, reads_answers=False, **options) as transport:
        yield Courier(
            bench.database, bench.installation.desk.sealer, WebhookClient(transport), grace_seconds=0.1
        )


async def send_due(courier: Courier) -> int:
    """Sends what is due until nothing is; how many turns that took."""
    turns = 0
    while await courier.take_turn(asyncio.Event()):
        turns += 1
    return turns
