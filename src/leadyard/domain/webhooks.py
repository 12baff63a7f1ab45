"""Webhooks: where events are sent to, for how long that is tried, and when it is given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from leadyard.domain.events import EventType

MAX_WEBHOOKS = 20
"""In one workspace: an event is written down once for each."""
MAX_URL_LENGTH = 2_048
SECRET_OVERLAP = timedelta(hours=24)
TRIED_FOR = timedelta(days=3)
RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Those that Standard Webhooks recommends. The last one is cut short by the end of the three days."""
MAX_RETRY_AFTER_SECONDS = 3_600.0
JITTER = 0.1
MAX_REST_SECONDS = 60.0
DELIVERIES_IN_A_TURN = 10


class DisabledReason(StrEnum):
    """Why a webhook is told nothing."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """pending → delivered or failed, and back to pending when it is replayed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryError(StrEnum):
    """What came in the way of a delivery."""

    STATUS = "status"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    GARBLED = "garbled"
    UNSIGNED = "unsigned"
    DISABLED = "disabled"


class Webhook(msgspec.Struct, frozen=True):
    """An address that events of a workspace are sent to. `previous_until`: the secret before also signs."""

    row_id: int
    id: str
    workspace_id: int
    url: str
    events: tuple[EventType, ...]
    is_enabled: bool
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None
    failing_since: datetime | None
    previous_until: datetime | None
    created_at: datetime
    updated_at: datetime


class Delivery(msgspec.Struct, frozen=True):
    """One message to one webhook: how far it is, and what the last attempt came to."""

    row_id: int
    message_id: str
    type: EventType
    status: DeliveryStatus
    attempts: int
    last_status: int | None
    last_error: DeliveryError | None
    milliseconds: int | None
    created_at: datetime
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None


class Message(msgspec.Struct, frozen=True):
    """What is sent: the id stays the same at every attempt. `secrets` all sign it."""

    id: str
    url: str
    payload: str
    secrets: tuple[str, ...]


class Receipt(msgspec.Struct, frozen=True):
    """What an attempt came to. `retry_after` is in seconds."""

    status: int | None
    error: DeliveryError | None = None
    retry_after: float | None = None
    milliseconds: int = 0

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == 410

    @property
    def wait(self) -> float:
        """How long the receiver asks not to be called, at most an hour."""
        is_asked = self.status in (429, 503) and self.retry_after is not None
        return min(self.retry_after or 0.0, MAX_RETRY_AFTER_SECONDS) if is_asked else 0.0


class MessageSender(Protocol):
    """The port to whoever carries messages."""

    async def send(self, message: Message, now: datetime) -> Receipt:
        """Sends a message once, signed for this moment. Raises nothing."""


class HostRules(Protocol):
    """Which hosts may be called."""

    def is_listed(self, host: str) -> bool:
        """Whether the operator allows this host although it is not public."""

    def is_forbidden(self, host: str) -> bool:
        """Whether this host is an address that must not be called."""


class Health(msgspec.Struct, frozen=True):
    """How a webhook does: since when it only fails, and how many turns in a row did."""

    failing_since: datetime | None = None
    failed_turns: int = 0

    @property
    def turn_size(self) -> int:
        """How many messages it is sent at once: one that fails is only asked how it is."""
        return 1 if self.failed_turns else DELIVERIES_IN_A_TURN

    def after(self, receipts: Sequence[Receipt], begun_at: datetime) -> Health:
        """How it does after a turn."""
        if not receipts:
            return self
        if any(receipt.is_delivered for receipt in receipts):
            return Health()
        return Health(self.failing_since or begun_at, self.failed_turns + 1)

    def rest(self, receipts: Sequence[Receipt]) -> float:
        """For how many seconds it is left alone after a turn that brought it here."""
        backoff = min(2.0 ** min(self.failed_turns, 10), MAX_REST_SECONDS) if self.failed_turns else 0.0
        return max([backoff, *(receipt.wait for receipt in receipts)])

    def verdict(self, receipts: Sequence[Receipt], now: datetime) -> DisabledReason | None:
        """Why it is to be disabled, if it is: it says so, or has only failed for three days."""
        if any(receipt.is_gone for receipt in receipts):
            return DisabledReason.GONE
        if self.failing_since is not None and now >= self.failing_since + TRIED_FOR:
            return DisabledReason.FAILING
        return None


def next_attempt(
    attempts: int, begun_at: datetime, now: datetime, *, wait: float, jitter: float
) -> datetime | None:
    """When a message is tried again whose n-th attempt failed; None when that was the last.

    `begun_at` is when it was tried first, `wait` is for how many seconds the receiver wants to be left
    alone, and `jitter`, from 0 to 1, spreads the attempts.
    """
    end = begun_at + TRIED_FOR
    if now >= end:
        return None
    delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1] * (1 + JITTER * jitter)
    return min(now + max(delay, timedelta(seconds=wait)), end)


def find_url_fault(url: str, hosts: HostRules) -> str | None:
    """What is wrong with the address of a webhook; None if it can be used."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "It is no web address."
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if parts.scheme not in ("https", "http") or not host or not is_plain:
        return "It must be a web address that begins with https://."
    if len(url) > MAX_URL_LENGTH or parts.fragment or "@" in parts.netloc:
        return f"It must have up to {MAX_URL_LENGTH:,} characters, no user and no fragment."
    if hosts.is_forbidden(host):
        return "It must lead to a public address."
    if parts.scheme == "http" and not hosts.is_listed(host):
        return "It must begin with https://."
    return None


def sealed_for(webhook_id: str) -> str:
    """What the secrets of a webhook are sealed for."""
    return f"webhook:{webhook_id}"
