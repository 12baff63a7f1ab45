"""From a query to the keys that the directory is asked for, and from candidates to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadyard.domain.company_names import company_name_key
from leadyard.domain.directory import KnownPerson, find_key, name_key
from leadyard.domain.identity import registrable_domain, title_key
from leadyard.domain.people import Person
from leadyard.domain.providers import PersonQuery

_PROFILE_FORMS = ("sales:", "talent:")


class Clues(NamedTuple):
    """The keys that a query can be looked up by; None is one that it lacks."""

    linkedin_key: str | None
    email_key: str | None
    domain: str | None
    title_and_domain: tuple[str, str] | None
    title_and_company_name: tuple[str, str] | None
    name: str | None
    name_and_domain: tuple[str, str] | None
    name_and_company_name: tuple[str, str] | None


def read_clues(query: PersonQuery) -> Clues:
    """The keys of a query; what cannot be a key is left out."""
    title = find_key(title_key, query.title)
    domain = find_key(registrable_domain, query.company_domain)
    company_name = find_key(company_name_key, query.company_name)
    # Half a name fits too many.
    name = name_key(query.first_name, query.last_name) if query.first_name and query.last_name else None
    return Clues(
        linkedin_key=query.linkedin_key or None,
        email_key=query.email or None,
        domain=domain,
        title_and_domain=(title, domain) if title and domain else None,
        title_and_company_name=(title, company_name) if title and company_name else None,
        name=name,
        name_and_domain=(name, domain) if name and domain else None,
        name_and_company_name=(name, company_name) if name and company_name else None,
    )


def choose_person(candidates: Sequence[KnownPerson]) -> Person | None:
    """The person that all candidates are, as loaded first; None if they are different people.

    Several entries with the same name are one person known from several sources.
    """
    names = {name_key(known.person.first_name, known.person.last_name) for known in candidates}
    is_one = len(candidates) == 1 or (len(names) == 1 and None not in names)
    return candidates[0].person if is_one else None


def contradicts(clues: Clues, known: KnownPerson) -> bool:
    """Whether a query that has the person's title and company is for somebody else all the same.

    So it is with another name, another profile, another address at the same domain, or another company of the
    same name.
    """
    return (
        _are_two_profiles(clues.linkedin_key, known.linkedin_key)
        or _are_two_colleagues(clues.email_key, known.email_key)
        or _are_different(clues.domain, known.person.company.domain)
        or _are_different(clues.name, name_key(known.person.first_name, known.person.last_name))
    )


def _are_different(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _are_two_profiles(one: str | None, other: str | None) -> bool:
    """Whether two keys name different profiles; a profile's name and its ids cannot be compared."""
    return _are_different(one, other) and _profile_form(one) == _profile_form(other)


def _profile_form(linkedin_key: str | None) -> str:
    return next((form for form in _PROFILE_FORMS if (linkedin_key or "").startswith(form)), "")


def _are_two_colleagues(one: str | None, other: str | None) -> bool:
    """Whether two addresses differ only before the @: people have a private address beside that at work."""
    return _are_different(one, other) and _mail_domain(one) == _mail_domain(other)


def _mail_domain(email: str | None) -> str:
    return (email or "").rpartition("@")[2]
