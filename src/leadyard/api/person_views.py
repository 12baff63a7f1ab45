"""People, companies and batches as wire shapes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from leadyard.api.errors import error_item
from leadyard.api.paging import self_link
from leadyard.api.person_schemas import (
    BatchStatus,
    CompanyView,
    EmailValidationView,
    EnrichmentRequestView,
    EnrichmentResultView,
    PersonView,
)
from leadyard.api.schemas import EmailValidationResult, ErrorItem, Links
from leadyard.domain.clues import PersonClues, read_clues
from leadyard.domain.emails import EmailResult
from leadyard.domain.entries import Entry
from leadyard.domain.errors import ErrorCode, Fault
from leadyard.domain.lead_lists import LeadList, ListStatus
from leadyard.domain.leads import read_fields, sent_email
from leadyard.domain.people import Company, Person


def company_view(company: Company) -> CompanyView:
    """A company with every member."""
    return CompanyView(
        id=company.id,
        name=company.name,
        linkedin_url=company.linkedin_url,
        website=company.website,
        domain=company.domain,
        industry=company.industry,
        size=company.size,
        estimated_number_of_employees=company.estimated_number_of_employees,
        founded_year=company.founded_year,
        location=company.location,
        technologies=company.technologies,
        estimated_revenue=company.estimated_revenue,
    )


def person_view(person: Person, clues: PersonClues, *, reveals_email: bool) -> PersonView:
    """A person with every member.

    What the caller sent stands where it can be used. An e-mail that was not sent shows only where it was to
    be revealed, and with that paid for.
    """
    first_name, last_name = person.first_name, person.last_name
    return PersonView(
        id=person.id,
        linkedin_url=clues.linkedin_url or person.linkedin_url,
        name=" ".join(filter(None, (first_name, last_name))) or None,
        email=_sent_email(clues) or (person.email if reveals_email else None),
        first_name=first_name,
        last_name=last_name,
        title=person.title,
        headline=person.headline,
        location=person.location,
        image_url=person.image_url,
        experiences=[msgspec.structs.asdict(each) for each in person.experiences],
        educations=[msgspec.structs.asdict(each) for each in person.educations],
        languages=list(person.languages),
        phone_numbers=person.phone_numbers,
        company=company_view(person.company),
    )


def enriched_view(batch: LeadList, entry: Entry | None) -> EnrichmentResultView:
    """What became of one lead of an enrichment request."""
    if entry is None or entry.findings.person is None:
        is_erased = entry is not None and entry.findings.is_erased
        return EnrichmentResultView("gdpr_removed" if is_erased else "not_found", None)
    reveals_email = batch.options.reveal_email
    person = person_view(entry.findings.person, read_clues(entry.raw), reveals_email=reveals_email)
    return EnrichmentResultView("enriched", person)


def enrichment_path(batch: LeadList) -> str:
    """Where an enrichment request is read."""
    return f"/people/enrichment-requests/{batch.row_id}"


def enrichment_view(
    batch: LeadList, results: Sequence[Entry | None] = (), links: Links | None = None
) -> EnrichmentRequestView:
    """An enrichment request and a page of its results."""
    return EnrichmentRequestView(
        id=batch.row_id,
        status=_status(batch),
        results=[enriched_view(batch, entry) for entry in results],
        links=links or self_link(enrichment_path(batch)),
        errors=_errors(batch, "leads"),
    )


def validated_view(entry: Entry) -> EmailValidationResult:
    """The verdict on one e-mail, as it was sent; what could not be checked is unknown."""
    email, verdict = read_fields(entry.raw).email or "", entry.findings.verdict
    if verdict is None:
        return EmailValidationResult(email, EmailResult.UNKNOWN, catch_all=False)
    return EmailValidationResult(email, verdict.result, verdict.catch_all)


def validation_path(batch: LeadList) -> str:
    """Where a validation is read."""
    return f"/email-validations/{batch.id}"


def validation_view(
    batch: LeadList, results: Sequence[Entry] = (), links: Links | None = None
) -> EmailValidationView:
    """A validation and a page of its results."""
    return EmailValidationView(
        id=batch.id,
        status=_status(batch),
        results=[validated_view(entry) for entry in results],
        links=links or self_link(validation_path(batch)),
        errors=_errors(batch, "emails"),
    )


def _sent_email(clues: PersonClues) -> str | None:
    return clues.email if sent_email(clues.email) is not None else None


def _has_failed(batch: LeadList) -> bool:
    return batch.status is ListStatus.COMPLETED and batch.progress.failed > 0


def _status(batch: LeadList) -> BatchStatus:
    return "error" if _has_failed(batch) else batch.status.value


def _errors(batch: LeadList, things: str) -> list[ErrorItem] | UnsetType:
    if not _has_failed(batch):
        return UNSET
    detail = f"{batch.progress.failed} of {batch.progress.total} {things} could not be processed."
    return [error_item(Fault(ErrorCode.INTERNAL_SERVER_ERROR, detail))]
