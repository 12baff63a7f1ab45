"""People Data Labs' records in our words (docs/reference/providers/people_data_labs.md)."""

from __future__ import annotations

from typing import Any

from leadyard.domain.candidates import Candidate
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import FoundPerson, Group, Missing, PersonQuery
from leadyard.providers.answers import found, public_profile, with_id
from leadyard.providers.values import (
    company_page,
    count,
    domain,
    first_email,
    items,
    member,
    number,
    phone,
    phones,
    profile_url,
    text,
    title_case,
    web_address,
)

NAME = "people_data_labs"
LIKELIHOOD_SCALE = 10.0

_EMAIL_FIELDS = "work_email OR personal_emails"
_PHONE_FIELDS = "mobile_phone OR phone_numbers"


def params_of(query: PersonQuery) -> dict[str, Any]:
    """What a person is looked up by; empty if nothing names one.

    Where only an e-mail or a phone number is wanted, a record without is not to be charged for.
    """
    params: dict[str, Any] = {}
    if profile := public_profile(query):
        params["profile"] = [profile]
    if query.email:
        params["email"] = [query.email]
    if query.first_name and query.last_name and (query.company_domain or query.company_name):
        params["first_name"] = [query.first_name]
        params["last_name"] = [query.last_name]
        params["company"] = [query.company_domain or query.company_name]
    if params and (required := _required(query)):
        params["required"] = required
    return params


def _required(query: PersonQuery) -> str | None:
    if query.wanted == {Group.EMAIL}:
        return _EMAIL_FIELDS
    if query.wanted == {Group.PHONE}:
        return _PHONE_FIELDS
    return f"{_EMAIL_FIELDS} OR {_PHONE_FIELDS}" if query.wanted == {Group.EMAIL, Group.PHONE} else None


def search_of(query: PersonQuery, size: int) -> dict[str, Any] | None:
    """A search for people of this title at this company; None if either is missing."""
    if not query.title:
        return None
    must: list[dict[str, Any]] = [{"match_phrase": {"job_title": query.title.lower()}}]
    if website := domain(query.company_domain):
        must.append({"term": {"job_company_website": website}})
    elif query.company_name:
        must.append({"match_phrase": {"job_company_name": query.company_name.lower()}})
    else:
        return None
    return {"query": {"bool": {"must": must}}, "size": size, "titlecase": True}


def candidate_of(record: Any) -> Candidate:
    """A record as one of those that a search found."""
    return Candidate(
        identity=text(member(record, "id")) or profile_url(member(record, "linkedin_url")) or repr(record),
        title=text(member(record, "job_title")),
        company_name=text(member(record, "job_company_name")),
        company_domain=text(member(record, "job_company_website")),
    )


def answer_of(query: PersonQuery, item: Any, cost: float) -> FoundPerson | Missing:
    """The answer that an entry of the bulk answer with status 200 is."""
    likelihood = number(member(item, "likelihood"))
    confidence = 1.0 if likelihood is None else likelihood / LIKELIHOOD_SCALE
    return person_answer(query, member(item, "data"), cost, confidence)


def person_answer(query: PersonQuery, record: Any, cost: float, confidence: float) -> FoundPerson | Missing:
    """The answer that a record is."""
    person = with_id(NAME, text(member(record, "id")), query, _person(record))
    profiles = [member(profile, "url") for profile in items(member(record, "profiles"))]
    return found(query, person, cost, confidence, profiles)


def _person(record: Any) -> Person:
    told = [member(each, "address") for each in items(member(record, "emails"))]
    personal = items(member(record, "personal_emails"))
    recommended = member(record, "recommended_personal_email")
    return Person(
        id="",
        linkedin_url=profile_url(member(record, "linkedin_url")),
        email=first_email((member(record, "work_email"), *told, recommended, *personal)),
        first_name=title_case(member(record, "first_name")),
        last_name=title_case(member(record, "last_name")),
        title=title_case(member(record, "job_title")),
        headline=text(member(record, "headline")),
        location=title_case(member(record, "location_name")),
        company=_company(record),
        phone_numbers=phones(
            [
                phone(member(record, "mobile_phone"), "mobile"),
                *map(phone, items(member(record, "phone_numbers"))),
            ]
        ),
    )


def company_of(record: Any) -> Company:
    """A record of a company."""
    return Company(
        name=text(member(record, "display_name")) or title_case(member(record, "name")),
        domain=domain(member(record, "website")),
        linkedin_url=company_page(member(record, "linkedin_url")),
        industry=text(member(record, "industry")),
        size=text(member(record, "size")),
        estimated_number_of_employees=count(member(record, "employee_count")),
        founded_year=count(member(record, "founded")),
        location=title_case(member(record, "location", "name")),
        website=web_address(member(record, "website")),
        estimated_revenue=text(member(record, "inferred_revenue")),
    )


def _company(record: Any) -> Company:
    return Company(
        name=title_case(member(record, "job_company_name")),
        domain=domain(member(record, "job_company_website")),
        linkedin_url=company_page(member(record, "job_company_linkedin_url")),
        industry=text(member(record, "job_company_industry")),
        size=text(member(record, "job_company_size")),
        estimated_number_of_employees=count(member(record, "job_company_employee_count")),
        founded_year=count(member(record, "job_company_founded")),
        location=title_case(member(record, "job_company_location_name")),
    )
