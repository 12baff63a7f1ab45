"""Hunter's people and verdicts in our words (docs/reference/providers/hunter.md)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import Group, PersonQuery
from leadyard.providers.answers import with_id
from leadyard.providers.values import (
    company_page,
    count,
    domain,
    email,
    joined,
    member,
    number,
    phone,
    phones,
    profile_url,
    text,
    texts,
)

NAME = "hunter"
FINDER_CREDITS = 1.0
ENRICHMENT_CREDITS = 0.2
VERIFICATION_CREDITS = 0.5
PERSON_GROUPS = frozenset({Group.PERSON, Group.COMPANY})

_SCORE_SCALE = 100.0
_RESULTS = {
    "valid": EmailResult.DELIVERABLE,
    "invalid": EmailResult.UNDELIVERABLE,
    "accept_all": EmailResult.RISKY,
    "webmail": EmailResult.RISKY,
    "disposable": EmailResult.RISKY,
    "unknown": EmailResult.UNKNOWN,
}


class Question(NamedTuple):
    """One request: where it goes, with what, and the most it costs."""

    path: str
    params: dict[str, str]
    most_cost: float


def question_of(query: PersonQuery) -> Question | None:
    """The one request that a query is asked by; None if nothing that Hunter understands is known.

    The finder tells of the person too, so where an e-mail is wanted no second request is made.
    """
    handle = _handle(query)
    if Group.EMAIL in query.wanted and query.email is None and (params := _finder_params(query, handle)):
        return Question("/email-finder", params, FINDER_CREDITS)
    if not query.wanted & PERSON_GROUPS:
        return None
    if query.email:
        return Question("/combined/find", {"email": query.email}, ENRICHMENT_CREDITS)
    if handle:
        return Question("/people/find", {"linkedin_handle": handle}, ENRICHMENT_CREDITS)
    return None


def person_of(query: PersonQuery, path: str, data: Any) -> Person:
    """What was told as a person."""
    if path == "/email-finder":
        return with_id(NAME, None, query, _found_person(data))
    is_combined = path == "/combined/find"
    told = member(data, "person") if is_combined else data
    company = member(data, "company") if is_combined else None
    return with_id(NAME, text(member(told, "id")), query, _enriched_person(told, company))


def confidence_of(path: str, data: Any) -> float:
    """How sure Hunter is: the finder tells a score."""
    score = number(member(data, "score")) if path == "/email-finder" else None
    return 1.0 if score is None else score / _SCORE_SCALE


def verdict_of(address: str, data: Any) -> EmailVerdict | None:
    """The verdict that a verification is; None for one that says nothing known."""
    status = (text(member(data, "status")) or "").lower()
    result = _RESULTS.get(status)
    if result is None:
        return None
    is_catch_all = status == "accept_all" or member(data, "accept_all") is True
    if is_catch_all and result is EmailResult.DELIVERABLE:
        result = EmailResult.RISKY
    return EmailVerdict(address, result, status, catch_all=is_catch_all)


def _finder_params(query: PersonQuery, handle: str | None) -> dict[str, str]:
    params: dict[str, str] = {}
    website = domain(query.company_domain)
    if query.first_name and query.last_name and (website or query.company_name):
        params["first_name"], params["last_name"] = query.first_name, query.last_name
        params["domain" if website else "company"] = website or query.company_name or ""
    if handle:
        params["linkedin_handle"] = handle
    return params


def _handle(query: PersonQuery) -> str | None:
    key = query.linkedin_key
    return key if key and ":" not in key and "/" not in key else None


def _found_person(data: Any) -> Person:
    return Person(
        id="",
        linkedin_url=_page(member(data, "linkedin_url")),
        email=email(member(data, "email")),
        first_name=text(member(data, "first_name")),
        last_name=text(member(data, "last_name")),
        title=text(member(data, "position")),
        company=Company(name=text(member(data, "company")), domain=domain(member(data, "domain"))),
        phone_numbers=phones([phone(member(data, "phone_number"))]),
    )


def _enriched_person(told: Any, company: Any) -> Person:
    employment = member(told, "employment")
    told_company = company_of(company)
    return Person(
        id="",
        linkedin_url=_page(member(told, "linkedin", "handle")),
        email=email(member(told, "email")),
        first_name=text(member(told, "name", "givenName")),
        last_name=text(member(told, "name", "familyName")),
        title=text(member(employment, "title")),
        location=text(member(told, "location"))
        or joined(*(member(told, "geo", part) for part in ("city", "state", "country"))),
        company=msgspec.structs.replace(
            told_company,
            name=told_company.name or text(member(employment, "name")),
            domain=told_company.domain or domain(member(employment, "domain")),
        ),
        phone_numbers=phones([phone(member(told, "phone"))]),
    )


def company_of(company: Any) -> Company:
    """What was told of a company."""
    handle = text(member(company, "linkedin", "handle"))
    return Company(
        name=text(member(company, "name")),
        domain=domain(member(company, "domain")),
        linkedin_url=company_page(f"linkedin.com/{handle.lstrip('/')}") if handle else None,
        industry=text(member(company, "category", "industry")),
        size=text(member(company, "metrics", "employeesRange")),
        estimated_number_of_employees=count(member(company, "metrics", "employees")),
        founded_year=count(member(company, "foundedYear")),
        location=text(member(company, "location")),
        technologies=texts(member(company, "tech")),
        estimated_revenue=text(member(company, "metrics", "estimatedAnnualRevenue")),
    )


def _page(value: Any) -> str | None:
    """The address of a profile, told as such or by its handle."""
    found = text(value)
    if found is None:
        return None
    return profile_url(found) or profile_url(f"https://www.linkedin.com/in/{found.removeprefix('in/')}")
