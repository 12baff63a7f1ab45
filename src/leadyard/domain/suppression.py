"""Whom nothing may be stored or looked up of: who was erased, and who is excluded."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from leadyard.domain.identity import InvalidIdentity, domain_key, linkedin_key
from leadyard.domain.leads import LeadFields, ListType, sent_email
from leadyard.domain.people import Person

SOURCE = "leadyard"
"""The `source` of every exclusion: each is made here."""

BY_API = "api"
"""Why an exclusion is there: a caller asked for it."""

_CACHED_HOSTS = 16_384


class ExclusionKind(StrEnum):
    """What an exclusion names."""

    EMAIL = "email"
    DOMAIN = "domain"


class Exclusion(msgspec.Struct, frozen=True):
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

    emails: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def join(self, other: Identity) -> Identity:
        """Both together."""
        return Identity(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def domains(self) -> list[str]:
        """Every domain whose exclusion keeps them out: those of e-mails and companies, and their parents."""
        return [domain for host in self._all_hosts() for domain in domains_above(host)]

    def is_among(self, emails: Set[str], domains: Set[str]) -> bool:
        """Whether they have one of these addresses, or one of these domains keeps them out."""
        if not emails.isdisjoint(self.emails):
            return True
        return bool(domains) and not all(
            domains.isdisjoint(domains_above(each)) for each in self._all_hosts()
        )

    def _all_hosts(self) -> Iterator[str]:
        for email in self.emails:
            yield email.rpartition("@")[2]
        yield from self.hosts

    @property
    def marks(self) -> list[str]:
        """The texts whose digests are the tombstones of this person."""
        marks = [f"email:{email}" for email in self.emails]
        return marks + [f"linkedin:{profile}" for profile in self.profiles]


@lru_cache(_CACHED_HOSTS)
def domains_above(host: str) -> tuple[str, ...]:
    """A host and its parents, without those of a single label."""
    labels = host.split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))


def lead_identity(list_type: ListType, key: str, lead: LeadFields, *, with_profile: bool = True) -> Identity:
    """What a lead says of the person, as far as it can be used; `key` is its key in a list of this type.

    Only erasures go by profiles.
    """
    email = key if list_type is ListType.EMAIL else sent_email(lead.email)
    profile = None
    if with_profile:
        profile = key if list_type is ListType.LINKEDIN else find_profile(lead.linkedin_url)
    return identity_of(email, profile, lead.company_domain)


def person_identity(person: Person) -> Identity:
    """What a provider told of the person."""
    return identity_of(sent_email(person.email), find_profile(person.linkedin_url), person.company.domain)


def find_profile(url: str | None) -> str | None:
    """The key of a LinkedIn profile; None for an address that is absent or no person's."""
    try:
        return linkedin_key(url) if url else None
    except InvalidIdentity:
        return None


def identity_of(email: str | None, profile: str | None, company_domain: str | None) -> Identity:
    """What is known of somebody; the first two are keys already."""
    try:
        host = domain_key(company_domain) if company_domain else None
    except InvalidIdentity:
        host = None
    return Identity((email,) if email else (), (profile,) if profile else (), (host,) if host else ())
