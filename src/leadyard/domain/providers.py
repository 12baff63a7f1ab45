"""The ports that outside services are reached through.

A provider answers a batch in the order asked. It never raises for a lead: what it could not do is an
`Unavailable` in that lead's place, so that one lead's trouble does not repeat its neighbors.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.leads import ListType
from leadyard.domain.people import Company, Person, PhoneNumber


class Group(StrEnum):
    """A group of fields that is looked for together; each has its own order of providers."""

    PERSON = "person"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"


ALL_GROUPS = frozenset(Group)
VERIFICATION = "verification"
"""What calls to paid verifiers of e-mails are counted under, where others are under their groups."""


class CompanyQuery(msgspec.Struct, frozen=True):
    """What is known of the company looked for; what comes first here decides first."""

    domain: str | None = None
    linkedin_url: str | None = None
    name: str | None = None


class PersonQuery(msgspec.Struct, frozen=True):
    """What is known of the person looked for, and what is wanted of them.

    `key` is the lead's identity (design §3). A provider may answer more than is wanted, but it does not buy
    more. With a `company` nobody is looked for, but that.
    """

    key: str
    list_type: ListType
    linkedin_key: str | None
    email: str | None
    title: str | None
    company_name: str | None
    company_domain: str | None
    first_name: str | None = None
    last_name: str | None = None
    wanted: frozenset[Group] = ALL_GROUPS
    company: CompanyQuery | None = None


class Unavailable(msgspec.Struct, frozen=True):
    """The provider could not answer for this lead now; it may be asked again, unless it `may_have_bought`.

    `cost` is what was spent for the lead all the same, in the provider's own money. `may_have_bought` is true
    when nobody knows whether more was: the question must not be repeated.
    """

    reason: str
    cost: float = 0.0
    may_have_bought: bool = False


class Missing(msgspec.Struct, frozen=True):
    """Nobody was found, at a cost all the same; None is the same at no cost.

    `is_erased` says that the provider knows the person but may not tell (HTTP 451).
    """

    cost: float = 0.0
    is_erased: bool = False


class Ambiguous(msgspec.Struct, frozen=True):
    """Several people fit equally well, and a guess would be somebody else's data."""

    cost: float = 0.0


class FoundPerson(msgspec.Struct, frozen=True):
    """A person found, how sure the provider is (0 to 1), and what it took for it in its own money."""

    person: Person
    confidence: float = 1.0
    cost: float = 0.0


class FoundPhones(msgspec.Struct, frozen=True):
    """The phone numbers of a person; `person_id` names whom they belong to."""

    person_id: str
    numbers: tuple[PhoneNumber, ...]
    confidence: float = 1.0
    cost: float = 0.0


class FoundCompany(msgspec.Struct, frozen=True):
    """A company found, how sure the provider is (0 to 1), and what it took for it in its own money."""

    company: Company
    confidence: float = 1.0
    cost: float = 0.0


class Deferred(msgspec.Struct, frozen=True):
    """A mail host asked to come back later (greylisting). `verdict` stands if it is not asked again."""

    verdict: EmailVerdict


class Verified(msgspec.Struct, frozen=True):
    """A verdict that a paid verifier gave on the address asked for, and what it took in its own money."""

    verdict: EmailVerdict
    cost: float = 0.0


Bought = FoundPerson | FoundCompany | Verified
"""What is kept of an answer that was paid for."""

PersonAnswer = FoundPerson | Missing | Ambiguous | Unavailable | None
PhoneAnswer = FoundPhones | Ambiguous | Unavailable | None
CompanyAnswer = FoundCompany | Ambiguous | Unavailable | None
PaidCompanyAnswer = FoundCompany | Missing | Unavailable | None
EmailAnswer = EmailVerdict | Deferred | Unavailable
VerifierAnswer = Verified | Deferred | Missing | Unavailable
MeteredAnswer = PersonAnswer | PaidCompanyAnswer | VerifierAnswer


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

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order; None is a person not found."""


class PhoneProvider(Provider, Protocol):
    """Reveals phone numbers."""

    async def reveal_phones(self, queries: Sequence[PersonQuery]) -> Sequence[PhoneAnswer]:
        """One answer a query, in the same order; None is no number found."""


class CompanyProvider(Provider, Protocol):
    """Finds companies."""

    async def find_companies(self, queries: Sequence[CompanyQuery]) -> Sequence[CompanyAnswer]:
        """One answer a query, in the same order; None is a company not found."""


class EmailValidator(Provider, Protocol):
    """Says whether mail to an address arrives."""

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """One verdict an address, in the same order. The addresses are normalized.

        `line` is whom they are asked for: where many wait, each line has its turn, however long others are.
        """


class Failure(StrEnum):
    """Why a whole call to a provider came to nothing."""

    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    OUT_OF_CREDIT = "out_of_credit"
    DOWN = "down"
    TIMED_OUT = "timed_out"
    GARBLED = "garbled"


class CallFailed(Exception):
    """A call to a metered provider came to nothing; the text holds no key, no e-mail and no body.

    `retry_after` is in seconds, if the provider said so. `may_have_bought` is true when the request was sent
    and nobody knows whether it was carried out and paid for: it must not be repeated.
    """

    def __init__(
        self, failure: Failure, *, retry_after: float | None = None, may_have_bought: bool = False
    ) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.retry_after = retry_after
        self.may_have_bought = may_have_bought


class MeteredService(Provider, Protocol):
    """A paid service, whatever it sells. We keep its ledger, its cache, its rate and its circuit breaker.

    Costs are in the service's own credits. It never repeats a request that can buy.
    """

    @property
    def rate(self) -> float:
        """The most calls a second that its contract allows."""

    @property
    def repeats_are_free(self) -> bool:
        """Whether the same question within a day is not charged for twice."""

    def most_cost(self, query: PersonQuery) -> float:
        """The most that this query can cost; 0 if it cannot be asked, because the provider lacks a clue."""

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """How many calls of its rate a `find_people` for these takes: it may send several requests."""

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[MeteredAnswer]:
        """One answer a query, in the same order, at most `batch_size`.

        Raises CallFailed if it came to nothing for all of them and nothing was spent; otherwise what failed
        is an `Unavailable` in its place.
        """


class MeteredProvider(MeteredService, Protocol):
    """A paid service that finds persons."""

    @property
    def groups(self) -> frozenset[Group]:
        """What it can find."""

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, as every metered service gives them."""

    async def check_key(self) -> str:
        """Asks something that costs nothing; says in a few words what the key may still do.

        Raises CallFailed.
        """


class MeteredValidator(Provider, Protocol):
    """A paid service that says whether mail to an address arrives. A call is one request.

    Costs are in its own credits. It never repeats a request that can buy.
    """

    @property
    def rate(self) -> float:
        """The most calls a second that its contract allows."""

    @property
    def repeats_are_free(self) -> bool:
        """Whether the same address within a day is not charged for twice."""

    @property
    def most_cost(self) -> float:
        """The most that one address can cost."""

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[VerifierAnswer]:
        """One answer an address, in the same order, at most `batch_size`. The addresses are normalized.

        Raises CallFailed if it came to nothing for all of them and nothing was spent; otherwise what failed
        is an `Unavailable` in its place. A `Deferred` may be asked again, and costs nothing.
        """


class MeteredCompanies(Provider, Protocol):
    """A paid service that finds companies, one a call, which is one request.

    Costs are in its own credits. It never repeats a request that can buy.
    """

    @property
    def rate(self) -> float:
        """The most calls a second that its contract allows."""

    @property
    def repeats_are_free(self) -> bool:
        """Whether the same company within a day is not charged for twice."""

    def most_cost(self, query: CompanyQuery) -> float:
        """The most that this query can cost; 0 if it cannot be asked, because the service lacks a clue."""

    async def find_company(self, query: CompanyQuery) -> PaidCompanyAnswer:
        """The company of a query that it can be asked; None is a company not found. Raises CallFailed."""


class AsynchronousProvider(MeteredProvider, Protocol):
    """A paid service that takes an order and has the answers later. Its `find_people` is not called."""

    async def order(self, queries: Sequence[PersonQuery]) -> str:
        """Places an order for at most `batch_size` queries; returns the provider's id of it.

        Raises CallFailed.
        """

    async def collect(self, order_id: str, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer] | None:
        """The answers to an order, in the order of the same queries; None while it is not finished.

        Costs nothing and can be repeated. Raises CallFailed.
        """


class Providers(msgspec.Struct, frozen=True):
    """The providers that one workspace's leads go through."""

    people: PeopleProvider
    phones: PhoneProvider
    emails: EmailValidator
