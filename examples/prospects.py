"""Make the list of leads that a salesperson would bring: mostly known, oddly spelled, with its own columns.

The file mixes the three types of lists: a row can be used for a type if it has what that type asks for. The
values that a lead is found by are always well-formed, since one bad lead refuses its whole request.
"""

from __future__ import annotations

from dataclasses import dataclass

from people import Person
from spellings import odd_domain, odd_email, odd_text, odd_url, plain_url
from words import Dice, Vocabulary

PROSPECT_COLUMNS = (
    "linkedin_url",
    "email",
    "title",
    "company_name",
    "company_domain",
    "source",
    "owner note",
    "score",
)

LINKEDIN, EMAIL, TITLE = "linkedin", "email", "titles_and_company"

ROWS_BY_USE: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({LINKEDIN}), 170),
    (frozenset({EMAIL}), 170),
    (frozenset({TITLE}), 170),
    (frozenset({LINKEDIN, EMAIL}), 40),
    (frozenset({LINKEDIN, TITLE}), 40),
    (frozenset({EMAIL, TITLE}), 40),
    (frozenset({LINKEDIN, EMAIL, TITLE}), 30),
)
REPEATED_ROWS_BY_USE = 28
PERCENT_UNKNOWN = 20
PERCENT_ODD = 65


@dataclass(frozen=True)
class Lead:
    """Somebody the salesperson noted down, what for, and whether their company was noted by its domain."""

    person: Person
    uses: frozenset[str]
    by_domain: bool


def prospect_rows(
    dice: Dice, words: Vocabulary, people: list[Person], strangers: list[Person]
) -> list[dict[str, str]]:
    """Return the rows in the order of the file: each lead once, and some again in another spelling."""
    writer = ProspectWriter(dice, words)
    leads = _pick_leads(dice, list(people), list(strangers))
    written = [(lead, writer.cells(lead, lead.uses)) for lead in leads]
    rows = [writer.row(cells) for _, cells in written]
    for use in (LINKEDIN, EMAIL, TITLE):
        candidates = [each for each in written if use in each[0].uses]
        dice.shuffle(candidates)
        for lead, cells in candidates[:REPEATED_ROWS_BY_USE]:
            rows.append(writer.row(writer.cells_spelled_otherwise(lead, use, cells)))
    dice.shuffle(rows)
    return rows


def _pick_leads(dice: Dice, people: list[Person], strangers: list[Person]) -> list[Lead]:
    """Return a lead for each row that is planned, no person twice."""
    dice.shuffle(people)
    leads: list[Lead] = []
    for uses, count in ROWS_BY_USE:
        for _ in range(count):
            crowd = strangers if dice.chance(PERCENT_UNKNOWN) else people
            person = next(each for each in crowd if _can_serve(each, uses))
            crowd.remove(person)
            leads.append(Lead(person, uses, by_domain=bool(person.company.domain) and dice.chance(65)))
    return leads


def _can_serve(person: Person, uses: frozenset[str]) -> bool:
    has = {LINKEDIN: person.path, EMAIL: person.email, TITLE: person.title}
    return all(has[use] for use in uses)


class ProspectWriter:
    """Writes leads down as people do: mostly not as they are written in the directory."""

    def __init__(self, dice: Dice, words: Vocabulary) -> None:
        self._dice = dice
        self._words = words

    def cells(self, lead: Lead, uses: frozenset[str]) -> dict[str, str]:
        """Return the cells that make the lead usable for these types, and at times one that is of no use."""
        person, dice = lead.person, self._dice
        cells: dict[str, str] = {}
        if LINKEDIN in uses:
            cells["linkedin_url"] = self._url(person)
        if EMAIL in uses:
            cells["email"] = odd_email(dice, person.email) if self._is_odd() else person.email
        if TITLE in uses:
            cells |= {
                "title": odd_text(dice, person.title) if self._is_odd() else person.title
            } | self._company(lead)
        elif dice.chance(25):
            cells["company_name"] = person.company.plain_name or person.company.legal_name
        elif dice.chance(20):
            cells["title"] = person.title
        return cells

    def cells_spelled_otherwise(self, lead: Lead, use: str, first: dict[str, str]) -> dict[str, str]:
        """Return cells that mean the same lead for this type, in another spelling than the first."""
        columns = {
            LINKEDIN: ("linkedin_url",),
            EMAIL: ("email",),
            TITLE: ("title", "company_name", "company_domain"),
        }
        cells = self.cells(lead, frozenset({use}))
        while all(cells.get(column) == first.get(column) for column in columns[use]):
            cells = self.cells(lead, frozenset({use}))
        return cells

    def row(self, cells: dict[str, str]) -> dict[str, str]:
        """Return the whole row: the cells, and what the salesperson's own columns say."""
        dice, shared = self._dice, self._words.shared
        note = dice.pick(shared["notes"]) if dice.chance(60) else ""
        if note and dice.chance(30):
            note = f"{dice.pick(shared['owners'])}: {note}"
        score = dice.pick(
            (str(dice.below(101)), str(dice.below(101)), f"{dice.below(100)}.5", f"{dice.below(10)},5", "")
        )
        own = {"source": dice.pick(shared["sources"]), "owner note": note, "score": score}
        return dict.fromkeys(PROSPECT_COLUMNS, "") | cells | own

    def _url(self, person: Person) -> str:
        if self._is_odd():
            return odd_url(self._dice, self._words, person.path)
        return plain_url(self._dice, self._words, person.path)

    def _company(self, lead: Lead) -> dict[str, str]:
        """Return the company's domain, at times with its name, or its name alone, often without its form."""
        dice, company = self._dice, lead.person.company
        name = company.plain_name if company.plain_name and dice.chance(60) else company.legal_name
        name = odd_text(dice, name) if self._is_odd() else name
        if not lead.by_domain:
            return {"company_name": name}
        domain = odd_domain(dice, company.domain) if self._is_odd() else company.domain
        return {"company_domain": domain} | ({"company_name": name} if dice.chance(30) else {})

    def _is_odd(self) -> bool:
        return self._dice.chance(PERCENT_ODD)
