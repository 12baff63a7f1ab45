"""Apollo's people in our words (docs/reference/providers/apollo.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from leadyard.domain.candidates import Candidate
from leadyard.domain.company_names import fold_text
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import PersonQuery
from leadyard.providers.answers import public_profile, with_id
from leadyard.providers.values import (
    company_page,
    count,
    domain,
    email,
    first_email,
    items,
    joined,
    member,
    phone,
    phones,
    profile_key,
    profile_url,
    text,
    texts,
    web_address,
)

NAME = "apollo"
_UNSURE_STATUSES = ("unverified", "likely to engage", "extrapolated", "guessed", "unavailable")
_UNSURE_CONFIDENCE = 0.6


class Detail(NamedTuple):
    """What a person is looked up by, in Apollo's words, and what an answer about them must show."""

    sent: dict[str, str]
    query: PersonQuery

    def is_shown_by(self, match: Any) -> bool:
        """Whether a match shows that it is about this person: by its id, profile or address."""
        if wanted_id := self.sent.get("id"):
            return text(member(match, "id")) == wanted_id
        if self.query.linkedin_key and profile_key(member(match, "linkedin_url")) == self.query.linkedin_key:
            return True
        if self.query.email is not None and self.query.email in _addresses(match):
            return True
        return self._has_name_of(match)

    def _has_name_of(self, match: Any) -> bool:
        names = [(self.sent.get(name), text(member(match, name))) for name in ("first_name", "last_name")]
        return all(asked and told and fold_text(asked) == fold_text(told) for asked, told in names)


def detail_of(query: PersonQuery) -> Detail | None:
    """What a person is looked up by; None if nothing names one."""
    sent: dict[str, str] = {}
    if profile := public_profile(query):
        sent["linkedin_url"] = profile
    if query.email:
        sent["email"] = query.email
    is_named = query.first_name and query.last_name and (query.company_domain or query.company_name)
    if not (sent or is_named):
        return None
    told = {
        "first_name": query.first_name,
        "last_name": query.last_name,
        "domain": domain(query.company_domain),
        "organization_name": query.company_name,
    }
    return Detail({**sent, **{name: value for name, value in told.items() if value}}, query)


def search_of(query: PersonQuery, size: int) -> dict[str, Any] | None:
    """A search for people of this title at this company; None if either is missing."""
    website = domain(query.company_domain)
    if not query.title or not (website or query.company_name):
        return None
    company: dict[str, Any] = (
        {"q_organization_domains_list": [website]} if website else {"q_keywords": query.company_name}
    )
    return {"person_titles": [query.title], **company, "page": 1, "per_page": size}


def candidate_of(found: Any) -> Candidate:
    """Somebody that a search found; whose last name and profile it hides."""
    return Candidate(
        identity=text(member(found, "id")) or repr(found),
        title=text(member(found, "title")),
        company_name=text(member(found, "organization", "name")),
        company_domain=text(member(found, "organization", "primary_domain")),
    )


def assign(details: Sequence[Detail], matches: Sequence[Any]) -> list[tuple[bool, Any]]:
    """For each detail whether it was answered, and its match, None for nobody.

    Apollo answers with null for who is not found, leaves them out, or changes the order, and gives no
    reference back. So a match belongs to the detail that it shows itself to be about. One that shows
    nothing belongs to the detail in its place, if there are as many as details and none moved.
    """
    by_detail: dict[int, int] = {}
    for number, match in enumerate(matches):
        fitting = [place for place, detail in enumerate(details) if detail.is_shown_by(match)]
        if match is not None and len(fitting) == 1 and fitting[0] not in by_detail:
            by_detail[fitting[0]] = number
    is_in_order = len(matches) == len(details) and all(place == at for place, at in by_detail.items())
    left = set(range(len(matches))) - set(by_detail.values())
    is_clear = not any(matches[number] is not None for number in left)
    assigned: list[tuple[bool, Any]] = []
    for place, detail in enumerate(details):
        if place in by_detail:
            assigned.append((True, matches[by_detail[place]]))
        elif is_in_order and (matches[place] is None or "id" not in detail.sent):
            assigned.append((True, matches[place]))
        else:
            assigned.append((is_clear, None))
    return assigned


def person_of(query: PersonQuery, match: Any) -> Person:
    """A match as a person."""
    organization = member(match, "organization")
    person = Person(
        id="",
        linkedin_url=profile_url(member(match, "linkedin_url")),
        email=first_email((member(match, "email"), *_list_addresses(match))),
        first_name=text(member(match, "first_name")),
        last_name=text(member(match, "last_name")),
        title=text(member(match, "title")),
        headline=text(member(match, "headline")),
        location=joined(member(match, "city"), member(match, "state"), member(match, "country")),
        company=company_of(organization),
        phone_numbers=phones(
            phone(member(each, "sanitized_number") or member(each, "raw_number"), member(each, "type"))
            for where in (match, member(match, "contact"))
            for each in items(member(where, "phone_numbers"))
        ),
    )
    return with_id(NAME, text(member(match, "id")), query, person)


def company_of(organization: Any) -> Company:
    """An organization as a company."""
    return Company(
        name=text(member(organization, "name")),
        domain=domain(member(organization, "primary_domain") or member(organization, "website_url")),
        linkedin_url=company_page(member(organization, "linkedin_url")),
        industry=text(member(organization, "industry")),
        estimated_number_of_employees=count(member(organization, "estimated_num_employees")),
        founded_year=count(member(organization, "founded_year")),
        location=joined(*(member(organization, part) for part in ("city", "state", "country"))),
        website=web_address(member(organization, "website_url")),
        technologies=texts(member(organization, "technology_names")),
        estimated_revenue=text(member(organization, "annual_revenue_printed")),
    )


def confidence_of(match: Any) -> float:
    """How sure Apollo is of the address."""
    status = (text(member(match, "email_status")) or "").lower()
    return _UNSURE_CONFIDENCE if status in _UNSURE_STATUSES else 1.0


def _addresses(match: Any) -> set[str]:
    told = (member(match, "email"), *_list_addresses(match))
    return {address for address in map(email, told) if address}


def _list_addresses(match: Any) -> list[Any]:
    contact = member(match, "contact")
    emails = [member(each, "email") for each in items(member(contact, "contact_emails"))]
    return [member(contact, "email"), *emails, *items(member(match, "personal_emails"))]
