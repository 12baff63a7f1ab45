"""How leads differ from the directory: what people do to titles, companies, addresses and profiles.

The spellings here are the benchmark's own; the service's tables are not used, so that it is not measured by
itself. docs/explanation/matching.md tells the shares.
"""

from __future__ import annotations

import random
import re
import string
import unicodedata
from collections.abc import Callable

from benchmarks.population import TITLES, Employer

Chance = random.Random

_SHORT = {
    "Vice President": ("VP", "V.P.", "Vice-President"),
    "Senior": ("Sr.", "Sr", "Snr"),
    "Junior": ("Jr.", "Jr"),
    "Manager": ("Mgr", "Mgr.", "Manger"),
    "Director": ("Dir.", "Dir"),
    "Assistant": ("Asst.", "Asst"),
    "Engineer": ("Eng.", "Engr"),
    "Engineering": ("Eng.", "Engg"),
    "Marketing": ("Mktg", "Mktg."),
    "Operations": ("Ops",),
    "Human Resources": ("HR",),
    "Information Technology": ("IT", "I.T."),
    "Business Development": ("Biz Dev", "BD", "Bus. Development"),
    "Quality Assurance": ("QA",),
    "Research and Development": ("R&D", "R & D"),
    "Public Relations": ("PR",),
    "Coordinator": ("Coord.",),
    "Specialist": ("Spec.",),
    "Chief Executive Officer": ("CEO", "C.E.O."),
    "Chief Technology Officer": ("CTO",),
    "Chief Financial Officer": ("CFO",),
    "Chief Operating Officer": ("COO",),
    "Chief Marketing Officer": ("CMO",),
    "Development": ("Dev.",),
    "Procurement": ("Procmt",),
    "Communications": ("Comms",),
    "Account": ("Acct.", "Acct"),
    "Corporate": ("Corp.",),
}
_LETTERS_OUT = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ø": "oe",
    "å": "aa",
    "Ö": "Oe",
    "Ø": "Oe",
    "Å": "Aa",
    "ß": "ss",
}
_OTHER_FORMS = (
    "Inc",
    "Inc.",
    "LLC",
    "Ltd.",
    "GmbH",
    "S.A.",
    "AG",
    "Corporation",
    "Co.",
    "S.r.l.",
    "B.V.",
    "AB",
)
_COUNTRIES = ("Austria", "USA", "UK", "(Poland)", "Canada", "- Italia", "Deutschland")


class NoisyTitles:
    """Writes a position as a lead would have it."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def write(self, position: int, title: str) -> str:
        """The title in another spelling of the same position."""
        chance = self._chance
        if chance.random() < 0.35:
            title = chance.choice(TITLES[position])
        if chance.random() < 0.15:
            title = _reorder(chance, title)
        if chance.random() < 0.4:
            title = self._shorten(title)
        if chance.random() < 0.1:
            title = f"{title}{chance.choice((' ', '.', ',', ' - '))}"
        if chance.random() < 0.15:
            title = title.replace(" and ", " & ") if " and " in title else title.replace(" of ", " - ")
        if chance.random() < 0.4:
            title = without_marks(chance, title)
        if chance.random() < 0.1:
            title = slip(chance, title, shortest_word=5)
        return _case(chance, title)

    def _shorten(self, title: str) -> str:
        for long, short in _SHORT.items():
            if re.search(rf"\b{long}\b", title) and self._chance.random() < 0.7:
                title = re.sub(rf"\b{long}\b", self._chance.choice(short), title, count=1)
        return title


class NoisyCompanies:
    """Writes a company's name as a lead would have it."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def write(self, employer: Employer) -> str:
        """The name in another spelling."""
        chance = self._chance
        name, form = employer.name, employer.form
        if chance.random() < 0.4:
            form = ""
        elif chance.random() < 0.2:
            form = chance.choice(_OTHER_FORMS)
        if chance.random() < 0.25:
            name = slip(chance, name, shortest_word=4)
        if chance.random() < 0.5:
            name = name.replace(" & ", " and ") if " & " in name else name.replace(" and ", " & ")
        if chance.random() < 0.3:
            name = name.removeprefix("The ")
        elif chance.random() < 0.05 and not name.startswith("The "):
            name = f"The {name}"
        if chance.random() < 0.5:
            name = without_marks(chance, name)
        whole = f"{name}, {form}" if form and chance.random() < 0.15 else f"{name} {form}".strip()
        if chance.random() < 0.03 and not name.endswith(("Germany", "France")):
            whole = f"{whole} {chance.choice(_COUNTRIES)}"
        return _case(chance, whole)


def noisy_email(chance: Chance, email: str) -> str:
    """The address, a third of the time with a plus tag."""
    local_part, _, domain = email.partition("@")
    return f"{local_part}+{chance.choice(('news', 'crm', 'x'))}@{domain}" if chance.random() < 0.33 else email


def noisy_profile(chance: Chance, slug: str) -> str:
    """The address of the profile in one of the ways that browsers and programs copy it."""
    forms: tuple[Callable[[str], str], ...] = (
        "https://www.linkedin.com/in/{}".format,
        "linkedin.com/in/{}/".format,
        "https://de.linkedin.com/in/{}?trk=people".format,
        "HTTP://WWW.LINKEDIN.COM/IN/{}/en".format,
    )
    return chance.choice(forms)(slug)


def slip(chance: Chance, text: str, shortest_word: int) -> str:
    """One letter left out, added, replaced or exchanged with the next, inside one of the longer words."""
    words = [match for match in re.finditer(r"[^\W\d_]+", text) if len(match[0]) >= shortest_word]
    if not words:
        return text
    word = chance.choice(words)
    place = chance.randrange(word.start(), word.end())
    letter = chance.choice(string.ascii_lowercase)
    kind = chance.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + letter + text[place:]
    if kind == 2 or place + 1 >= word.end():
        return text[:place] + letter + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def without_marks(chance: Chance, text: str) -> str:
    """Without the marks on letters, or with two letters for an umlaut."""
    if chance.random() < 0.5:
        text = "".join(_LETTERS_OUT.get(letter, letter) for letter in text)
    decomposed = unicodedata.normalize("NFD", text.replace("ł", "l").replace("ø", "o").replace("Ø", "O"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _reorder(chance: Chance, title: str) -> str:
    """`Sales Manager` as `Manager, Sales`, and `Director of Sales` as `Director Sales`."""
    if " of " in title:
        return title.replace(" of ", chance.choice((" ", ", ")), 1)
    words = title.split()
    return f"{words[-1]}, {' '.join(words[:-1])}" if len(words) > 1 else title


def _case(chance: Chance, text: str) -> str:
    kind = chance.random()
    if kind < 0.2:
        return text.lower()
    if kind < 0.3:
        return text.upper()
    return f"  {text}" if kind < 0.35 else text
