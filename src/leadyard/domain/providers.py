"""The ports that outside services are reached through.

A provider answers a batch in the order asked. It never raises for a lead: what it could not do is an
`Unavailable` in that lead's place, so that one lead's trouble does not repeat its neighbors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.leads import ListType
from leadyard.domain.people import Person, PhoneNumber


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """What is known of the person looked for. `key` is the lead's identity (design §3)."""

    key: str
    list_type: ListType
    linkedin_key: str | None
    email: str | None
    title: str | None
    company_name: str | None
    company_domain: str | None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The provider could not answer for this lead now; it may be asked again."""

    reason: str


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person found, how sure the provider is (0 to 1), and what it took for it in its own money."""

    person: Person
    confidence: float = 1.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class FoundPhones:
    """The phone numbers of a person; `person_id` names whom they belong to."""

    person_id: str
    numbers: tuple[PhoneNumber, ...]
    confidence: float = 1.0
    cost: float = 0.0


class Provider(Protocol):
    """What every provider tells of itself."""

    @property
    def name(self) -> str:
        """The name that provenance shows."""

    @property
    def batch_size(self) -> int:
        """The most leads it takes in one call."""

    @property
    def concurrency(self) -> int:
        """The most calls it takes at once from one process."""


class PeopleProvider(Provider, Protocol):
    """Finds persons."""

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[FoundPerson | Unavailable | None]:
        """One answer a query, in the same order; None is a person not found."""


class PhoneProvider(Provider, Protocol):
    """Reveals phone numbers."""

    async def reveal_phones(
        self, queries: Sequence[PersonQuery]
    ) -> Sequence[FoundPhones | Unavailable | None]:
        """One answer a query, in the same order; None is no number found."""


class EmailValidator(Provider, Protocol):
    """Says whether mail to an address arrives."""

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[EmailVerdict | Unavailable]:
        """One verdict an address, in the same order. The addresses are normalized."""


@dataclass(frozen=True, slots=True)
class Providers:
    """The providers that one workspace's leads go through."""

    people: PeopleProvider
    phones: PhoneProvider
    emails: EmailValidator
