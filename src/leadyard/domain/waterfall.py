"""In which order providers are asked, what a search has come to so far, and what may be spent on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import msgspec

from leadyard.domain.entries import Overheard, Provenance, Visit
from leadyard.domain.lead_lists import PauseCause
from leadyard.domain.leads import sent_email
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import Group, PersonQuery
from leadyard.domain.suppression import find_profile

COMPANY_FIELDS = {"name": "company_name", "domain": "company_domain", "industry": "industry"}
"""Fields of a company, and the names that provenance has for them."""

_GROUPS = tuple(Group)
_ELSEWHERE = ("id", "email", "phone_numbers", "company")
FIELDS_OF = {
    Group.PERSON: tuple(name for name in Person.__struct_fields__ if name not in _ELSEWHERE),
    Group.EMAIL: ("email",),
    Group.PHONE: ("phone_numbers",),
}


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of providers for each group of fields, the first to be asked first.

    `verification` are those that say whether mail to an address arrives.
    """

    person: tuple[str, ...] = ("directory",)
    email: tuple[str, ...] = ("directory",)
    phone: tuple[str, ...] = ("directory",)
    company: tuple[str, ...] = ("directory",)
    verification: tuple[str, ...] = ("mailcheck",)

    def of(self, group: Group) -> tuple[str, ...]:
        """The providers of one group."""
        names: tuple[str, ...] = getattr(self, group)
        return names

    def names(self) -> set[str]:
        """Every provider that is named for a group."""
        return {name for group in Group for name in self.of(group)}


class OrderOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a list has otherwise than its account; None is as the account has it."""

    person: tuple[str, ...] | None = None
    email: tuple[str, ...] | None = None
    phone: tuple[str, ...] | None = None
    company: tuple[str, ...] | None = None
    verification: tuple[str, ...] | None = None

    def apply_to(self, order: Order) -> Order:
        """The order that holds for the list."""
        changed = {name: names for name, names in msgspec.structs.asdict(self).items() if names is not None}
        return msgspec.structs.replace(order, **changed)


class SpendingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The most that providers may cost: in all a day, for a list, for a group and by a provider a day.

    Amounts are in the unit that each provider's `credit_price` turns its credits into; None is no limit.
    A day is one in UTC. Beside the groups there can be a limit for `verification`.
    """

    day: float | None = None
    list: float | None = None
    groups: dict[str, float] = {}
    providers: dict[str, float] = {}


class Plan(msgspec.Struct, frozen=True):
    """An account's order of providers and its limits."""

    order: Order = Order()
    limits: SpendingLimits = SpendingLimits()


class Freshness(msgspec.Struct, frozen=True):
    """How long an answer that was paid for is used again."""

    found: timedelta = timedelta(days=90)
    not_found: timedelta = timedelta(days=14)


class Blocked(msgspec.Struct, frozen=True):
    """A provider that cannot be asked now, through no fault of the lead: it waits, and no attempt is counted.

    `seconds` is when it is worth trying again. With a `cause` the whole list waits for it.
    """

    reason: str
    seconds: float
    cause: PauseCause | None = None


TURN_OVER = Blocked("turn_over", 0.0)
"""The chunk has had its turn at the providers: others come first now."""


class Search(msgspec.Struct):
    """The search for one person, and what it has come to so far.

    `may_wait` is whether a provider that is unavailable is waited for, rather than passed over. What
    providers told before `since` is not used. `told` is what each provider told, all of it, and `overheard`
    what each told when something else was asked.
    """

    query: PersonQuery
    person: Person | None = None
    may_wait: bool = True
    since: datetime | None = None
    missing: set[Group] = msgspec.field(default_factory=set)
    sources: dict[str, Provenance] = msgspec.field(default_factory=dict)
    visits: list[Visit] = msgspec.field(default_factory=list)
    tried: set[str] = msgspec.field(default_factory=set)
    told: dict[str, tuple[Person, Provenance]] = msgspec.field(default_factory=dict)
    overheard: Mapping[str, Overheard] = msgspec.field(default_factory=dict)
    known_id: str | None = None
    blocked: Blocked | None = None
    must_wait: bool = False
    is_kept_out: bool = False
    outcomes: set[str] = msgspec.field(default_factory=set)

    def __post_init__(self) -> None:
        self.missing = set(self.query.wanted)

    def begin_with(self, person: Person) -> None:
        """Goes on with a person that is known already."""
        self.person, self.known_id = person, person.id
        self.query = _sharpen(self.query, person)

    @property
    def keys(self) -> set[str]:
        """What the person is known by, of all that was told of them; nothing for one who was not found."""
        if self.person is None or not self.told:
            return set()
        persons = (self.person, *(told for told, _ in self.told.values()))
        ids = {f"{provider}:{told.id}" for provider, (told, _) in self.told.items()}
        return ids.union(*map(identity_keys, persons))

    @property
    def is_over(self) -> bool:
        """Whether nobody else is to be asked now."""
        return not self.missing or self.must_wait or self.is_kept_out or self.blocked is not None

    def next_provider(self, order: Order, can_ask: Callable[[str, PersonQuery], bool]) -> str | None:
        """The first provider not tried yet of the first group that is still missing."""
        for group in _GROUPS:
            if group in self.missing:
                for name in order.of(group):
                    if name not in self.tried and can_ask(name, self.query):
                        return name
        return None

    def groups_for(self, order: Order, name: str) -> frozenset[Group]:
        """What a provider is asked for: what is missing, where it stands in the order."""
        return frozenset(group for group in self.missing if name in order.of(group))

    def take_overheard(self, name: str, groups: Collection[Group]) -> Provenance | None:
        """Adds what a provider told before, when it was asked for something else, and says when that was.

        None if nothing of what is missing was told: then it has to be asked.
        """
        if name not in self.overheard:
            return None
        heard = self.overheard[name]
        still_missing = len(self.missing)
        source = msgspec.structs.replace(heard.source, cost=0.0, is_cached=True)
        return (
            source if self.take(heard.person, groups, source) and len(self.missing) < still_missing else None
        )

    def numbers_told(self) -> dict[str, Overheard]:
        """The phone numbers that providers told, asked for or not, for whoever asks for them later."""
        return {
            name: Overheard(
                Person(told.id, linkedin_url=told.linkedin_url, phone_numbers=told.phone_numbers), source
            )
            for name, (told, source) in self.told.items()
            if told.phone_numbers
        }

    def take(self, told: Person, groups: Collection[Group], source: Provenance) -> bool:
        """Adds what is still missing; what is known stays. False if it is about somebody else.

        Where nothing of what is missing is told of somebody not known yet, they are not found by that.
        """
        known = self.person
        if known is not None and _are_two_people(known, told):
            return False
        person = known or Person(id=told.id)
        for group in groups:
            if group in self.missing:
                person, names = _take_group(person, told, group)
                if names:
                    self.missing.discard(group)
                    self.sources.update(dict.fromkeys(names, source))
        if person == Person(id=told.id):
            return True
        self.person = person
        self.told[source.provider] = told, source
        if self.missing:
            self.query = _sharpen(self.query, person)
        return True


def identity_keys(person: Person) -> set[str]:
    """What a person is known by, whoever tells of them: the profile and the e-mail."""
    profile, email = find_profile(person.linkedin_url), sent_email(person.email)
    keys = {f"linkedin:{profile}"} if profile else set()
    return keys | ({f"email:{email}"} if email else set())


def _sharpen(query: PersonQuery, person: Person) -> PersonQuery:
    """The query with what has been found, for the providers that are asked next."""
    return msgspec.structs.replace(
        query,
        linkedin_key=query.linkedin_key or find_profile(person.linkedin_url),
        email=query.email or sent_email(person.email),
        first_name=query.first_name or person.first_name,
        last_name=query.last_name or person.last_name,
        title=query.title or person.title,
        company_name=query.company_name or person.company.name,
        company_domain=query.company_domain or person.company.domain,
    )


def _take_group(person: Person, told: Person, group: Group) -> tuple[Person, list[str]]:
    if group is Group.COMPANY:
        company, names = _take_company(person.company, told.company)
        return msgspec.structs.replace(person, company=company), names
    changes = {
        name: getattr(told, name)
        for name in FIELDS_OF[group]
        if getattr(told, name) and not getattr(person, name)
    }
    if group is Group.EMAIL and not sent_email(told.email):
        changes = {}
    return msgspec.structs.replace(person, **changes), list(changes)


def _take_company(known: Company, told: Company) -> tuple[Company, list[str]]:
    names = [name for name in Company.__struct_fields__ if getattr(told, name) and not getattr(known, name)]
    company = msgspec.structs.replace(known, **{name: getattr(told, name) for name in names})
    is_found = bool(company.name or company.domain)
    return company, [COMPANY_FIELDS[name] for name in names if name in COMPANY_FIELDS] if is_found else []


def _are_two_people(known: Person, told: Person) -> bool:
    """Whether two answers name different profiles; ids of Sales Navigator cannot be compared with names."""
    one, other = find_profile(known.linkedin_url), find_profile(told.linkedin_url)
    is_comparable = one is not None and other is not None and (":" in one) == (":" in other)
    return is_comparable and one != other
