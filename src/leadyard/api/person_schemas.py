"""The shapes on the wire of people, companies, and the requests that find many of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from leadyard.api.schemas import EmailValidationResult, ErrorItem, Id, Links
from leadyard.domain.people import PhoneNumber

BatchStatus = Literal["queued", "processing", "completed", "canceled", "error"]
Details = list[dict[str, Any]]


class CompanyView(Struct, frozen=True):
    """A company. What is not known is null."""

    id: str | None
    name: str | None
    linkedin_url: str | None
    website: str | None
    domain: str | None
    industry: str | None
    size: str | None
    estimated_number_of_employees: int | None
    founded_year: int | None
    location: str | None
    technologies: tuple[str, ...]
    estimated_revenue: str | None
    object: Literal["company"] = "company"


class PersonView(Struct, frozen=True):
    """A person. What is not known is null, and so is an e-mail that was neither sent nor to be revealed."""

    id: Annotated[str, Meta(description="The same each time the same person is found.")]
    linkedin_url: str | None
    name: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    title: str | None
    headline: str | None
    location: str | None
    image_url: str | None
    experiences: Details
    educations: Details
    languages: list[str]
    phone_numbers: tuple[PhoneNumber, ...]
    company: CompanyView
    object: Literal["person"] = "person"


class EmailValidationView(Struct, frozen=True):
    """A batch of e-mails to validate. Results are there once it has ended."""

    id: Id
    status: BatchStatus
    results: list[EmailValidationResult]
    links: Links = field(name="_links")
    object: Literal["email_validation"] = "email_validation"
    errors: list[ErrorItem] | UnsetType = field(name="_errors", default=UNSET)


class EnrichmentResultView(Struct, frozen=True):
    """What became of one lead of an enrichment request; `result` is null unless it was enriched."""

    status: Literal["enriched", "not_found", "gdpr_removed"]
    result: PersonView | None


class EnrichmentRequestView(Struct, frozen=True):
    """A batch of people to enrich. Results are there once it is completed, in the order sent."""

    id: int
    status: BatchStatus
    results: list[EnrichmentResultView]
    links: Links = field(name="_links")
    object: Literal["person_enrichment"] = "person_enrichment"
    errors: list[ErrorItem] | UnsetType = field(name="_errors", default=UNSET)
