"""Webhooks: where an account wants to be told of events, and what it was told."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import Conflict, ErrorCode, Fault, NotFound, Refused
from leadyard.domain.events import EventType, ping
from leadyard.domain.lead_lists import is_id
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.webhooks import (
    MAX_WEBHOOKS,
    SECRET_OVERLAP,
    Delivery,
    DeliveryStatus,
    DisabledReason,
    HostRules,
    Webhook,
    find_url_fault,
    sealed_for,
)
from leadyard.storage import outbox
from leadyard.storage import webhook_deliveries as delivery_rows
from leadyard.storage import webhooks as webhook_rows
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id
from leadyard.storage.sealing import Sealer
from leadyard.storage.webhooks import NewWebhook

SECRET_BYTES = 32


class WebhookChanges(msgspec.Struct, frozen=True):
    """What a PATCH asks for; None is left as it is."""

    url: str | None = None
    events: Sequence[EventType] | None = None
    enabled: bool | None = None


class WebhookOffice(msgspec.Struct, frozen=True):
    """Sets webhooks up for accounts, and shows what they were sent."""

    sealer: Sealer
    hosts: HostRules

    async def list_webhooks(self, tx: Tx, caller: Caller, request: PageRequest) -> Page[Webhook]:
        """A page of the workspace's webhooks, oldest first. Raises Refused for an unknown cursor."""
        return require_page(await webhook_rows.list_webhooks(tx, caller.workspace_id, request), request)

    async def get_webhook(self, tx: Tx, caller: Caller, webhook_id: str) -> Webhook:
        """The workspace's webhook. Raises NotFound."""
        found = None
        if is_id(webhook_id):
            found = await webhook_rows.find_webhook(tx, caller.workspace_id, webhook_id)
        if found is None:
            raise NotFound("webhook")
        return found

    async def add_webhook(
        self, tx: Tx, caller: Caller, url: str, events: Sequence[EventType]
    ) -> tuple[Webhook, str]:
        """A new webhook and its secret, which is shown this once.

        Raises Forbidden, Refused for an address that cannot be used, and Conflict if there are too many.
        """
        caller.require(Scope.WEBHOOKS_WRITE)
        self._require_url(url)
        await webhook_rows.lock_workspace(tx, caller.workspace_id)
        if await webhook_rows.count_webhooks(tx, caller.workspace_id) >= MAX_WEBHOOKS:
            raise Conflict(f"There can be {MAX_WEBHOOKS} webhooks, and there are.")
        webhook_id, secret = new_id(tx.now_ms), make_secret()
        new = NewWebhook(webhook_id, url, events, self._seal(caller, webhook_id, secret))
        await webhook_rows.add_webhook(tx, caller.workspace_id, new)
        await record(tx, caller, AuditAction.WEBHOOK_ADDED, webhook_id, events=sorted(events))
        return await self.get_webhook(tx, caller, webhook_id), secret

    async def update_webhook(
        self, tx: Tx, caller: Caller, webhook_id: str, changes: WebhookChanges
    ) -> Webhook:
        """Changes a webhook; one that is enabled again is as new. Raises Forbidden, NotFound and Refused."""
        webhook = await self._lock(tx, caller, webhook_id)
        if changes.url is not None:
            self._require_url(changes.url)
        changed = replace(
            webhook,
            url=webhook.url if changes.url is None else changes.url,
            events=webhook.events if changes.events is None else tuple(changes.events),
        )
        await webhook_rows.update_webhook(tx, changed)
        names = [name for name in ("url", "events", "enabled") if getattr(changes, name) is not None]
        await record(tx, caller, AuditAction.WEBHOOK_CHANGED, webhook_id, changed=names)
        if changes.enabled is True and not webhook.is_enabled:
            await webhook_rows.enable_webhook(tx, webhook)
        elif changes.enabled is False and webhook.is_enabled:
            await webhook_rows.disable_webhook(tx, webhook, DisabledReason.REQUESTED)
        return await self.get_webhook(tx, caller, webhook_id)

    async def delete_webhook(self, tx: Tx, caller: Caller, webhook_id: str) -> None:
        """Forgets a webhook and what it was sent. Raises Forbidden and NotFound."""
        await webhook_rows.delete_webhook(tx, await self._lock(tx, caller, webhook_id))
        await record(tx, caller, AuditAction.WEBHOOK_REMOVED, webhook_id)

    async def rotate_secret(self, tx: Tx, caller: Caller, webhook_id: str) -> tuple[Webhook, str]:
        """Gives a webhook a new secret, shown this once; the one before signs along for a day.

        Raises Forbidden and NotFound.
        """
        webhook = await self._lock(tx, caller, webhook_id)
        secret = make_secret()
        sealed = self._seal(caller, webhook_id, secret)
        await webhook_rows.rotate_secret(tx, webhook, sealed, tx.now + SECRET_OVERLAP)
        await record(tx, caller, AuditAction.WEBHOOK_ROTATED, webhook_id)
        return await self.get_webhook(tx, caller, webhook_id), secret

    async def send_ping(self, tx: Tx, caller: Caller, webhook_id: str) -> Delivery:
        """Sends a webhook a message that says nothing. Raises Forbidden, NotFound and Conflict."""
        webhook = await self._lock(tx, caller, webhook_id)
        _require_enabled(webhook)
        message_id = await outbox.publish_to(tx, caller.workspace_id, webhook.row_id, ping(webhook.id))
        await record(tx, caller, AuditAction.WEBHOOK_PINGED, webhook_id, delivery=message_id)
        return await get_delivery(tx, webhook, message_id)

    async def list_deliveries(
        self, tx: Tx, webhook: Webhook, status: DeliveryStatus | None, request: PageRequest
    ) -> Page[Delivery]:
        """A page of what a webhook was sent, newest first. Raises Refused for an unknown cursor."""
        return require_page(await delivery_rows.list_deliveries(tx, webhook, status, request), request)

    async def replay_delivery(self, tx: Tx, caller: Caller, webhook_id: str, message_id: str) -> Delivery:
        """Sends a message again, whatever became of it. Raises Forbidden, NotFound and Conflict."""
        webhook = await self._lock(tx, caller, webhook_id)
        delivery = await get_delivery(tx, webhook, message_id)
        _require_enabled(webhook)
        await delivery_rows.replay_delivery(tx, delivery)
        await record(tx, caller, AuditAction.WEBHOOK_REPLAYED, webhook_id, delivery=message_id)
        return await get_delivery(tx, webhook, message_id)

    async def _lock(self, tx: Tx, caller: Caller, webhook_id: str) -> Webhook:
        caller.require(Scope.WEBHOOKS_WRITE)
        await webhook_rows.lock_workspace(tx, caller.workspace_id)
        return await self.get_webhook(tx, caller, webhook_id)

    def _require_url(self, url: str) -> None:
        if why := find_url_fault(url, self.hosts):
            raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, f"url: {why}", "/url"))

    def _seal(self, caller: Caller, webhook_id: str, secret: str) -> str:
        return self.sealer.seal(secret, caller.workspace_id, sealed_for(webhook_id))


def make_secret() -> str:
    """A secret as Standard Webhooks has it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


async def get_delivery(tx: Tx, webhook: Webhook, message_id: str) -> Delivery:
    """A message to a webhook. Raises NotFound."""
    found = None
    if "\0" not in message_id:
        found = await delivery_rows.find_delivery(tx, webhook, message_id)
    if found is None:
        raise NotFound("delivery")
    return found


def _require_enabled(webhook: Webhook) -> None:
    if not webhook.is_enabled:
        raise Conflict("Webhook is disabled.")
