"""Entries: the leads of a list, with what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from leadyard_client.results.batches import EmailValidationResult
from leadyard_client.results.people import PhoneNumber

EntryStatus: TypeAlias = Literal["queued", "processing", "done", "failed", "canceled"]
Outcome: TypeAlias = Literal["found", "not_found", "skipped", "unavailable", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead of a list. What is not known is None; `data` has every other member that was sent."""

    id: str
    status: EntryStatus
    email: str | None = None
    person_id: str | None = None
    linkedin_url: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None
    industry: str | None = None
    phone_numbers: tuple[PhoneNumber, ...] = ()
    email_validation_result: EmailValidationResult | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """What each step came to; None while it is to come."""

    enrich: Outcome | None
    validate: Outcome | None
    reveal: Outcome | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value came from, how sure it is (0 to 1), and what the provider took for it."""

    provider: str
    fetched_at: datetime
    confidence: float
    cost: float
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One provider that was asked in one step, and what it answered."""

    step: str
    provider: str
    at: datetime
    outcome: str
    cost: float
    cached: bool


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """The verdict on an e-mail with the evidence for it. What is not known is None."""

    result: str
    reason: str
    is_complete: bool
    catch_all: bool
    disposable: bool
    role: bool
    free: bool
    mx: tuple[str, ...] = ()
    smtp_host: str | None = None
    smtp_reply: str | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail(Entry):
    """A lead with the outcome of each step, the source of each value, and the evidence on its e-mail."""

    steps: Steps
    provenance: dict[str, Provenance]
    history: tuple[Visit, ...]
    email_verification: EmailVerification | None = None
