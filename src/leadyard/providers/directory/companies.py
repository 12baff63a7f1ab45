"""Companies of the directory, by domain, by their page on LinkedIn and by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from leadyard.domain.company_matching import CompanyName, exact_keys, nearby_keys, without_odd_form
from leadyard.domain.company_pages import company_page_key
from leadyard.domain.company_rewriting import rewritten_keys
from leadyard.domain.directory import KnownCompany, company_id, find_key
from leadyard.domain.identity import registrable_domain
from leadyard.domain.providers import CompanyAnswer, CompanyQuery, FoundCompany
from leadyard.domain.titles import SAME_TITLE
from leadyard.providers.directory.lookups import DirectoryLookups
from leadyard.providers.directory.mapping import Employer, choose_company, choose_employers, find_name

BY_NAME = 0.8
"""How sure it is that a company of the same name is the same company."""

Employers = dict[int, list[Employer]]


async def find_companies(
    lookups: DirectoryLookups, queries: Sequence[CompanyQuery], answers: dict[int, CompanyAnswer]
) -> None:
    """Puts into `answers`, by the query's place, what is found: by domain, else by page, else by name."""
    places = range(len(queries))
    domains = {place: find_key(registrable_domain, queries[place].domain) for place in places}
    _answer(answers, await by_domain(lookups, _known(domains)), 1.0)
    pages = {place: find_key(company_page_key, queries[place].linkedin_url) for place in places}
    _answer(answers, await _by_page(lookups, _known(pages, answers)), 1.0)
    names = {place: find_name(queries[place].name) for place in places if place not in answers}
    _answer(answers, await by_name(lookups, {place: name for place, name in names.items() if name}), BY_NAME)


async def by_domain(lookups: DirectoryLookups, domains: Mapping[int, str]) -> Employers:
    """Companies by registrable domains, for the places of those that there are."""
    found = await lookups.find_companies_by_domain(list(domains.values())) if domains else ()
    return _certain(domains, found)


async def _by_page(lookups: DirectoryLookups, page_keys: Mapping[int, str]) -> Employers:
    found = await lookups.find_companies_by_page(list(page_keys.values())) if page_keys else ()
    return _certain(page_keys, found)


async def by_name(lookups: DirectoryLookups, names: Mapping[int, CompanyName]) -> Employers:
    """Companies by names: those spelled right, and only for the others what is near, and then what is odd."""
    employers: Employers = {}
    for to_keys in (exact_keys, nearby_keys, _odd_keys):
        unknown = {place: name for place, name in names.items() if place not in employers}
        employers |= await _by_name_keys(lookups, unknown, to_keys)
    return employers


async def _by_name_keys(
    lookups: DirectoryLookups, names: Mapping[int, CompanyName], to_keys: Callable[[CompanyName], set[int]]
) -> Employers:
    keys = [to_keys(name) for name in names.values()]
    found = await lookups.find_companies_by_name_keys(keys) if any(keys) else [()] * len(keys)
    chosen = {
        place: choose_employers(names[place], companies)
        for place, companies in zip(names, found, strict=True)
    }
    return {place: employers for place, employers in chosen.items() if employers}


def _odd_keys(name: CompanyName) -> set[int]:
    """The keys of a name without a legal form that is odd, and of what else the company may be called."""
    rest = without_odd_form(name)
    return rewritten_keys(name) | (exact_keys(rest) if rest else set())


def _known(keys: Mapping[int, str | None], answered: Mapping[int, CompanyAnswer] = {}) -> dict[int, str]:
    return {place: key for place, key in keys.items() if key and place not in answered}


def _certain(keys: Mapping[int, str], found: Sequence[Sequence[KnownCompany]]) -> Employers:
    return {
        place: [Employer(company, 0.0) for company in companies]
        for place, companies in zip(keys, found, strict=True)
        if companies
    }


def _answer(answers: dict[int, CompanyAnswer], found: Employers, confidence: float) -> None:
    for place, employers in found.items():
        chosen = choose_company(employers)
        if isinstance(chosen, Employer):
            sure = round(confidence * (1 - chosen.points / SAME_TITLE), 3)
            known = chosen.company
            company = msgspec.structs.replace(known.company, id=company_id(known.key))
            answers[place] = FoundCompany(company, sure)
        else:
            answers[place] = chosen
