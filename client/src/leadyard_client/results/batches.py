"""E-mail validations and enrichment requests: batches that are made in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from leadyard_client.faults import Fault
from leadyard_client.reading import WIRE_NAME
from leadyard_client.results.people import Person

BatchStatus: TypeAlias = Literal["queued", "processing", "completed", "canceled", "error"]
Verdict: TypeAlias = Literal["deliverable", "risky", "unknown", "undeliverable"]

_ENDED = ("completed", "canceled", "error")


@dataclass(frozen=True, slots=True)
class EmailValidationResult:
    """The verdict on an e-mail."""

    email: str
    result: Verdict
    catch_all: bool


@dataclass(frozen=True, slots=True)
class EmailValidation:
    """A batch of e-mails to validate; `list_validation_results` has the results once it has ended."""

    id: str
    status: BatchStatus
    errors: tuple[Fault, ...] = field(default=(), metadata={WIRE_NAME: "_errors"})

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in _ENDED


@dataclass(frozen=True, slots=True)
class EnrichmentResult:
    """What became of one lead: `enriched` with the person as `result`, `not_found` or `gdpr_removed`."""

    status: Literal["enriched", "not_found", "gdpr_removed"]
    result: Person | None


@dataclass(frozen=True, slots=True)
class EnrichmentRequest:
    """A batch of people to enrich; `list_enrichment_results` has the results once it is completed."""

    id: int
    status: BatchStatus
    errors: tuple[Fault, ...] = field(default=(), metadata={WIRE_NAME: "_errors"})

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in _ENDED
