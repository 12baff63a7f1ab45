"""The embedded default provider: the user's own people, looked up in the directory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from leadyard.domain.directory import KnownPerson
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.people import Person
from leadyard.domain.providers import FoundPerson, FoundPhones, PersonQuery, Unavailable
from leadyard.providers.directory.mapping import Clues, choose_person, contradicts, read_clues

NAME = "directory"
BATCH_SIZE = 100
CONCURRENCY = 4
"""As many as SQLite has connections to read with."""


class DirectoryLookups(Protocol):
    """What the provider asks the directory, a batch at a time.

    Each look-up answers for each key whom it leads to, in the order of the keys. Raises DatabaseAway.
    """

    async def find_by_linkedin(self, linkedin_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the key of their LinkedIn profile."""

    async def find_by_email(self, email_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the key of their e-mail."""

    async def find_by_title_and_domain(self, pairs: Sequence[tuple[str, str]]) -> list[list[KnownPerson]]:
        """People by the key of their title and the registrable domain of their company."""

    async def find_by_title_and_company_name(
        self, pairs: Sequence[tuple[str, str]]
    ) -> list[list[KnownPerson]]:
        """People by the keys of their title and of their company's name."""

    async def find_by_name_and_domain(self, pairs: Sequence[tuple[str, str]]) -> list[list[KnownPerson]]:
        """People by the key of their name and the registrable domain of their company."""

    async def find_by_name_and_company_name(
        self, pairs: Sequence[tuple[str, str]]
    ) -> list[list[KnownPerson]]:
        """People by the keys of their name and of their company's name."""


class _Step(NamedTuple):
    """One look-up: the clue it needs, and how sure its answer is. `is_exact` if the clue names a person."""

    clue: Callable[[Clues], Any]
    find: Callable[[Sequence[Any]], Awaitable[list[list[KnownPerson]]]]
    confidence: float
    is_exact: bool


class _Match(NamedTuple):
    person: Person
    confidence: float


class DirectoryProvider:
    """Finds people and their phone numbers in the directory of the installation.

    Look-ups go from the surest to the least sure, and the first that leads to somebody decides. Where it
    leads to different people there is no answer: a guess would be somebody else's data.
    """

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = CONCURRENCY

    def __init__(self, lookups: DirectoryLookups) -> None:
        self._steps = (
            _Step(lambda clues: clues.linkedin_key, lookups.find_by_linkedin, 1.0, is_exact=True),
            _Step(lambda clues: clues.email_key, lookups.find_by_email, 1.0, is_exact=True),
            _Step(
                lambda clues: clues.title_and_domain, lookups.find_by_title_and_domain, 0.9, is_exact=False
            ),
            _Step(
                lambda clues: clues.title_and_company_name,
                lookups.find_by_title_and_company_name,
                0.8,
                is_exact=False,
            ),
            _Step(lambda clues: clues.name_and_domain, lookups.find_by_name_and_domain, 0.9, is_exact=False),
            _Step(
                lambda clues: clues.name_and_company_name,
                lookups.find_by_name_and_company_name,
                0.8,
                is_exact=False,
            ),
        )

    async def find_people(self, queries: Sequence[PersonQuery]) -> list[FoundPerson | Unavailable | None]:
        """One answer a query, in the same order; None is a person not found, or more than one."""
        return [
            FoundPerson(match.person, match.confidence) if isinstance(match, _Match) else match
            for match in await self._match(queries)
        ]

    async def reveal_phones(self, queries: Sequence[PersonQuery]) -> list[FoundPhones | Unavailable | None]:
        """One answer a query, in the same order; None is a person not found, or one without a number."""
        return [
            _to_phones(match) if isinstance(match, _Match) else match for match in await self._match(queries)
        ]

    async def _match(self, queries: Sequence[PersonQuery]) -> list[_Match | Unavailable | None]:
        clues = [read_clues(query) for query in queries]
        answers: dict[int, _Match | Unavailable | None] = {}
        for step in self._steps:
            places = [
                place for place in range(len(clues)) if place not in answers and step.clue(clues[place])
            ]
            if places:
                answers.update(await _take_step(step, places, clues))
        return [answers.get(place) for place in range(len(clues))]


async def _take_step(
    step: _Step, places: Sequence[int], clues: Sequence[Clues]
) -> dict[int, _Match | Unavailable | None]:
    """The answers that a look-up gives; a query that it leads nowhere for is left out."""
    try:
        found = await step.find([step.clue(clues[place]) for place in places])
    except DatabaseAway:
        return dict.fromkeys(places, Unavailable("the database is away"))
    answers: dict[int, _Match | Unavailable | None] = {}
    for place, candidates in zip(places, found, strict=True):
        fitting = [known for known in candidates if step.is_exact or not contradicts(clues[place], known)]
        if fitting:
            person = choose_person(fitting)
            answers[place] = None if person is None else _Match(person, step.confidence)
    return answers


def _to_phones(match: _Match) -> FoundPhones | None:
    person = match.person
    if not person.phone_numbers:
        return None
    return FoundPhones(person.id, person.phone_numbers, match.confidence)
