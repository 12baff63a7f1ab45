"""Carrying messages to webhooks: turn after turn, at least once each, no webhook in another's way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.events import EventType, webhook_disabled
from leadyard.domain.webhooks import (
    DeliveryError,
    DeliveryStatus,
    DisabledReason,
    Message,
    MessageSender,
    Receipt,
    next_attempt,
    sealed_for,
)
from leadyard.storage import webhook_deliveries as delivery_rows
from leadyard.storage import webhooks as webhook_rows
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.storage.outbox import publish
from leadyard.storage.sealing import SealBroken, Sealer
from leadyard.storage.webhook_deliveries import DueDelivery, Outcome, Turn
from leadyard.worker.dispatcher import pause

TURNS_AT_ONCE = 16
TURN_LEASE = timedelta(seconds=45)
"""Longer than a message may take: nobody has a webhook any more whose turn was begun before that."""
POLL_SECONDS = 1.0
STOP_GRACE_SECONDS = 5.0

_ATTEMPTS = Counter("leadyard_webhook_attempts_total", "Messages sent to webhooks, by outcome.", ["outcome"])
_DISABLED = Counter("leadyard_webhooks_disabled_total", "Webhooks that were disabled, by reason.", ["reason"])

log = structlog.get_logger()


class Courier(msgspec.Struct, frozen=True):
    """Sends what is due. A webhook is in the hands of one worker at a time, for one turn of few messages.

    `clock` is what messages are signed by; `grace_seconds` are for what is being sent when work ends.
    """

    database: Database
    sealer: Sealer
    sender: MessageSender
    clock: Callable[[], datetime] = utc_now
    grace_seconds: float = STOP_GRACE_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; what has not been sent a little later is handed back."""
        running: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        try:
            await self._free_turns(stop)
            while not stop.is_set():
                running = {task for task in running if not task.done()}
                await self._begin_turns(running, stop)
                waiting = {*running, stopping}
                await asyncio.wait(waiting, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*running)
        finally:
            for task in (*running, stopping):
                task.cancel()
            await asyncio.gather(*running, stopping, return_exceptions=True)

    async def take_turn(self, stop: asyncio.Event) -> bool:
        """Sends one webhook what is due; False if nothing is."""
        turn = await self._claim()
        if turn is not None:
            await self._finish(turn, stop)
        return turn is not None

    async def _free_turns(self, stop: asyncio.Event) -> None:
        """The one process of an embedded database takes up at once what it was killed at."""
        must_free = self.database.is_sqlite
        while must_free and not stop.is_set():
            try:
                async with self.database.write() as tx:
                    await delivery_rows.free_turns(tx)
                must_free = False
            except DatabaseAway:
                await pause(POLL_SECONDS, stop)

    async def _begin_turns(self, running: set[asyncio.Task[None]], stop: asyncio.Event) -> None:
        try:
            while len(running) < TURNS_AT_ONCE and (turn := await self._claim()):
                running.add(asyncio.create_task(self._finish(turn, stop)))
        except DatabaseAway:
            log.warning("webhooks_postponed")
            await pause(POLL_SECONDS, stop)
        except Exception:
            log.exception("webhooks_failed")
            await pause(POLL_SECONDS, stop)

    async def _claim(self) -> Turn | None:
        async with self.database.read() as tx:
            if not await delivery_rows.is_any_due(tx):
                return None
        async with self.database.write() as tx:
            return await delivery_rows.claim_turn(tx, TURN_LEASE)

    async def _finish(self, turn: Turn, stop: asyncio.Event) -> None:
        """Sends and writes down. What cannot be written is sent again when the lease is over."""
        try:
            sent = await self._send_all(turn, stop)
            async with self.database.write() as tx:
                reason = await _write(tx, turn, sent)
        except DatabaseAway:
            log.warning("webhooks_postponed")
            return
        except Exception:
            log.exception("webhooks_failed")
            return
        for _, receipt in sent:
            _ATTEMPTS.labels("delivered" if receipt.is_delivered else receipt.error).inc()
        if reason is not None:
            _DISABLED.labels(reason).inc()
            log.warning("webhook_disabled", webhook_id=turn.webhook.id, reason=reason)

    async def _send_all(self, turn: Turn, stop: asyncio.Event) -> list[tuple[DueDelivery, Receipt]]:
        """What became of each that was sent; those that were cut off at the end are not among them."""
        try:
            secrets = tuple(
                self.sealer.open(sealed, turn.webhook.workspace_id, sealed_for(turn.webhook.id))
                for sealed in turn.sealed_secrets
            )
        except SealBroken:
            return [(delivery, Receipt(None, DeliveryError.UNSIGNED)) for delivery in turn.deliveries]
        sending = {
            asyncio.create_task(
                self.sender.send(
                    Message(delivery.message_id, turn.webhook.url, delivery.payload, secrets), self.clock()
                )
            ): delivery
            for delivery in turn.deliveries
        }
        await _wait_for(list(sending), stop, self.grace_seconds)
        return [(sending[task], task.result()) for task in sending if not task.cancelled()]


async def _wait_for(
    tasks: Sequence[asyncio.Task[Receipt]], stop: asyncio.Event, grace_seconds: float
) -> None:
    """Waits until all have ended; once `stop` is set, for so many seconds more. Nothing of it runs on."""
    ended = asyncio.gather(*tasks, return_exceptions=True)
    stopping = asyncio.create_task(stop.wait())
    try:
        waiting: set[asyncio.Future[Any]] = {ended, stopping}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([ended], timeout=grace_seconds)
    finally:
        for task in (*tasks, stopping):
            task.cancel()
        await asyncio.gather(*tasks, stopping, return_exceptions=True)


async def _write(tx: Tx, turn: Turn, sent: Sequence[tuple[DueDelivery, Receipt]]) -> DisabledReason | None:
    """Writes a turn down, unless its lease was over; returns why the webhook was disabled, if it was."""
    receipts = [receipt for _, receipt in sent]
    health = turn.health.after(receipts, turn.begun_at)
    reason = health.verdict(receipts, tx.now)
    if reason is not None:
        await webhook_rows.lock_workspace(tx, turn.webhook.workspace_id)
    rest = timedelta(seconds=health.rest(receipts))
    if not await delivery_rows.end_turn(tx, turn, health, tx.now + rest):
        return None
    await delivery_rows.write_outcomes(tx, [_outcome(turn, each, receipt, tx.now) for each, receipt in sent])
    if reason is None:
        return None
    webhook = await webhook_rows.find_webhook(tx, turn.webhook.workspace_id, turn.webhook.id)
    if webhook is None or not webhook.is_enabled:
        return None
    await webhook_rows.disable_webhook(tx, webhook, reason)
    if EventType.WEBHOOK_DISABLED in await webhook_rows.get_wanted_events(tx, webhook.workspace_id):
        await publish(tx, webhook.workspace_id, webhook_disabled(webhook.id, reason))
    return reason


def _outcome(turn: Turn, delivery: DueDelivery, receipt: Receipt, now: datetime) -> Outcome:
    attempts, begun_at = delivery.attempts + 1, delivery.begun_at or turn.begun_at
    next_at = None
    if not (receipt.is_delivered or receipt.is_gone):
        jitter = random.random()  # noqa: S311
        next_at = next_attempt(attempts, begun_at, now, wait=receipt.wait, jitter=jitter)
    ended = DeliveryStatus.DELIVERED if receipt.is_delivered else DeliveryStatus.FAILED
    return Outcome(
        row_id=delivery.row_id,
        status=ended if next_at is None else DeliveryStatus.PENDING,
        attempts=attempts,
        begun_at=begun_at,
        next_attempt_at=next_at,
        last_attempt_at=now,
        last_status=receipt.status,
        last_error=receipt.error,
        milliseconds=receipt.milliseconds,
    )
