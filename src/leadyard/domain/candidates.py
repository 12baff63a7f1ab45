"""Who of those that a search found is the one looked for by title and company, if that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from leadyard.domain.company_names import InvalidIdentity, company_name_key
from leadyard.domain.identity import registrable_domain, title_key
from leadyard.domain.providers import PersonQuery

LEAST_TITLE_SCORE = 78.0
"""Of 100; below it two titles are of different jobs (docs/reference/providers/index.md)."""
LEAST_LEAD = 5.0
"""By how much the best has to be ahead of the next not to be one of several."""

_PROFILE_FORMS = ("sales:", "talent:")


class Candidate(NamedTuple):
    """Somebody that a search found; None is unknown. Equal identities are one person found twice."""

    identity: str
    title: str | None
    company_name: str | None = None
    company_domain: str | None = None


class Choice(NamedTuple):
    """The place of the candidate chosen, and how well the title fits, 0 to 1."""

    place: int
    confidence: float


class SeveralFit(Exception):
    """Several people fit about equally well, or more than were shown may."""


def choose(query: PersonQuery, candidates: Sequence[Candidate]) -> Choice | None:
    """The candidate whose title fits best among those at the company; None if none fits.

    Raises SeveralFit.
    """
    best: dict[str, Choice] = {}
    for place, candidate in enumerate(candidates):
        score = likeness_of_titles(query.title, candidate.title) if is_at_company(query, candidate) else 0.0
        known = best.get(candidate.identity)
        if score >= LEAST_TITLE_SCORE and (known is None or score > known.confidence):
            best[candidate.identity] = Choice(place, score)
    ranked = sorted(best.values(), key=lambda choice: -choice.confidence)
    if not ranked:
        return None
    if len(ranked) > 1 and ranked[0].confidence - ranked[1].confidence < LEAST_LEAD:
        raise SeveralFit
    return Choice(ranked[0].place, ranked[0].confidence / 100)


def likeness_of_titles(asked: str | None, told: str | None) -> float:
    """How alike two titles are, 0 to 100, whatever the order of their words."""
    try:
        return fuzz.token_sort_ratio(title_key(asked or ""), title_key(told or ""))
    except InvalidIdentity:
        return 0.0


def is_at_company(query: PersonQuery, candidate: Candidate) -> bool:
    """Whether a candidate works where the person looked for does.

    Domains decide if both are known, else names. Where neither can be compared it is so: the search was
    for people of that company.
    """
    asked, told = _domain(query.company_domain), _domain(candidate.company_domain)
    if asked and told:
        return asked == told
    asked, told = _name(query.company_name), _name(candidate.company_name)
    return not (asked and told) or asked == told


def is_somebody_else(asked_key: str | None, told_keys: Sequence[str]) -> bool:
    """Whether profiles told of a person show that it is not the one whose profile was asked for.

    A profile's name and its ids cannot be compared, so only keys of the same form count.
    """
    if asked_key is None:
        return False
    comparable = [key for key in told_keys if _form(key) == _form(asked_key)]
    return bool(comparable) and asked_key not in comparable


def _form(linkedin_key: str) -> str:
    return next((form for form in _PROFILE_FORMS if linkedin_key.startswith(form)), "")


def _domain(text: str | None) -> str | None:
    try:
        return registrable_domain(text) if text else None
    except InvalidIdentity:
        return None


def _name(text: str | None) -> str | None:
    try:
        return company_name_key(text) if text else None
    except InvalidIdentity:
        return None
