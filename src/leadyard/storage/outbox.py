"""The outbox: events are written down in the transaction of what they tell of, and sent later.

Nothing is written where no webhook is for such an event: every statement that reads a list reads along
which events its workspace is to be told of.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from leadyard.domain.events import Event, EventType, list_completed, list_paused
from leadyard.domain.lead_lists import LeadList, ListStatus, PauseReason
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id

_INSERT_MESSAGE = text(
    "INSERT INTO webhook_messages (public_id, workspace_id, type, payload, created_at) "
    "VALUES (:public_id, :workspace_id, :type, :payload, :now) RETURNING id"
)
_ADDRESS = (
    "INSERT INTO webhook_deliveries (message_id, endpoint_id, next_attempt_at) "
    "SELECT :message_id, id, :now FROM webhook_endpoints WHERE "
)
_TO_ALL = (
    f"{_ADDRESS}workspace_id = :workspace_id AND status = 'enabled' AND events LIKE :pattern ORDER BY id"
)
_TO_ONE = text(f"{_ADDRESS}id = :endpoint_id")
_OLD = "SELECT id FROM webhook_messages WHERE created_at <= :oldest ORDER BY id LIMIT :limit"


async def publish(tx: Tx, workspace_id: int, event: Event) -> None:
    """Writes an event down for every webhook of the workspace that is for it."""
    message_id, _ = await _insert(tx, workspace_id, event)
    values = {
        "message_id": message_id,
        "workspace_id": workspace_id,
        "pattern": f'%"{event.type}"%',
        "now": tx.now_ms,
    }
    # A webhook that is being deleted is waited for: a delivery to it would fail the whole transaction.
    await tx.conn.execute(text(f"{_TO_ALL} {tx.dialect.keep_clause()}"), values)


async def publish_to(tx: Tx, workspace_id: int, endpoint_row_id: int, event: Event) -> str:
    """Writes an event down for one webhook, whatever it is for; returns the message's id."""
    message_id, public_id = await _insert(tx, workspace_id, event)
    values = {"message_id": message_id, "endpoint_id": endpoint_row_id, "now": tx.now_ms}
    await tx.conn.execute(_TO_ONE, values)
    return public_id


async def tell_if_completed(tx: Tx, lead_list: LeadList) -> None:
    """Tells of a list that its last unfinished lead has just completed."""
    if lead_list.status is ListStatus.COMPLETED and lead_list.wants(EventType.LIST_COMPLETED):
        await publish(tx, lead_list.workspace_id, list_completed(lead_list))


async def tell_paused(tx: Tx, lead_list: LeadList, reason: PauseReason) -> None:
    """Tells of a list that has just been paused."""
    if lead_list.wants(EventType.LIST_PAUSED):
        await publish(tx, lead_list.workspace_id, list_paused(lead_list, reason))


async def forget_messages(tx: Tx, before: datetime, limit: int) -> int:
    """Deletes the oldest messages from before, at most `limit`, with their deliveries; returns how many.

    Those that somebody else is deleting are left to them.
    """
    clause = tx.dialect.removal_clause()
    old = text(f"{_OLD} {clause and clause + ' SKIP LOCKED'}")
    found = await tx.conn.execute(old, {"oldest": to_ms(before), "limit": limit})
    values = {"ids": msgspec.json.encode(list(found.scalars())).decode()}
    chosen = f"IN (SELECT number FROM {tx.dialect.numbers_from('ids')} AS n)"
    await tx.conn.execute(text(f"DELETE FROM webhook_deliveries WHERE message_id {chosen}"), values)
    return (await tx.conn.execute(text(f"DELETE FROM webhook_messages WHERE id {chosen}"), values)).rowcount


async def _insert(tx: Tx, workspace_id: int, event: Event) -> tuple[int, str]:
    """A message: its row id and its id."""
    public_id = f"msg_{new_id(tx.now_ms).replace('-', '')}"
    payload = {"type": event.type, "timestamp": tx.now, "data": event.data}
    values = {
        "public_id": public_id,
        "workspace_id": workspace_id,
        "type": event.type,
        "payload": msgspec.json.encode(payload).decode(),
        "now": tx.now_ms,
    }
    return (await tx.conn.execute(_INSERT_MESSAGE, values)).scalar_one(), public_id
