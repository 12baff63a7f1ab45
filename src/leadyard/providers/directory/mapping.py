"""From a query to what the directory is asked for, and from candidates to an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz.fuzz import token_sort_ratio

from leadyard.domain.company_matching import (
    AS_WRITTEN,
    MISSPELLED,
    OTHER_COUNTRY,
    SAME_NAME,
    CompanyName,
    difference,
    read_company_name,
    whole_name,
    without_odd_form,
)
from leadyard.domain.company_rewriting import rewritten
from leadyard.domain.directory import (
    MAX_KEY_CHARACTERS,
    KnownCompany,
    KnownPerson,
    Position,
    find_key,
    name_key,
)
from leadyard.domain.identity import registrable_domain, title_key
from leadyard.domain.providers import Ambiguous, PersonQuery
from leadyard.domain.spelling import plain_letters, spelled_out
from leadyard.domain.titles import MIN_TITLE_SCORE, SAME_TITLE, Title, read_title, title_score

EQUALLY_GOOD = 1.0
"""Points between two candidates that do not make one better than the other."""
MAX_SHORTLIST = 20
"""The most people at one company that are looked at for one lead, the likeliest first."""
MIN_NAME_RATIO = 90.0

_PROFILE_FORMS = ("sales:", "talent:")


class Clues(NamedTuple):
    """What a query can be looked up by; None is what it lacks. `names` are spellings of the person's name."""

    linkedin_key: str | None
    email_key: str | None
    title: Title | None
    names: frozenset[str]
    domain: str | None
    company_name: CompanyName | None

    @property
    def has_position(self) -> bool:
        """Whether it tells somebody from their colleagues."""
        return self.title is not None or bool(self.names)


NO_CLUES = Clues(None, None, None, frozenset(), None, None)


class Employer(NamedTuple):
    """A company that a query may mean, and what its name differs by, in points."""

    company: KnownCompany
    points: float


class Candidate(NamedTuple):
    """Who may be meant: how alike the titles are, up to 100, and what the companies' names differ by."""

    person_row_id: int
    title_score: float
    points: float

    @property
    def score(self) -> float:
        """What candidates are compared by."""
        return self.title_score - self.points


class Choice(NamedTuple):
    """The person chosen, and how sure the choice is, from 0 to 1."""

    known: KnownPerson
    confidence: float


def read_clues(query: PersonQuery) -> Clues:
    """The clues of a query; what cannot be one is left out."""
    title = find_key(title_key, query.title)
    return Clues(
        linkedin_key=query.linkedin_key or None,
        email_key=query.email or None,
        title=read_title(title) if title else None,
        names=_name_spellings(query.first_name, query.last_name),
        domain=find_key(registrable_domain, query.company_domain),
        company_name=find_name(query.company_name),
    )


def find_name(text: str | None) -> CompanyName | None:
    """A company's name taken apart; None for one that is absent, too long or no name."""
    return read_company_name(text) if text and len(text) <= MAX_KEY_CHARACTERS else None


def choose_employers(name: CompanyName, companies: Sequence[KnownCompany]) -> list[Employer]:
    """The companies that a name may mean: of that name, else without a country, else with a slip or odd."""
    employers = _compare(name, companies)
    if companies and not employers:
        employers = [Employer(company, MISSPELLED) for company in _compare_oddly(name, companies)]
    closest = min((_level(each.points) for each in employers), default=0.0)
    return [each for each in employers if _level(each.points) == closest]


def _compare(name: CompanyName, companies: Sequence[KnownCompany]) -> list[Employer]:
    employers = []
    for company in companies:
        text = company.company.name or ""
        if whole_name(text) == name.whole:
            employers.append(Employer(company, AS_WRITTEN))
            continue
        known = find_name(text)
        points = None if known is None else difference(name, known)
        if points is not None:
            employers.append(Employer(company, points))
    return employers


def _compare_oddly(name: CompanyName, companies: Sequence[KnownCompany]) -> list[KnownCompany]:
    """Those of the name without an odd legal form, else those that it may be another spelling of."""
    rest = without_odd_form(name)
    if rest and (same := _compare(rest, companies)):
        return [each.company for each in same]
    others = rewritten(name)
    return [
        company
        for company in companies
        if (known := find_name(company.company.name)) and not others.isdisjoint(known.spellings)
    ]


def _level(points: float) -> float:
    return points if points in (OTHER_COUNTRY, MISSPELLED) else 0.0


def choose_company(employers: Sequence[Employer]) -> Employer | Ambiguous | None:
    """The company that fits best; Ambiguous if others with another domain fit as well."""
    if not employers:
        return None
    ranked = sorted(employers, key=lambda each: (each.points, each.company.company.domain is None))
    best = ranked[0]
    for other in ranked[1:]:
        is_as_good = other.points - best.points < EQUALLY_GOOD
        if is_as_good and _are_different(best.company.company.domain, other.company.company.domain):
            return Ambiguous()
    return best


def shortlist(
    clues: Clues, employers: Sequence[Employer], positions: Mapping[int, Sequence[Position]]
) -> list[Candidate]:
    """Who of these companies may be meant, the likeliest first."""
    candidates = []
    for employer in employers:
        candidates += _of_one_company(clues, employer, positions.get(employer.company.row_id, ()))
    candidates.sort(key=lambda each: (-each.score, each.person_row_id))
    return candidates if clues.names else candidates[:MAX_SHORTLIST]


def _of_one_company(clues: Clues, employer: Employer, positions: Sequence[Position]) -> list[Candidate]:
    if clues.names or clues.title is None:
        return [Candidate(row_id, SAME_TITLE, employer.points) for row_id, _ in positions]
    title = clues.title
    read = [(row_id, read_title(title_key)) for row_id, title_key in positions if title_key]
    same = [row_id for row_id, each in read if each.text == title.text]
    if same:
        return [Candidate(row_id, SAME_TITLE, employer.points) for row_id in same]
    scored = [(row_id, title_score(title, each)) for row_id, each in read]
    return [Candidate(row_id, score, employer.points) for row_id, score in scored if score >= MIN_TITLE_SCORE]


def choose_candidate(
    clues: Clues, candidates: Sequence[Candidate], people: Mapping[int, KnownPerson]
) -> Choice | Ambiguous | None:
    """The best of the candidates, who stand in the order of their score; None if it can be none of them."""
    fitting = [
        (each, known)
        for each in candidates
        if (known := people.get(each.person_row_id)) is not None and not contradicts(clues, known)
    ]
    if not fitting:
        return None
    best = fitting[0][0]
    chosen = choose_person([known for each, known in fitting if best.score - each.score < EQUALLY_GOOD])
    return Choice(chosen, _confidence(best)) if isinstance(chosen, KnownPerson) else chosen


def _confidence(candidate: Candidate) -> float:
    """A legal form on one side only tells companies of one name apart, and makes nothing less sure."""
    points = candidate.points if candidate.points > SAME_NAME else 0.0
    return (candidate.title_score - points) / SAME_TITLE


def choose_person(candidates: Sequence[KnownPerson]) -> KnownPerson | Ambiguous | None:
    """The person that all candidates are, as loaded first; Ambiguous if they are different people.

    Several entries with the same name are one person known from several sources.
    """
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    names = {name_key(known.person.first_name, known.person.last_name) for known in candidates}
    return candidates[0] if len(names) == 1 and None not in names else Ambiguous()


def contradicts(clues: Clues, known: KnownPerson) -> bool:
    """Whether a query that has the person's title and company is for somebody else all the same.

    So it is with another name, another profile, another address at the same domain, or another company of the
    same name.
    """
    return (
        _are_two_profiles(clues.linkedin_key, known.linkedin_key)
        or _are_two_colleagues(clues.email_key, known.email_key)
        or _are_different(clues.domain, known.person.company.domain)
        or _are_two_names(clues.names, known)
    )


def _are_different(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _are_two_profiles(one: str | None, other: str | None) -> bool:
    """Whether two keys name different profiles; a profile's name and its ids cannot be compared."""
    return _are_different(one, other) and _profile_form(one) == _profile_form(other)


def _profile_form(linkedin_key: str | None) -> str:
    return next((form for form in _PROFILE_FORMS if (linkedin_key or "").startswith(form)), "")


def _are_two_colleagues(one: str | None, other: str | None) -> bool:
    """Whether two addresses differ only before the @: people have a private address beside that at work."""
    return _are_different(one, other) and _mail_domain(one) == _mail_domain(other)


def _mail_domain(email: str | None) -> str:
    return (email or "").rpartition("@")[2]


def _are_two_names(names: frozenset[str], known: KnownPerson) -> bool:
    """Whether both are named and no spelling of one name is nearly one of the other."""
    others = _name_spellings(known.person.first_name, known.person.last_name) if names else frozenset()
    return bool(names) and not any(
        token_sort_ratio(one, other) >= MIN_NAME_RATIO for one in names for other in others
    )


def _name_spellings(first_name: str | None, last_name: str | None) -> frozenset[str]:
    name = name_key(first_name, last_name)
    return frozenset((plain_letters(name), spelled_out(name))) if name else frozenset()
