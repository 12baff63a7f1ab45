"""Prospeo's people in our words (docs/reference/providers/prospeo.md)."""

from __future__ import annotations

from typing import Any

from leadyard.domain.candidates import Candidate
from leadyard.domain.people import Company, Person, PhoneNumber
from leadyard.domain.providers import Failure, Group, PersonQuery
from leadyard.providers.answers import public_profile, with_id
from leadyard.providers.values import (
    company_page,
    count,
    domain,
    email,
    joined,
    member,
    phone,
    phones,
    profile_url,
    text,
    texts,
    web_address,
)

NAME = "prospeo"
PERSON_CREDITS = 1.0
MOBILE_CREDITS = 10.0
NOBODY = frozenset(("NO_MATCH", "NO_RESULTS", "INVALID_DATAPOINTS"))
_UNVERIFIED_CONFIDENCE = 0.6

_FAILURES = {
    "INVALID_API_KEY": Failure.UNAUTHORIZED,
    "PLAN_REQUIRED": Failure.UNAUTHORIZED,
    "INSUFFICIENT_CREDITS": Failure.OUT_OF_CREDIT,
    "RATE_LIMITED": Failure.THROTTLED,
    "RATE_LIMIT_EXCEEDED": Failure.THROTTLED,
    "INTERNAL_ERROR": Failure.DOWN,
}


def failure_of_code(code: str | None) -> Failure | None:
    """What an error code stands for; None for one that is not known."""
    return _FAILURES.get(code or "")


def data_of(query: PersonQuery) -> dict[str, str]:
    """What a person is looked up by; empty if nothing names one."""
    data: dict[str, str] = {}
    if profile := public_profile(query):
        data["linkedin_url"] = profile
    if query.email:
        data["email"] = query.email
    website = domain(query.company_domain)
    if query.first_name and query.last_name and (website or query.company_name):
        data["first_name"], data["last_name"] = query.first_name, query.last_name
        if website:
            data["company_website"] = website
        if query.company_name:
            data["company_name"] = query.company_name
    return data


def flags_of(query: PersonQuery) -> dict[str, bool]:
    """What of a person is bought: a record without the only thing that is wanted is not."""
    return {
        "only_verified_email": query.wanted == {Group.EMAIL},
        "enrich_mobile": Group.PHONE in query.wanted,
        "only_verified_mobile": query.wanted == {Group.PHONE},
    }


def search_of(query: PersonQuery) -> dict[str, Any] | None:
    """A search for people of this title at this company; None if either is missing."""
    website = domain(query.company_domain)
    if not query.title or not (website or query.company_name):
        return None
    company = (
        {"websites": {"include": [website]}} if website else {"names": {"include": [query.company_name]}}
    )
    return {"page": 1, "filters": {"person_job_title": {"include": [query.title]}, "company": company}}


def candidate_of(result: Any) -> Candidate:
    """Somebody that a search found, whose address and number it masks."""
    person = member(result, "person")
    return Candidate(
        identity=text(member(person, "person_id")) or repr(result),
        title=text(member(person, "current_job_title")),
        company_name=text(member(result, "company", "name")),
        company_domain=text(member(result, "company", "domain") or member(result, "company", "website")),
    )


def person_of(query: PersonQuery, match: Any) -> Person:
    """A match as a person."""
    told, company = member(match, "person"), member(match, "company")
    mobile = _mobile(told)
    person = Person(
        id="",
        linkedin_url=profile_url(member(told, "linkedin_url")),
        email=_address(told),
        first_name=text(member(told, "first_name")),
        last_name=text(member(told, "last_name")),
        title=text(member(told, "current_job_title")),
        headline=text(member(told, "headline")),
        location=joined(*(member(told, "location", part) for part in ("city", "state", "country"))),
        company=company_of(company),
        phone_numbers=phones([mobile]),
    )
    return with_id(NAME, text(member(told, "person_id")), query, person)


def company_of(company: Any) -> Company:
    """What was told of a company."""
    return Company(
        name=text(member(company, "name")),
        domain=domain(member(company, "domain") or member(company, "website")),
        linkedin_url=company_page(member(company, "linkedin_url")),
        industry=text(member(company, "industry")),
        size=text(member(company, "employee_range")),
        estimated_number_of_employees=count(member(company, "employee_count")),
        founded_year=count(member(company, "founded")),
        location=joined(*(member(company, "location", part) for part in ("city", "state", "country"))),
        website=web_address(member(company, "website")),
        technologies=texts(member(company, "technology", "technology_names")),
        estimated_revenue=text(member(company, "revenue_range_printed")),
    )


def credits_of(match: Any) -> float:
    """What a match costs: more with a mobile number."""
    return MOBILE_CREDITS if _mobile(member(match, "person")) else PERSON_CREDITS


def confidence_of(match: Any) -> float:
    """How sure Prospeo is of the address."""
    status = (text(member(match, "person", "email", "status")) or "").upper()
    return _UNVERIFIED_CONFIDENCE if status == "UNVERIFIED" else 1.0


def _address(told: Any) -> str | None:
    is_masked = member(told, "email", "revealed") is False
    return None if is_masked else email(member(told, "email", "email"))


def _mobile(told: Any) -> PhoneNumber | None:
    mobile = member(told, "mobile")
    if member(mobile, "revealed") is False:
        return None
    shown = member(mobile, "mobile_international") or member(mobile, "mobile")
    return phone(shown, "mobile", member(mobile, "mobile_country_code"))
