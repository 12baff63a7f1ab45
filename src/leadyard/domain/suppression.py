"""Whom nothing may be stored or looked up of: who was erased, and who is excluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from leadyard.domain.identity import InvalidIdentity, domain_key, linkedin_key
from leadyard.domain.leads import LeadFields, ListType, sent_email
from leadyard.domain.people import Person

SOURCE = "leadyard"
"""The `source` of every exclusion: each is made here."""

BY_API = "api"
"""Why an exclusion is there: a caller asked for it."""


class ExclusionKind(StrEnum):
    """What an exclusion names."""

    EMAIL = "email"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An address or a domain that the workspace wants to have nothing to do with. `value` is its key."""

    kind: ExclusionKind
    value: str
    reason: str
    added_at: datetime


class ExclusionResult(StrEnum):
    """What became of one address or domain of a request."""

    SUCCESS = "success"
    DUPLICATED = "duplicated"
    NOT_FOUND = "not_found"


class Suppression(StrEnum):
    """Why somebody is kept out. An erasure is for good and outranks an exclusion."""

    ERASED = "erased"
    EXCLUDED = "excluded"


class Identity(NamedTuple):
    """What somebody can be kept out by: keys of e-mails and LinkedIn profiles, hosts of companies."""

    emails: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def __or__(self, other: object) -> Identity:
        """Both together."""
        assert isinstance(other, Identity)
        return Identity(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def domains(self) -> Iterator[str]:
        """Every domain whose exclusion keeps them out: those of e-mails and companies, and their parents."""
        for host in (*(email.rpartition("@")[2] for email in self.emails), *self.hosts):
            labels = host.split(".")
            for start in range(len(labels) - 1):
                yield ".".join(labels[start:])

    @property
    def marks(self) -> Iterator[str]:
        """The texts whose digests are the tombstones of this person."""
        yield from (f"email:{email}" for email in self.emails)
        yield from (f"linkedin:{profile}" for profile in self.profiles)


def lead_identity(list_type: ListType, key: str, lead: LeadFields) -> Identity:
    """What a lead says of the person, as far as it can be used; `key` is its key in a list of this type."""
    email = key if list_type is ListType.EMAIL else sent_email(lead.email)
    profile = key if list_type is ListType.LINKEDIN else find_profile(lead.linkedin_url)
    return _identity(email, profile, lead.company_domain)


def person_identity(person: Person) -> Identity:
    """What a provider told of the person."""
    return _identity(sent_email(person.email), find_profile(person.linkedin_url), person.company.domain)


def find_profile(url: str | None) -> str | None:
    """The key of a LinkedIn profile; None for an address that is absent or no person's."""
    try:
        return linkedin_key(url) if url else None
    except InvalidIdentity:
        return None


def _identity(email: str | None, profile: str | None, company_domain: str | None) -> Identity:
    try:
        host = domain_key(company_domain) if company_domain else None
    except InvalidIdentity:
        host = None
    return Identity(*(frozenset((value,)) if value else frozenset() for value in (email, profile, host)))
