"""What an account can be told of. An event holds ids, states and numbers, and nothing of a person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from leadyard.domain.credits import MILLI, CreditKind
from leadyard.domain.entries import EntryStatus, ProcessedEntry
from leadyard.domain.lead_lists import LeadList, PauseReason, entry_id


class EventType(StrEnum):
    """The kinds of events. A ping is sent when it is asked for, to the webhook that it is asked for."""

    LIST_COMPLETED = "list.completed"
    LIST_PAUSED = "list.paused"
    LIST_FULL = "list.full"
    ADDITION_STORED = "addition.stored"
    LEAD_ENRICHED = "lead.enriched"
    CREDITS_LOW = "credits.low"
    WEBHOOK_DISABLED = "webhook.disabled"
    PING = "ping"


CHOOSABLE = tuple(kind for kind in EventType if kind is not EventType.PING)
"""Those that a webhook can be for."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened."""

    type: EventType
    data: dict[str, Any]


def list_completed(lead_list: LeadList) -> Event:
    """Every lead of a list has come to an end."""
    progress = lead_list.progress
    counts = {"total": progress.total, "done": progress.done, "failed": progress.failed}
    return Event(EventType.LIST_COMPLETED, {"lead_list_id": lead_list.id, "progress": counts})


def list_paused(lead_list: LeadList, reason: PauseReason) -> Event:
    """A list begins nothing more."""
    return Event(EventType.LIST_PAUSED, {"lead_list_id": lead_list.id, "reason": reason})


def list_full(lead_list: LeadList, capacity: int) -> Event:
    """A list has taken as many leads as it can hold."""
    return Event(EventType.LIST_FULL, {"lead_list_id": lead_list.id, "capacity": capacity})


def addition_stored(lead_list: LeadList, addition_id: str, total: int, added: int) -> Event:
    """Leads were added to a list, and what became of each is written down."""
    data = {"lead_list_id": lead_list.id, "addition_id": addition_id, "total": total, "added": added}
    return Event(EventType.ADDITION_STORED, data)


def leads_enriched(lead_list: LeadList, entries: Sequence[ProcessedEntry]) -> Event | None:
    """Those of these leads that have come to an end, with what each step came to; None if none has."""
    told = [
        {
            "id": entry_id(lead_list.id, entry.sequence),
            "status": entry.status,
            "steps": {step: getattr(entry.findings, step) for step in ("enrich", "validate", "reveal")},
        }
        for entry in entries
        if entry.status is not EntryStatus.QUEUED
    ]
    return Event(EventType.LEAD_ENRICHED, {"lead_list_id": lead_list.id, "entries": told}) if told else None


def credits_low(kind: CreditKind, balance: int, threshold: int) -> Event:
    """A balance has fallen below the threshold. Amounts are milli-credits."""
    data = {"kind": kind, "balance": balance / MILLI, "threshold": threshold / MILLI}
    return Event(EventType.CREDITS_LOW, data)


def webhook_disabled(webhook_id: str, reason: str) -> Event:
    """A webhook is told nothing more, by no wish of the account."""
    return Event(EventType.WEBHOOK_DISABLED, {"webhook_id": webhook_id, "reason": reason})


def ping(webhook_id: str) -> Event:
    """Nothing happened: somebody wants to see that messages arrive."""
    return Event(EventType.PING, {"webhook_id": webhook_id})
