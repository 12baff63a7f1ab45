"""FullEnrich's contacts in our words (docs/reference/providers/fullenrich.md)."""

from __future__ import annotations

from typing import Any

from leadyard.domain.identity import linkedin_url
from leadyard.domain.people import Company, Person, PhoneNumber
from leadyard.domain.providers import Group, PersonQuery
from leadyard.providers.answers import with_id
from leadyard.providers.values import (
    company_page,
    count,
    domain,
    email,
    items,
    joined,
    member,
    phone,
    phones,
    profile_url,
    text,
)

NAME = "fullenrich"
WORK_EMAIL_CREDITS = 1.0
PERSONAL_EMAIL_CREDITS = 3.0
PHONE_CREDITS = 10.0

_CONFIDENCES = {"DELIVERABLE": 1.0, "HIGH_PROBABILITY": 0.8, "CATCH_ALL": 0.6}
"""How sure an address of that status is; one of any other status is no find, and not charged for."""


def contact_of(query: PersonQuery) -> dict[str, str]:
    """What a person is looked up by; empty if nothing names one."""
    contact: dict[str, str] = {}
    website = domain(query.company_domain)
    if query.first_name and query.last_name and (website or query.company_name):
        contact["first_name"], contact["last_name"] = query.first_name, query.last_name
        if website:
            contact["domain"] = website
        if query.company_name:
            contact["company_name"] = query.company_name
    if query.linkedin_key:
        contact["linkedin_url"] = linkedin_url(query.linkedin_key)
    return contact


def fields_of(query: PersonQuery, *, personal_emails: bool) -> list[str]:
    """What of a person is bought; nothing if neither e-mail nor phone number is wanted."""
    fields: list[str] = []
    if Group.EMAIL in query.wanted:
        fields.append("contact.work_emails")
        if personal_emails:
            fields.append("contact.personal_emails")
    if Group.PHONE in query.wanted:
        fields.append("contact.phones")
    return fields


def most_credits(fields: list[str]) -> float:
    """What a person costs with all of that."""
    prices = {
        "contact.work_emails": WORK_EMAIL_CREDITS,
        "contact.personal_emails": PERSONAL_EMAIL_CREDITS,
        "contact.phones": PHONE_CREDITS,
    }
    return sum(prices[field] for field in fields)


def credits_of(told: Any) -> float:
    """What a contact cost, by what was found."""
    info = _info(told)
    work = _addresses(info, "work")
    personal = _addresses(info, "personal")
    cost = WORK_EMAIL_CREDITS if work else 0.0
    cost += PERSONAL_EMAIL_CREDITS if personal else 0.0
    return cost + (PHONE_CREDITS if _phones(info) else 0.0)


def confidence_of(told: Any) -> float:
    """How sure the address is that was found; 1 if none was."""
    addresses = _all_addresses(told)
    return addresses[0][1] if addresses else 1.0


def person_of(query: PersonQuery, told: Any) -> Person:
    """A contact as a person."""
    profile = member(told, "profile")
    job = _job(profile)
    company = member(job, "company")
    addresses = _all_addresses(told)
    person = Person(
        id="",
        linkedin_url=profile_url(member(profile, "social_profiles", "professional_network", "url")),
        email=addresses[0][0] if addresses else None,
        first_name=text(member(profile, "first_name")) or text(member(told, "input", "first_name")),
        last_name=text(member(profile, "last_name")) or text(member(told, "input", "last_name")),
        title=text(member(job, "title")),
        headline=text(member(profile, "headline")),
        location=joined(*(member(profile, "location", part) for part in ("city", "region", "country"))),
        company=_company(company),
        phone_numbers=_phones(_info(told)),
    )
    return with_id(NAME, text(member(profile, "id")), query, person)


def has_found(told: Any) -> bool:
    """Whether a contact has an address, a number or a profile."""
    return bool(_all_addresses(told) or _phones(_info(told)) or text(member(told, "profile", "full_name")))


def _company(company: Any) -> Company:
    headquarters = member(company, "locations", "headquarters")
    return Company(
        name=text(member(company, "name")),
        domain=domain(member(company, "domain") or member(company, "website")),
        linkedin_url=company_page(member(company, "social_profiles", "professional_network", "url")),
        industry=text(member(company, "industry", "main_industry")),
        estimated_number_of_employees=count(member(company, "headcount")),
        founded_year=count(member(company, "year_founded")),
        location=joined(*(member(headquarters, part) for part in ("city", "region", "country"))),
    )


def _job(profile: Any) -> Any:
    """The position of today; the first of all if that has no title."""
    current = member(profile, "employment", "current")
    past = items(member(profile, "employment", "all"))
    return current if text(member(current, "title")) or not past else past[0]


def _info(told: Any) -> Any:
    return member(told, "contact_info")


def _all_addresses(told: Any) -> list[tuple[str, float]]:
    info = _info(told)
    return _addresses(info, "work") + _addresses(info, "personal")


def _addresses(info: Any, kind: str) -> list[tuple[str, float]]:
    """The addresses that count as found, the most probable first, each with how sure it is."""
    told = [member(info, f"most_probable_{kind}_email"), *items(member(info, f"{kind}_emails"))]
    return [
        (address, _CONFIDENCES[status])
        for each in told
        if (status := (text(member(each, "status")) or "").upper()) in _CONFIDENCES
        and (address := email(member(each, "email")))
    ]


def _phones(info: Any) -> tuple[PhoneNumber, ...]:
    told = [member(info, "most_probable_phone"), *items(member(info, "phones"))]
    read = [phone(member(each, "number"), "mobile", member(each, "region")) for each in told]
    return phones(each for each in read if each and each.number.startswith("+"))
