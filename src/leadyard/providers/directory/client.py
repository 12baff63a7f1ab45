"""The embedded default provider: the user's own people and companies, looked up in the directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadyard.domain.directory import KnownPerson
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.providers import (
    Ambiguous,
    CompanyAnswer,
    CompanyQuery,
    FoundPerson,
    FoundPhones,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.directory import companies
from leadyard.providers.directory.companies import Employers
from leadyard.providers.directory.lookups import Directory, DirectoryLookups
from leadyard.providers.directory.mapping import (
    NO_CLUES,
    Choice,
    Clues,
    choose_candidate,
    choose_person,
    read_clues,
    shortlist,
)

NAME = "directory"
BATCH_SIZE = 250
"""Twice as many would be little faster, and would keep the event loop busy for a twentieth of a second."""
CONCURRENCY = 4
"""As many as SQLite has connections to read with."""

SAME_MAILBOX = 0.95
BY_DOMAIN = 0.9
BY_COMPANY_NAME = 0.8
"""How sure an e-mail is that differs by its tag; a title and a domain; a title and a company's name."""
AWAY = Unavailable("the database is away")

PeopleAnswer = FoundPerson | Ambiguous | Unavailable
Answers = dict[int, PeopleAnswer]


class DirectoryProvider:
    """Finds people, their phone numbers and companies in the directory of the installation.

    Look-ups go from the surest to the least sure, and the first that leads to somebody decides. Where it
    leads to different people there is no choice: a guess would be somebody else's data.
    """

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = CONCURRENCY

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def find_people(self, queries: Sequence[PersonQuery]) -> list[PeopleAnswer | None]:
        """One answer a query, in the same order; None is a person not found."""
        clues = dict(enumerate(map(read_clues, queries)))
        answers: Answers = {}
        try:
            async with self._directory.open() as lookups:
                for step in (_by_profile, _by_email, _by_domain, _by_company_name):
                    unanswered = {place: each for place, each in clues.items() if place not in answers}
                    answers.update(await step(lookups, unanswered))
        except DatabaseAway:
            return [answers.get(place, None if each == NO_CLUES else AWAY) for place, each in clues.items()]
        return [answers.get(place) for place in clues]

    async def reveal_phones(
        self, queries: Sequence[PersonQuery]
    ) -> list[FoundPhones | Ambiguous | Unavailable | None]:
        """One answer a query, in the same order; None is a person not found, or one without a number."""
        answers = await self.find_people(queries)
        return [_to_phones(each) if isinstance(each, FoundPerson) else each for each in answers]

    async def find_companies(self, queries: Sequence[CompanyQuery]) -> list[CompanyAnswer]:
        """One answer a query, in the same order; None is a company not found.

        The domain decides, else the page on LinkedIn, else the name.
        """
        answers: dict[int, CompanyAnswer] = {}
        try:
            async with self._directory.open() as lookups:
                await companies.find_companies(lookups, queries, answers)
        except DatabaseAway:
            return [answers.get(place, AWAY) for place in range(len(queries))]
        return [answers.get(place) for place in range(len(queries))]


async def _by_profile(lookups: DirectoryLookups, clues: Mapping[int, Clues]) -> Answers:
    keys = {place: each.linkedin_key for place, each in clues.items() if each.linkedin_key}
    found = await lookups.find_by_linkedin(list(keys.values())) if keys else ()
    return _answers({place: (each, 1.0) for place, each in zip(keys, found, strict=True)})


async def _by_email(lookups: DirectoryLookups, clues: Mapping[int, Clues]) -> Answers:
    keys = {place: each.email_key for place, each in clues.items() if each.email_key}
    found = await lookups.find_by_email(list(keys.values())) if keys else ()
    sure = {}
    for (place, key), candidates in zip(keys.items(), found, strict=True):
        same = [known for known in candidates if known.email_key == key]
        sure[place] = (same, 1.0) if same else (candidates, SAME_MAILBOX)
    return _answers(sure)


async def _by_domain(lookups: DirectoryLookups, clues: Mapping[int, Clues]) -> Answers:
    keys = {place: each.domain for place, each in clues.items() if each.domain and each.has_position}
    employers = await companies.by_domain(lookups, keys)
    return await _among_colleagues(lookups, clues, employers, BY_DOMAIN)


async def _by_company_name(lookups: DirectoryLookups, clues: Mapping[int, Clues]) -> Answers:
    keys = {
        place: each.company_name for place, each in clues.items() if each.company_name and each.has_position
    }
    employers = await companies.by_name(lookups, keys)
    return await _among_colleagues(lookups, clues, employers, BY_COMPANY_NAME)


async def _among_colleagues(
    lookups: DirectoryLookups, clues: Mapping[int, Clues], employers: Employers, confidence: float
) -> Answers:
    """Whom titles and names single out at these companies."""
    row_ids = {each.company.row_id for some in employers.values() for each in some}
    positions = await lookups.list_positions(row_ids) if row_ids else {}
    candidates = {place: shortlist(clues[place], some, positions) for place, some in employers.items()}
    wanted = {each.person_row_id for some in candidates.values() for each in some}
    people = await lookups.get_people(wanted) if wanted else {}
    answers: Answers = {}
    for place, some in candidates.items():
        choice = choose_candidate(clues[place], some, people)
        if isinstance(choice, Choice):
            sure = round(confidence * choice.confidence, 3)
            answers[place] = FoundPerson(choice.known.person, sure)
        elif choice is not None:
            answers[place] = choice
    return answers


def _answers(found: Mapping[int, tuple[Sequence[KnownPerson], float]]) -> Answers:
    """Whom the candidates of each place are; a place without any is left out."""
    answers: Answers = {}
    for place, (candidates, confidence) in found.items():
        chosen = choose_person(candidates)
        if isinstance(chosen, KnownPerson):
            answers[place] = FoundPerson(chosen.person, confidence)
        elif chosen is not None:
            answers[place] = chosen
    return answers


def _to_phones(found: FoundPerson) -> FoundPhones | None:
    person = found.person
    if not person.phone_numbers:
        return None
    return FoundPhones(person.id, person.phone_numbers, found.confidence)
