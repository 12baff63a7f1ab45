"""Invent companies and the people who work there.

Nobody is copied from anywhere: a given name, a surname, a job and an employer are drawn apart and put
together. All domains end in the reserved `.example`, all telephone numbers lie in ranges kept free for
fiction, and the number behind every slug begins with 555.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from spellings import Phone, comparable, profile_id
from words import Culture, Dice, Place, Vocabulary, Word, to_ascii

FIRST_SLUG_NUMBER = 555_000_000
SLUG_NUMBERS = 1_000_000

_GERMAN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})

SIZES = (
    ("1-10", 1, 10),
    ("11-50", 11, 50),
    ("51-200", 51, 200),
    ("201-500", 201, 500),
    ("501-1,000", 501, 1_000),
    ("1,001-5,000", 1_001, 5_000),
    ("5,001-10,000", 5_001, 10_000),
    ("10,001+", 10_001, 60_000),
)


@dataclass(frozen=True)
class Company:
    """An invented employer.

    `plain_name` is its name without legal form, or empty where the form cannot simply be left out: some
    languages put it in front, or write it in a script in which few programs know it.
    """

    legal_name: str
    plain_name: str
    domain: str
    linkedin_url: str
    industry: str
    size: str
    employees: str
    founded_year: str
    location: str
    culture: Culture


@dataclass(frozen=True)
class Person:
    """An invented person. `path` is that of the profile, not percent-encoded; an empty text is not known."""

    path: str
    email: str
    first_name: str
    last_name: str
    title: str
    headline: str
    location: str
    phones: tuple[Phone, ...]
    company: Company


def slug(text: str) -> str:
    """Return the text as it stands in an address: lower case, its letters and digits, hyphens between."""
    composed = unicodedata.normalize("NFC", text.replace("'", "").replace("\u2019", "").lower())
    kept = (char if unicodedata.category(char)[0] in "LMN" else "-" for char in composed)
    return re.sub("-+", "-", "".join(kept)).strip("-")


def is_latin(text: str) -> bool:
    """Return True if all letters of the text are Latin ones, with whatever accents."""
    return all(unicodedata.name(char).startswith("LATIN") for char in text if char.isalpha())


def address_letters(culture: Culture, word: Word) -> str:
    """Return the word in the ASCII letters its owner chooses for an address: a German writes ue for ü."""
    return to_ascii(word.native.translate(_GERMAN_LETTERS)) if culture.code == "de" else word.latin


def pick_culture(dice: Dice, words: Vocabulary) -> Culture:
    """Return a culture, the common ones more often."""
    return dice.pick([culture for culture in words.cultures for _ in range(culture.weight)])


class NumberDrum:
    """Numbers for the end of a slug, none of them twice: they make sure that no slug is anybody's."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._drawn: set[int] = set()

    def draw(self) -> int:
        """Return a number that was not drawn before."""
        number = FIRST_SLUG_NUMBER + self._dice.below(SLUG_NUMBERS)
        while number in self._drawn:
            number = FIRST_SLUG_NUMBER + self._dice.below(SLUG_NUMBERS)
        self._drawn.add(number)
        return number


def build_companies(dice: Dice, words: Vocabulary, count: int) -> list[Company]:
    """Return so many companies, no two of which share a name or a domain."""
    drum = NumberDrum(dice)
    taken: set[str] = set()
    companies: list[Company] = []
    while len(companies) < count:
        culture = pick_culture(dice, words)
        stem, field = dice.pick(culture.stems), dice.pick(culture.fields)
        name = Word(culture.joiner.join((stem.native, field.native)), f"{stem.latin} {field.latin}")
        if slug(name.latin) not in taken:
            taken.add(slug(name.latin))
            companies.append(_company(dice, words, culture, name, drum.draw()))
    return companies


def _company(dice: Dice, words: Vocabulary, culture: Culture, name: Word, number: int) -> Company:
    form = dice.pick(culture.forms)
    written = name.latin if is_latin(form) and not is_latin(name.native) else name.native
    size, fewest, most = SIZES[dice.below(len(SIZES) if dice.chance(40) else 4)]
    return Company(
        legal_name=form.format(written),
        plain_name=written if is_latin(form) and form.startswith(("{} ", "{}, ")) else "",
        domain=_domain(dice, culture, name),
        linkedin_url=f"https://www.linkedin.com/company/{slug(name.latin)}-{number}",
        industry=dice.pick(words.shared["industries"]),
        size=size,
        employees=str(fewest + dice.below(most - fewest + 1)) if dice.chance(80) else "",
        founded_year=str(1871 + dice.below(153)) if dice.chance(85) else "",
        location=dice.pick(culture.places).text,
        culture=culture,
    )


def _domain(dice: Dice, culture: Culture, name: Word) -> str:
    """Return a domain under the reserved `.example`; some have one in their own alphabet, a few have none."""
    if dice.chance(3):
        return ""
    native = slug(name.native)
    if dice.chance(10) and not native.isascii() and native.encode("idna").decode("idna") == native:
        return f"{native}.example"
    hyphenated = slug(address_letters(culture, name))
    return f"{hyphenated if dice.chance(65) else hyphenated.replace('-', '')}.example"


class PersonMaker:
    """Makes people one after the other, and remembers what would make two of them the same.

    Profiles and mailboxes are never shared. Nobody has the name or the title of a colleague, so that a title
    and a company, or a name and a company, lead to one person.
    """

    def __init__(self, dice: Dice, words: Vocabulary) -> None:
        self._dice = dice
        self._words = words
        self._drum = NumberDrum(dice)
        self._emails: set[str] = set()
        self._colleagues: defaultdict[str, set[str]] = defaultdict(set)
        english = words.cultures[0]
        shared = words.shared
        jobs = tuple(f"{level} {function}" for level in shared["levels"] for function in shared["functions"])
        self._english_titles = english.titles + jobs

    def people(self, count: int, companies: list[Company]) -> list[Person]:
        """Return so many people: two at each company at least, and more at those in front."""
        employers = companies * 2
        while len(employers) < count:
            employers.append(
                companies[min(self._dice.below(len(companies)), self._dice.below(len(companies)))]
            )
        employers = employers[:count]
        self._dice.shuffle(employers)
        return [self._person(company) for company in employers]

    def _person(self, company: Company) -> Person:
        dice = self._dice
        culture = company.culture if dice.chance(80) else pick_culture(dice, self._words)
        given, family = self._name(culture, company)
        title = "" if dice.chance(2) else self._title(company)
        place = dice.pick(company.culture.places) if dice.chance(96) else Place("", "")
        missing = dice.pick(("path",) * 2 + ("email",) * 3 + ("nothing",) * 15)
        return Person(
            path="" if missing == "path" else self._path(given, family),
            email="" if missing == "email" else self._email(culture, given, family, company),
            first_name=self._first_name(given.native),
            last_name=family.native
            + (dice.pick(self._words.shared["credentials"]) if dice.chance(4) else ""),
            title=title,
            headline=self._headline(title, company),
            location=place.text,
            phones=self._phones(place),
            company=company,
        )

    def _name(self, culture: Culture, company: Company) -> tuple[Word, Word]:
        names = self._colleagues[f"names at {company.linkedin_url}"]
        given, family = self._dice.pick(culture.given), self._dice.pick(culture.family)
        while f"{given.latin} {family.latin}" in names:
            given, family = self._dice.pick(culture.given), self._dice.pick(culture.family)
        names.add(f"{given.latin} {family.latin}")
        return given, family

    def _title(self, company: Company) -> str:
        taken = self._colleagues[f"titles at {company.linkedin_url}"]
        own = company.culture.titles if self._dice.chance(60) else self._english_titles
        free = [title for title in own if comparable(title) not in taken]
        title = self._dice.pick(
            free or [each for each in self._english_titles if comparable(each) not in taken]
        )
        taken.add(comparable(title))
        return title

    def _first_name(self, name: str) -> str:
        dice, shared = self._dice, self._words.shared
        if dice.chance(3):
            return dice.pick(shared["honorifics"]) + name
        if dice.chance(4):
            return name + dice.pick((" ({})", " ({})", ' "{}"')).format(dice.pick(shared["nicknames"]))
        return name

    def _path(self, given: Word, family: Word) -> str:
        dice, number = self._dice, self._drum.draw()
        own_script, latin = slug(f"{given.native} {family.native}"), slug(f"{given.latin} {family.latin}")
        kind = dice.pick(("in",) * 48 + ("pub", "sales"))
        if kind == "pub":
            return f"pub/{latin}/55/{number // 1000 % 1000:03d}/{number % 1000:03d}"
        if kind == "sales":
            return f"{dice.pick(('sales/lead', 'sales/people', 'talent/profile'))}/{profile_id(dice, number)}"
        return f"in/{own_script if dice.chance(25) else latin}-{number}"

    def _email(self, culture: Culture, given: Word, family: Word, company: Company) -> str:
        dice = self._dice
        private = dice.chance(3) or not company.domain
        domain = dice.pick(self._words.shared["free_mail_domains"]) if private else company.domain
        local = self._local_part(culture, given, family)
        email, again = f"{local}@{domain}", 1
        while email in self._emails:
            again += 1
            email = f"{local}{again}@{domain}"
        self._emails.add(email)
        return email

    def _local_part(self, culture: Culture, given: Word, family: Word) -> str:
        dice = self._dice
        if dice.chance(1):
            return f"{slug(given.native)}.{slug(family.native)}"
        first, last = slug(address_letters(culture, given)), slug(address_letters(culture, family))
        if "'" in family.latin and " " not in family.latin and dice.chance(25):
            last = family.latin.lower()
        usual = [f"{first}.{last}"] * 5 + [f"{first[0]}.{last}", f"{first[0]}{last}", f"{first}_{last}"]
        rare = [f"{last}.{first}", f"{first}-{last}", first, f"{first}.{last[0]}", f"{first}.{last}+work"]
        return dice.pick(usual + rare)

    def _headline(self, title: str, company: Company) -> str:
        dice, topics = self._dice, self._words.shared["topics"]
        if dice.chance(18):
            return ""
        if not title or dice.chance(10):
            return f"{dice.pick(topics)} · {dice.pick(topics)}"
        name = company.plain_name or company.legal_name
        where = f"{title} {company.culture.at} {name}"
        return dice.pick(
            (where, where, title, f"{title} @ {name}", f"{where} | {dice.pick(topics)}", f"{title} | {name}")
        )

    def _phones(self, place: Place) -> tuple[Phone, ...]:
        dice, ranges = self._dice, self._words.phones
        count = dice.pick((0,) * 5 + (1,) * 10 + (2,) * 4 + (3,))
        phones: list[Phone] = []
        for _ in range(count):
            at_home = place.country in ranges and dice.chance(92)
            number_range = ranges[place.country] if at_home else dice.pick(tuple(ranges.values()))
            pattern = dice.pick(number_range.numbers)
            groups = "".join(str(dice.below(10)) if char == "#" else char for char in pattern)
            phones.append(Phone(number_range, groups, at_home))
        return tuple(phones)
