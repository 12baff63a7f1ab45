"""E-mail validations and enrichment requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from leadyard_client.plans import Pages, Plan, ask, change, encode, get, paged, post
from leadyard_client.results.batches import (
    EmailValidation,
    EmailValidationResult,
    EnrichmentRequest,
    EnrichmentResult,
)

_CANCELED = {"status": "canceled"}


def _validation(validation_id: str) -> str:
    return f"/email-validations/{quote(validation_id, safe='')}"


def _enrichment(request_id: int) -> str:
    return f"/people/enrichment-requests/{request_id:d}"


def start_validation(emails: Iterable[str], *, idempotency_key: str | None = None) -> Plan[EmailValidation]:
    """Starts validating e-mails, up to 100,000. The same e-mail is validated, and paid for, once."""
    body = encode({"emails": [{"email": email} for email in emails]})
    request = post("/email-validations", body, idempotency_key=idempotency_key)
    return (yield from ask(request)).as_result(EmailValidation)


def get_validation(validation_id: str) -> Plan[EmailValidation]:
    """A batch of e-mails, and how far it is."""
    request = get(_validation(validation_id), {"page[size]": 1})
    return (yield from ask(request)).as_result(EmailValidation)


def list_validation_results(validation_id: str, *, page_size: int = 1_000) -> Pages[EmailValidationResult]:
    """The verdicts, in the order of the e-mails; none before the batch has ended."""
    query = {"page[size]": page_size}
    return paged(_validation(validation_id), "results", EmailValidationResult, query)


def cancel_validation(validation_id: str) -> Plan[EmailValidation]:
    """Stops what has not begun; the results are those that were paid for before."""
    request = change("PATCH", _validation(validation_id), _CANCELED)
    return (yield from ask(request)).as_result(EmailValidation)


def start_enrichment(
    leads: Iterable[Mapping[str, str]],
    *,
    reveal_email: bool = False,
    reveal_phone_numbers: bool = False,
    idempotency_key: str | None = None,
) -> Plan[EnrichmentRequest]:
    """Starts looking for up to 10,000 people, each by what `find_person` takes."""
    body = {
        "leads": [dict(lead) for lead in leads],
        "reveal_email": reveal_email,
        "reveal_phone_numbers": reveal_phone_numbers,
    }
    request = post("/people/enrichment-requests", body, idempotency_key=idempotency_key)
    return (yield from ask(request)).as_result(EnrichmentRequest)


def get_enrichment(request_id: int) -> Plan[EnrichmentRequest]:
    """A batch of people, and how far it is."""
    request = get(_enrichment(request_id), {"page[size]": 1})
    return (yield from ask(request)).as_result(EnrichmentRequest)


def list_enrichment_results(request_id: int, *, page_size: int = 1_000) -> Pages[EnrichmentResult]:
    """One result a lead, in the order sent; none before the batch is completed."""
    return paged(_enrichment(request_id), "results", EnrichmentResult, {"page[size]": page_size})


def cancel_enrichment(request_id: int) -> Plan[EnrichmentRequest]:
    """Stops what has not begun. A canceled request has no results."""
    request = change("PATCH", _enrichment(request_id), _CANCELED)
    return (yield from ask(request)).as_result(EnrichmentRequest)
