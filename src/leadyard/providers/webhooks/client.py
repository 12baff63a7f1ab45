"""Sends messages as Standard Webhooks has it: a POST with an id, a time and signatures."""

from __future__ import annotations

import time
from datetime import datetime

import msgspec
from standardwebhooks import Webhook

from leadyard.domain.providers import CallFailed, Failure
from leadyard.domain.webhooks import DeliveryError, Message, Receipt
from leadyard.providers.transport import Transport

TOTAL_SECONDS = 15.0
CONNECT_SECONDS = 5.0
MAX_BODY_BYTES = 16 * 1024
"""Read of an answer, and dropped: what counts is its status."""

_ERRORS = {Failure.TIMED_OUT: DeliveryError.TIMED_OUT, Failure.GARBLED: DeliveryError.GARBLED}


class WebhookClient:
    """Carries messages. Its transport follows no redirect and reaches no address within."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, message: Message, now: datetime) -> Receipt:
        """Sends a message once, signed for this moment. Raises nothing."""
        begun = time.perf_counter()
        try:
            reply = await self._transport.send(
                "POST", message.url, headers=sign(message, now), body=msgspec.Raw(message.payload.encode())
            )
        except CallFailed as failure:
            error = _ERRORS.get(failure.failure, DeliveryError.UNREACHABLE)
            return Receipt(None, error, milliseconds=_since(begun))
        is_taken = 200 <= reply.status < 300
        return Receipt(
            reply.status,
            error=None if is_taken else DeliveryError.STATUS,
            retry_after=reply.retry_after,
            milliseconds=_since(begun),
        )


def sign(message: Message, now: datetime) -> dict[str, str]:
    """The headers of a message: a signature by each secret. The time must be in UTC, or they are wrong."""
    signatures = [Webhook(secret).sign(message.id, now, message.payload) for secret in message.secrets]
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
