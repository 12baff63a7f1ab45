"""Webhooks: their addresses, what they are for, and their sealed secrets.

Whoever changes webhooks of a workspace locks the workspace's row first: it holds which events any of them
is for, so that whoever has something to tell knows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.events import EventType
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.webhooks import DeliveryError, DisabledReason, Webhook
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.paging import Collection, fetch_page

COLUMNS = (
    "id, public_id, workspace_id, url, events, status, disabled_reason, disabled_at, failing_since, "
    "previous_until, created_at, updated_at"
)
_SELECT = f"SELECT {COLUMNS} FROM webhook_endpoints WHERE workspace_id = :workspace_id"
_FIND = text(f"{_SELECT} AND public_id = :public_id")
_COUNT = text("SELECT count(*) FROM webhook_endpoints WHERE workspace_id = :workspace_id")
_INSERT = text(
    "INSERT INTO webhook_endpoints (public_id, workspace_id, url, events, sealed_secret, next_turn_at, "
    "created_at, updated_at) VALUES (:public_id, :workspace_id, :url, :events, :sealed_secret, :now, :now, "
    ":now)"
)
_UPDATE = text("UPDATE webhook_endpoints SET url = :url, events = :events, updated_at = :now WHERE id = :id")
_ENABLE = text(
    "UPDATE webhook_endpoints SET status = 'enabled', disabled_reason = NULL, disabled_at = NULL, "
    "failing_since = NULL, failed_turns = 0, next_turn_at = :now, updated_at = :now WHERE id = :id"
)
_DISABLE = text(
    "UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = :reason, disabled_at = :now, "
    "updated_at = :now WHERE id = :id"
)
_GIVE_UP = text(
    "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, last_error = :error "
    "WHERE endpoint_id = :id AND status = 'pending'"
)
_ROTATE = text(
    "UPDATE webhook_endpoints SET previous_secret = sealed_secret, previous_until = :until, "
    "sealed_secret = :sealed_secret, updated_at = :now WHERE id = :id"
)
_DROP_OLD_SECRETS = text(
    "UPDATE webhook_endpoints SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= :now"
)
_LOCK_FOR_REMOVAL = "SELECT id FROM webhook_endpoints WHERE id = :id"
_DELETE_DELIVERIES = text("DELETE FROM webhook_deliveries WHERE endpoint_id = :id")
_DELETE = text("DELETE FROM webhook_endpoints WHERE id = :id")
_LOCK = "SELECT id FROM workspaces WHERE id = :workspace_id"
_EVENTS = text(
    "SELECT events FROM webhook_endpoints WHERE workspace_id = :workspace_id AND status = 'enabled'"
)
_SET_EVENTS = text("UPDATE workspaces SET webhook_events = :events WHERE id = :workspace_id")
_WANTED = text("SELECT webhook_events FROM workspaces WHERE id = :workspace_id")


class NewWebhook(msgspec.Struct, frozen=True):
    """What a webhook is made with."""

    id: str
    url: str
    events: Sequence[EventType]
    sealed_secret: str


async def lock_workspace(tx: Tx, workspace_id: int) -> None:
    """Locks the webhooks of a workspace until the commit."""
    if clause := tx.dialect.lock_clause():
        await tx.conn.execute(text(f"{_LOCK} {clause}"), {"workspace_id": workspace_id})


async def list_webhooks(tx: Tx, workspace_id: int, request: PageRequest) -> Page[Webhook] | None:
    """A page of the workspace's webhooks, oldest first; None for an unknown cursor."""

    async def position(cursor: str) -> int | None:
        found = await find_webhook(tx, workspace_id, cursor)
        return None if found is None else found.row_id

    rows = Collection(_SELECT, "id", {"workspace_id": workspace_id})
    return await fetch_page(tx, rows, request, cursor=position, convert=to_webhook)


async def find_webhook(tx: Tx, workspace_id: int, public_id: str) -> Webhook | None:
    """The workspace's webhook with this id."""
    values = {"workspace_id": workspace_id, "public_id": public_id}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else to_webhook(row)


async def count_webhooks(tx: Tx, workspace_id: int) -> int:
    """How many webhooks a workspace has, whether they are enabled or not."""
    return int((await tx.conn.execute(_COUNT, {"workspace_id": workspace_id})).scalar_one())


async def add_webhook(tx: Tx, workspace_id: int, new: NewWebhook) -> None:
    """Adds a webhook to a locked workspace."""
    values = {
        "public_id": new.id,
        "workspace_id": workspace_id,
        "url": new.url,
        "events": _encode(new.events),
        "sealed_secret": new.sealed_secret,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_INSERT, values)
    await _note_events(tx, workspace_id)


async def update_webhook(tx: Tx, webhook: Webhook) -> None:
    """Writes the address and the events of a webhook of a locked workspace."""
    values = {
        "id": webhook.row_id,
        "url": webhook.url,
        "events": _encode(webhook.events),
        "now": tx.now_ms,
    }
    await tx.conn.execute(_UPDATE, values)
    await _note_events(tx, webhook.workspace_id)


async def enable_webhook(tx: Tx, webhook: Webhook) -> None:
    """Lets a webhook of a locked workspace be told of what happens from now on."""
    await tx.conn.execute(_ENABLE, {"id": webhook.row_id, "now": tx.now_ms})
    await _note_events(tx, webhook.workspace_id)


async def disable_webhook(tx: Tx, webhook: Webhook, reason: DisabledReason) -> None:
    """Tells a webhook of a locked workspace nothing more; what was on its way to it has failed."""
    await tx.conn.execute(_DISABLE, {"id": webhook.row_id, "reason": reason, "now": tx.now_ms})
    await tx.conn.execute(_GIVE_UP, {"id": webhook.row_id, "error": DeliveryError.DISABLED})
    await _note_events(tx, webhook.workspace_id)


async def rotate_secret(tx: Tx, webhook: Webhook, sealed_secret: str, until: datetime) -> None:
    """Gives a webhook a new secret; the one it had until now signs along until then."""
    values = {
        "id": webhook.row_id,
        "sealed_secret": sealed_secret,
        "until": to_ms(until),
        "now": tx.now_ms,
    }
    await tx.conn.execute(_ROTATE, values)


async def drop_old_secrets(tx: Tx) -> int:
    """Forgets secrets that sign no more; returns how many."""
    return (await tx.conn.execute(_DROP_OLD_SECRETS, {"now": tx.now_ms})).rowcount


async def delete_webhook(tx: Tx, webhook: Webhook) -> None:
    """Forgets a webhook of a locked workspace, its secrets and its deliveries.

    Whoever is telling it something is waited for, so that what they wrote down is deleted too.
    """
    if clause := tx.dialect.removal_clause():
        await tx.conn.execute(text(f"{_LOCK_FOR_REMOVAL} {clause}"), {"id": webhook.row_id})
    await tx.conn.execute(_DELETE_DELIVERIES, {"id": webhook.row_id})
    await tx.conn.execute(_DELETE, {"id": webhook.row_id})
    await _note_events(tx, webhook.workspace_id)


async def get_wanted_events(tx: Tx, workspace_id: int) -> frozenset[str]:
    """Which events a workspace is to be told of."""
    return read_events((await tx.conn.execute(_WANTED, {"workspace_id": workspace_id})).scalar_one())


def read_events(stored: str | None) -> frozenset[str]:
    """Events as they are stored beside a workspace; none for most."""
    return frozenset() if stored is None else frozenset(msgspec.json.decode(stored, type=list[str]))


async def _note_events(tx: Tx, workspace_id: int) -> None:
    rows = (await tx.conn.execute(_EVENTS, {"workspace_id": workspace_id})).scalars()
    events = sorted({event for row in rows for event in msgspec.json.decode(row, type=list[str])})
    values = {"workspace_id": workspace_id, "events": _encode(events) if events else None}
    await tx.conn.execute(_SET_EVENTS, values)


def _encode(events: Sequence[str]) -> str:
    return msgspec.json.encode(list(events)).decode()


def to_webhook(row: Row[Any]) -> Webhook:
    """A row with these columns."""

    def moment(milliseconds: int | None) -> datetime | None:
        return None if milliseconds is None else from_ms(milliseconds)

    return Webhook(
        row_id=row.id,
        id=row.public_id,
        workspace_id=row.workspace_id,
        url=row.url,
        events=tuple(msgspec.json.decode(row.events, type=list[EventType])),
        is_enabled=row.status == "enabled",
        disabled_reason=None if row.disabled_reason is None else DisabledReason(row.disabled_reason),
        disabled_at=moment(row.disabled_at),
        failing_since=moment(row.failing_since),
        previous_until=moment(row.previous_until),
        created_at=from_ms(row.created_at),
        updated_at=from_ms(row.updated_at),
    )
