"""Deliveries: messages on their way to webhooks, whose turn it is, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.events import EventType
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.webhooks import Delivery, DeliveryError, DeliveryStatus, Health, Webhook
from leadyard.storage import webhooks as webhook_rows
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.paging import Collection, fetch_page

_SELECT = (
    "SELECT d.id, m.public_id, m.type, d.status, d.attempts, d.last_status, d.last_error, d.milliseconds, "
    "m.created_at, d.last_attempt_at, d.next_attempt_at FROM webhook_deliveries d "
    "JOIN webhook_messages m ON m.id = d.message_id WHERE d.endpoint_id = :endpoint_id"
)
_FIND = text(f"{_SELECT} AND m.public_id = :message_id")
_REPLAY = text(
    "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, begun_at = NULL, next_attempt_at = :now "
    "WHERE id = :id"
)
_DUE_ENDPOINTS = (
    "SELECT e.id FROM webhook_endpoints e WHERE e.status = 'enabled' AND e.next_turn_at <= :now AND EXISTS "
    "(SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending' "
    "AND d.next_attempt_at <= :now) ORDER BY e.next_turn_at, e.id LIMIT 1"
)
_IS_ANY_DUE = text(_DUE_ENDPOINTS)
_TURN_COLUMNS = "sealed_secret, previous_secret, failed_turns, turn"
_DUE = text(
    "SELECT d.id, d.attempts, d.begun_at, m.public_id, m.payload FROM webhook_deliveries d "
    "JOIN webhook_messages m ON m.id = d.message_id WHERE d.endpoint_id = :endpoint_id "
    "AND d.status = 'pending' AND d.next_attempt_at <= :now ORDER BY d.next_attempt_at, d.id LIMIT :limit"
)
_END_TURN = text(
    "UPDATE webhook_endpoints SET next_turn_at = :next_turn_at, failing_since = :failing_since, "
    "failed_turns = :failed_turns WHERE id = :id AND turn = :turn"
)
_FREE_TURNS = text("UPDATE webhook_endpoints SET next_turn_at = :now WHERE next_turn_at > :now")
_OUTCOME_COLUMNS = {
    "id": "bigint",
    "status": "text",
    "attempts": "integer",
    "begun_at": "bigint",
    "next_attempt_at": "bigint",
    "last_attempt_at": "bigint",
    "last_status": "integer",
    "last_error": "text",
    "milliseconds": "integer",
}


class DueDelivery(msgspec.Struct, frozen=True):
    """A delivery whose time has come; `begun_at` is when it was tried first."""

    row_id: int
    message_id: str
    payload: str
    attempts: int
    begun_at: datetime | None


class Turn(msgspec.Struct, frozen=True):
    """One webhook in the hands of one worker, with what it is to be sent. The secrets are sealed."""

    webhook: Webhook
    number: int
    begun_at: datetime
    health: Health
    sealed_secrets: tuple[str, ...]
    deliveries: Sequence[DueDelivery]


class Outcome(msgspec.Struct, frozen=True):
    """What to write of a delivery."""

    row_id: int
    status: DeliveryStatus
    attempts: int
    begun_at: datetime
    next_attempt_at: datetime | None
    last_attempt_at: datetime
    last_status: int | None
    last_error: DeliveryError | None
    milliseconds: int


async def list_deliveries(
    tx: Tx, webhook: Webhook, status: DeliveryStatus | None, request: PageRequest
) -> Page[Delivery] | None:
    """A page of what a webhook was sent, newest first; the cursor is a message's id. None for another."""

    async def position(cursor: str) -> int | None:
        found = await find_delivery(tx, webhook, cursor)
        return None if found is None else found.row_id

    parameters: dict[str, Any] = {"endpoint_id": webhook.row_id}
    if status is not None:
        parameters["status"] = status
    rows = Collection(
        _SELECT + (" AND d.status = :status" if status is not None else ""), "d.id", parameters, True
    )
    return await fetch_page(tx, rows, request, cursor=position, convert=_to_delivery)


async def find_delivery(tx: Tx, webhook: Webhook, message_id: str) -> Delivery | None:
    """The delivery of a message to a webhook."""
    values = {"endpoint_id": webhook.row_id, "message_id": message_id}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else _to_delivery(row)


async def replay_delivery(tx: Tx, delivery: Delivery) -> None:
    """Sends a message again, at once and with all its attempts."""
    await tx.conn.execute(_REPLAY, {"id": delivery.row_id, "now": tx.now_ms})


async def is_any_due(tx: Tx) -> bool:
    """Whether some webhook can be sent something now."""
    return (await tx.conn.execute(_IS_ANY_DUE, {"now": tx.now_ms})).first() is not None


async def claim_turn(tx: Tx, lease: timedelta) -> Turn | None:
    """Takes the webhook that has waited longest, for as long as the lease lasts; nobody else has it then.

    None if there is none that something can be sent to.
    """
    clause = tx.dialect.lock_clause()
    statement = text(
        f"UPDATE webhook_endpoints SET turn = turn + 1, next_turn_at = :until WHERE id = ({_DUE_ENDPOINTS} "
        f"{clause and clause + ' OF e SKIP LOCKED'}) RETURNING {webhook_rows.COLUMNS}, {_TURN_COLUMNS}"
    )
    values = {"now": tx.now_ms, "until": to_ms(tx.now + lease)}
    row = (await tx.conn.execute(statement, values)).one_or_none()
    if row is None:
        return None
    webhook = webhook_rows.to_webhook(row)
    health = Health(webhook.failing_since, row.failed_turns)
    limits = {"endpoint_id": row.id, "now": tx.now_ms, "limit": health.turn_size}
    due = [_to_due(each) for each in await tx.conn.execute(_DUE, limits)]
    is_rotating = webhook.previous_until is not None and webhook.previous_until > tx.now
    secrets = (row.sealed_secret, row.previous_secret) if is_rotating else (row.sealed_secret,)
    return Turn(webhook, row.turn, tx.now, health, secrets, due)


async def end_turn(tx: Tx, turn: Turn, health: Health, next_turn_at: datetime) -> bool:
    """Hands a webhook back; False if the lease was over and it is somebody else's, or it is gone."""
    values = {
        "id": turn.webhook.row_id,
        "turn": turn.number,
        "next_turn_at": to_ms(next_turn_at),
        "failing_since": None if health.failing_since is None else to_ms(health.failing_since),
        "failed_turns": health.failed_turns,
    }
    return (await tx.conn.execute(_END_TURN, values)).rowcount == 1


async def write_outcomes(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Writes what became of deliveries that were pending."""
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _OUTCOME_COLUMNS)}) "
        "UPDATE webhook_deliveries SET status = r.status, attempts = r.attempts, begun_at = r.begun_at, "
        "next_attempt_at = r.next_attempt_at, last_attempt_at = r.last_attempt_at, "
        "last_status = r.last_status, last_error = r.last_error, milliseconds = r.milliseconds FROM r "
        "WHERE webhook_deliveries.id = r.id AND webhook_deliveries.status = 'pending'"
    )
    rows = [
        {
            "id": outcome.row_id,
            "status": outcome.status,
            "attempts": outcome.attempts,
            "begun_at": to_ms(outcome.begun_at),
            "next_attempt_at": None if outcome.next_attempt_at is None else to_ms(outcome.next_attempt_at),
            "last_attempt_at": to_ms(outcome.last_attempt_at),
            "last_status": outcome.last_status,
            "last_error": outcome.last_error,
            "milliseconds": outcome.milliseconds,
        }
        for outcome in outcomes
    ]
    await tx.conn.execute(statement, {"rows": msgspec.json.encode(rows).decode()})


async def free_turns(tx: Tx) -> None:
    """Frees the webhooks that a process that died had. Nobody else may be running."""
    await tx.conn.execute(_FREE_TURNS, {"now": tx.now_ms})


def _to_due(row: Row[Any]) -> DueDelivery:
    begun_at = None if row.begun_at is None else from_ms(row.begun_at)
    return DueDelivery(row.id, row.public_id, row.payload, row.attempts, begun_at)


def _to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row_id=row.id,
        message_id=row.public_id,
        type=EventType(row.type),
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        last_status=row.last_status,
        last_error=None if row.last_error is None else DeliveryError(row.last_error),
        milliseconds=row.milliseconds,
        created_at=from_ms(row.created_at),
        last_attempt_at=None if row.last_attempt_at is None else from_ms(row.last_attempt_at),
        next_attempt_at=None if row.next_attempt_at is None else from_ms(row.next_attempt_at),
    )
