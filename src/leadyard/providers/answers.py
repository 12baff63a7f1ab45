"""From what services told to answers: whose they are, what they cost, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from leadyard.domain.candidates import is_somebody_else
from leadyard.domain.company_pages import company_page_key
from leadyard.domain.directory import find_key
from leadyard.domain.identity import linkedin_url
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import (
    CallFailed,
    CompanyQuery,
    Failure,
    FoundCompany,
    FoundPerson,
    Missing,
    PersonAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.values import profile_key

UNANSWERED = "unanswered"


class Batch:
    """The answers to one `find_people` that may take several requests, each of which can fail."""

    def __init__(self, queries: Sequence[PersonQuery]) -> None:
        self.queries = queries
        self.spent = [0.0] * len(queries)
        self._answers: list[PersonAnswer] = [None] * len(queries)
        self._failures: dict[int, CallFailed] = {}
        self._asked: set[int] = set()

    def answer(self, place: int, answer: PersonAnswer) -> None:
        """Notes an answer, whose cost includes what was spent before."""
        self._asked.add(place)
        self._answers[place] = answer

    def fail(self, places: Iterable[int], failure: CallFailed) -> None:
        """Notes that a request for these came to nothing."""
        for place in places:
            self._asked.add(place)
            self._failures[place] = failure
            self._answers[place] = Unavailable(
                failure.failure.value, self.spent[place], failure.may_have_bought
            )

    def result(self) -> list[PersonAnswer]:
        """One answer a query. Raises CallFailed if all that were asked failed, and nothing was spent."""
        if self._failures and self._failures.keys() == self._asked and not any(self.spent):
            first = next(iter(self._failures.values()))
            raise CallFailed(
                first.failure,
                retry_after=first.retry_after,
                may_have_bought=any(failure.may_have_bought for failure in self._failures.values()),
            )
        return self._answers


def found(
    query: PersonQuery,
    person: Person,
    cost: float,
    confidence: float = 1.0,
    other_profiles: Iterable[Any] = (),
) -> FoundPerson | Missing:
    """The answer that a person is; Missing if nothing is told of them, or they are not who was asked for.

    `other_profiles` are addresses of more LinkedIn profiles of that person.
    """
    keys = [key for key in map(profile_key, (person.linkedin_url, *other_profiles)) if key]
    by_email = query.email is not None and person.email == query.email
    if not _tells_anything(query, person) or (is_somebody_else(query.linkedin_key, keys) and not by_email):
        return Missing(cost)
    return FoundPerson(person, min(max(confidence, 0.0), 1.0), cost)


def found_company(
    query: CompanyQuery, company: Company, cost: float, confidence: float = 1.0
) -> FoundCompany | Missing:
    """The answer that a company is; Missing if it has no name, or another page than was asked for.

    Numbers of pages cannot be compared with names. A company can have other domains than the one asked for.
    """
    asked = find_key(company_page_key, query.linkedin_url)
    told = find_key(company_page_key, company.linkedin_url)
    is_comparable = asked and told and asked.isdigit() == told.isdigit()
    is_another = query.domain is None and is_comparable and asked != told
    if company.name is None or is_another:
        return Missing(cost)
    return FoundCompany(company, min(max(confidence, 0.0), 1.0), cost)


def _tells_anything(query: PersonQuery, person: Person) -> bool:
    """Whether anything is told that was not in the question."""
    if person.phone_numbers or person.company != Company() or person.email not in (None, query.email):
        return True
    if profile_key(person.linkedin_url) not in (None, query.linkedin_key):
        return True
    return any((person.first_name, person.last_name, person.title, person.headline, person.location))


def with_id(vendor: str, their_id: str | None, query: PersonQuery, person: Person) -> Person:
    """The person with the id that they have each time: the vendor's, else one of what names them."""
    profile = profile_key(person.linkedin_url) or query.linkedin_key
    address = person.email or query.email
    if their_id:
        made = f"{vendor}:{their_id}"
    elif profile:
        made = f"linkedin:{profile}"
    elif address:
        made = f"email:{address}"
    else:
        made = f"{vendor}:{sha256(query.key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    return msgspec.structs.replace(person, id=made)


def by_reference(
    told: Sequence[Any], references: Sequence[str], read: Callable[[Any], str | None]
) -> dict[str, Any]:
    """What was told, by the reference that each of it carries; what carries none of these is nobody's.

    Raises CallFailed (GARBLED) if two carry the same.
    """
    known = set(references)
    answers: dict[str, Any] = {}
    for item in told:
        reference = read(item)
        if reference in answers:
            raise CallFailed(Failure.GARBLED, may_have_bought=True)
        if reference is not None and reference in known:
            answers[reference] = item
    return answers


def unanswered(spent: float = 0.0) -> Unavailable:
    """The answer in the place of one that is missing; what became of the question is not known."""
    return Unavailable(UNANSWERED, spent, may_have_bought=True)


def spread(total: float | None, expected: Sequence[float]) -> list[float]:
    """What each answer cost if all cost `total`, in proportion to what was expected.

    None is a total that was not told: then they cost what was expected.
    """
    if total is None or not expected:
        return list(expected)
    sum_expected = sum(expected)
    if sum_expected <= 0:
        return [total / len(expected)] * len(expected)
    return [share * total / sum_expected for share in expected]


def public_profile(query: PersonQuery) -> str | None:
    """The address of the profile asked for; None if it is only known by an id of a paid LinkedIn product."""
    key = query.linkedin_key
    return linkedin_url(key) if key and ":" not in key else None
