"""Companies of the directory, by domain, by their page on LinkedIn and by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from leadyard.domain.company_matching import CompanyName, exact_keys, nearby_keys, without_misspelled_form
from leadyard.domain.company_pages import company_page_key
from leadyard.domain.directory import KnownCompany, find_key
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.identity import registrable_domain
from leadyard.domain.providers import CompanyAnswer, CompanyQuery, FoundCompany, Unavailable
from leadyard.domain.titles import SAME_TITLE
from leadyard.providers.directory.lookups import DirectoryLookups
from leadyard.providers.directory.mapping import Employer, choose_company, choose_employers, find_name

AWAY = Unavailable("the database is away")
BY_NAME = 0.8
"""How sure it is that a company of the same name is the same company."""

KeyT = TypeVar("KeyT")
Employers = dict[int, list[Employer]]


class CompanyFinder:
    """Looks companies up. Of places with their keys it answers those that led somewhere.

    Raises DatabaseAway, but for `find_companies`.
    """

    def __init__(self, lookups: DirectoryLookups) -> None:
        self._lookups = lookups

    async def find_companies(self, queries: Sequence[CompanyQuery]) -> list[CompanyAnswer]:
        """One answer a query, in the same order; None is a company not found."""
        answers: dict[int, CompanyAnswer] = {}
        for confidence, read, find in (
            (1.0, _domain_of, self.by_domain),
            (1.0, _page_of, self.by_page),
            (BY_NAME, _name_of, self.by_name),
        ):
            answers.update(await _take_step(queries, answers, read, find, confidence))
        return [answers.get(place) for place in range(len(queries))]

    async def by_domain(self, domains: Mapping[int, str]) -> Employers:
        """By registrable domains."""
        found = await self._lookups.find_companies_by_domain(list(domains.values()))
        return _certain(domains, found)

    async def by_page(self, page_keys: Mapping[int, str]) -> Employers:
        """By keys of pages on LinkedIn."""
        found = await self._lookups.find_companies_by_page(list(page_keys.values()))
        return _certain(page_keys, found)

    async def by_name(self, names: Mapping[int, CompanyName]) -> Employers:
        """By names: those that are spelled right first, and only for the others by names with a slip."""
        employers = await self._by_name_keys(names, exact_keys)
        unknown = {place: name for place, name in names.items() if place not in employers}
        if unknown:
            employers.update(await self._by_name_keys(unknown, _lenient_keys))
        return employers

    async def _by_name_keys(
        self, names: Mapping[int, CompanyName], to_keys: Callable[[CompanyName], set[int]]
    ) -> Employers:
        found = await self._lookups.find_companies_by_name_keys([to_keys(name) for name in names.values()])
        chosen = {
            place: choose_employers(names[place], companies)
            for place, companies in zip(names, found, strict=True)
        }
        return {place: employers for place, employers in chosen.items() if employers}


async def _take_step(
    queries: Sequence[CompanyQuery],
    answered: Mapping[int, CompanyAnswer],
    read: Callable[[CompanyQuery], KeyT | None],
    find: Callable[[Mapping[int, KeyT]], Awaitable[Employers]],
    confidence: float,
) -> dict[int, CompanyAnswer]:
    """The answers of one look-up to the queries that have no answer yet."""
    keys = {
        place: key
        for place, query in enumerate(queries)
        if place not in answered and (key := read(query)) is not None
    }
    try:
        found = await find(keys) if keys else {}
    except DatabaseAway:
        return dict.fromkeys(keys, AWAY)
    return {place: _to_answer(employers, confidence) for place, employers in found.items()}


def _domain_of(query: CompanyQuery) -> str | None:
    return find_key(registrable_domain, query.domain)


def _page_of(query: CompanyQuery) -> str | None:
    return find_key(company_page_key, query.linkedin_url)


def _name_of(query: CompanyQuery) -> CompanyName | None:
    return find_name(query.name)


def _certain(keys: Mapping[int, str], found: Sequence[Sequence[KnownCompany]]) -> Employers:
    return {
        place: [Employer(company, 0.0) for company in companies]
        for place, companies in zip(keys, found, strict=True)
        if companies
    }


def _lenient_keys(name: CompanyName) -> set[int]:
    rest = without_misspelled_form(name)
    return nearby_keys(name) | (exact_keys(rest) if rest else set())


def _to_answer(employers: Sequence[Employer], confidence: float) -> CompanyAnswer:
    chosen = choose_company(employers)
    if not isinstance(chosen, Employer):
        return chosen
    return FoundCompany(chosen.company.company, round(confidence * (1 - chosen.points / SAME_TITLE), 3))
