"""Invented companies and the people who work there, as many as asked for and always the same ones.

Names and titles come from the lists below and from chance alone; nobody in them exists.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

SEED = 20_261_101


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    """What stands between separators, or else between spaces."""
    return tuple(part.strip() for part in text.strip().split(separator))


_ADJECTIVES = _words(
    """
    Blue Silver Golden Red Northern Southern Bright Clear Grand Green Iron Amber Crystal Copper Rapid Noble
    Prime Royal United Alpine Pacific Atlantic Coastal Central Modern Urban Solid Swift Quiet Open First
    Next True Wild Great High Deep Fresh Smart Global
    """
)
_NOUNS = _words(
    """
    Harbor River Mountain Bridge Forest Lake Stone Field Gate Tower Anchor Arrow Beacon Canyon Cedar Compass
    Crown Eagle Falcon Garden Hill Horizon Island Lantern Lion Maple Meadow Mill Oak Orchard Peak Pine
    Pioneer Ridge Rock Sail Shore Sky Spring Star Summit Valley Wave Wind Wolf Wheel Raven Otter Heron Birch
    """
)
_TRADES = _words(
    """
    Logistics|Software|Consulting|Foods|Energy|Medical|Pharma|Insurance|Capital|Media|Textiles|Motors|
    Robotics|Analytics|Ceramics|Chemicals|Plastics|Packaging|Printing|Furniture|Interiors|Architects|
    Construction|Engineering|Electronics|Optics|Aviation|Shipping|Freight|Travel|Hotels|Catering|Brewery|
    Bakery|Dairy|Farms|Timber|Paper|Steel|Metals|Mining|Tools|Security|Networks|Telecom|Cloud|Data Systems|
    Payments|Ventures|Real Estate|Legal|Education|Publishing|Games|Sports|Fashion|Cosmetics|Jewelry|Toys|
    Automation|Diagnostics|Biotech|Recycling|Water|Solar|Maschinenbau|Kältetechnik|Möbel|Getränke|Diseño|
    Construcción|Énergie|Bâtiment
    """,
    "|",
)
_SURNAMES = _words(
    """
    Smith Johnson Miller Davis Wilson Anderson Taylor Thompson Harris Clark Lewis Walker Young Wright Baker
    Hughes Foster Graham Bennett Marshall Müller Schäfer Köhler Böhm Krüger Schröder Jäger Günther Weiß
    Hoffmann Wagner Becker Schulz Fischer Weber Braun Zimmermann Lehmann Vogel Dubois Lefèvre Moreau Girard
    Fournier Bérenger Rossi Ferrari Esposito Romano Ricci García Fernández López Martínez Muñoz Núñez Silva
    Santos Gonçalves Araújo Jansen Visser Bakker Andersson Lindström Sjöberg Åkesson Nielsen Sørensen
    Østergaard Hansen Virtanen Mäkinen Kowalski Wójcik Dąbrowski Zieliński Novák Dvořák Černý Horvath Szabó
    Nagy Popescu Ionescu Yılmaz Öztürk Tanaka Suzuki Nguyen Patel Sharma Singh Kim Chen Murphy Kelly Byrne
    Walsh Doyle
    """
)
_CITIES = _words(
    """
    Boston Denver Oakland Dallas Bristol Leeds York Lyon Lille Turin Verona Valencia Sevilla Porto Utrecht
    Malmö Aarhus Tampere Gdańsk Brno Graz Zürich Köln Bremen Dresden
    """
)
_SYLLABLES = _words(
    """
    ba be bo ca co da de di do fa fe fi ga go ka ke la le li lo lu ma me mi mo na ne no nu pa pe po ra re ri
    ro sa se si so ta te ti to va ve vi vo xa ya za zo
    """
)
_ENDINGS = _words("x n s r tek lio nix ria dyn quo via zen tra lux max")
_GROUPS = ("Group", "International", "Holding", "Germany", "France")
_FORMS = {
    "com": ("Inc.", "LLC", "Corp.", "Inc", ""),
    "co.uk": ("Ltd", "Limited", "LLP", "plc", ""),
    "de": ("GmbH", "AG", "GmbH & Co. KG", "KG", ""),
    "fr": ("SAS", "SARL", "S.A.", ""),
    "es": ("S.L.", "S.A.", "SL", ""),
    "it": ("S.p.A.", "S.r.l.", "Srl"),
    "nl": ("B.V.", "BV", "N.V."),
    "se": ("AB", "AB"),
    "pl": ("Sp. z o.o.", "S.A."),
    "io": ("", "", "Inc."),
}

_FIRST_NAMES = _words(
    """
    Anna Bert Carla David Elena Frank Greta Hugo Irene Jonas Karin Liam Maria Noah Olga Paul Quinn Rosa Sven
    Tina Ugo Vera Walter Xenia Yusuf Zoe Amélie Björn Chloé Dörte Émile Fátima Gökhan Héctor Inés Jürgen
    Kévin Lucía Małgorzata Nuño Óscar Pál Renée Søren Thérèse Ulrike Valérie Wojciech Ximena Zoltán
    """
)

_FUNCTIONS = _words(
    """
    Sales|Marketing|Finance|Human Resources|Engineering|Product|Operations|Procurement|Logistics|Legal|
    Information Technology|Customer Success|Business Development|Data Science|Quality Assurance|
    Research and Development|Supply Chain|Communications|Security|Design|Partnerships|Growth|Compliance|
    Public Relations|Customer Support|Digital Marketing|Talent Acquisition|Corporate Strategy
    """,
    "|",
)
_LEVELS = (
    ("Director of {}", "{} Director"),
    ("Head of {}", "{} Lead"),
    ("Vice President of {}", "VP {}", "VP of {}"),
    ("Senior Vice President {}", "SVP {}"),
    ("{} Manager", "Manager, {}"),
    ("Senior {} Manager", "Sr. {} Manager"),
    ("{} Specialist",),
    ("{} Coordinator",),
    ("{} Analyst",),
    ("Assistant {} Manager", "Asst. {} Manager"),
    ("Junior {} Specialist",),
)
_ONE_OF_A_KIND = (
    ("Chief Executive Officer", "CEO"),
    ("Chief Technology Officer", "CTO"),
    ("Chief Financial Officer", "CFO"),
    ("Chief Operating Officer", "COO"),
    ("Chief Marketing Officer", "CMO"),
    ("Chief Information Security Officer", "CISO"),
    ("Managing Director",),
    ("General Manager",),
    ("Co-Founder",),
    ("Software Engineer",),
    ("Senior Software Engineer", "Sr. Software Engineer"),
    ("Software Engineer II",),
    ("Software Engineer III",),
    ("DevOps Engineer",),
    ("Full Stack Developer",),
    ("Mechanical Engineer",),
    ("Account Executive",),
    ("Key Account Manager",),
    ("Account Manager",),
    ("Project Manager",),
    ("Office Manager",),
    ("Executive Assistant to the CEO",),
    ("Geschäftsführer",),
    ("Leiter Vertrieb",),
    ("Leiter Einkauf",),
    ("Projektleiter",),
    ("Directeur commercial",),
    ("Responsable marketing",),
    ("Directrice des ressources humaines",),
    ("Director de ventas",),
    ("Jefe de compras",),
    ("Responsabile acquisti",),
    ("Direttore generale",),
    ("Kierownik sprzedaży",),
    ("Verkoopleider",),
)
TITLES: tuple[tuple[str, ...], ...] = _ONE_OF_A_KIND + tuple(
    tuple(form.format(function) for form in level) for level in _LEVELS for function in _FUNCTIONS
)
"""Every position, each with the ways it is written; two ways of one position cannot be told apart."""

COLUMNS = (
    "linkedin_url",
    "email",
    "first_name",
    "last_name",
    "title",
    "phone_numbers",
    "company_name",
    "company_domain",
    "industry",
    "company_employees",
)


@dataclass(frozen=True, slots=True)
class Employer:
    """A company: its name without legal form, the form, its domain and its country's ending."""

    name: str
    form: str
    domain: str

    @property
    def full_name(self) -> str:
        """The name as the directory has it."""
        return f"{self.name} {self.form}".strip()


@dataclass(frozen=True, slots=True)
class Employee:
    """A person: where they work, and the position as a place in TITLES; `number` makes them unique."""

    number: int
    first_name: str
    last_name: str
    position: int
    title: str
    employer: int

    @property
    def slug(self) -> str:
        """The name of the LinkedIn profile."""
        return f"{self._initials}-{crc32(self._number):08x}{self.number:x}"

    def email(self, domain: str) -> str:
        """The address at work."""
        return f"{self._initials}.{crc32(self._number) % 10_000:04}{self.number:x}@{domain}"

    @property
    def _initials(self) -> str:
        name = unicodedata.normalize("NFD", self.first_name).encode("ascii", "ignore").decode().lower()
        return f"{name}-{self.last_name[0].lower()}" if self.last_name[0].isascii() else name

    @property
    def _number(self) -> bytes:
        return str(self.number).encode()


def make_employers(count: int) -> list[Employer]:
    """Companies with different names; one in fifty is the group, the holding or the branch of another."""
    chance = random.Random(SEED)
    names: dict[str, None] = {}
    while len(names) < count:
        name = _company_name(chance)
        names.setdefault(name)
        if chance.random() < 0.02:
            names.setdefault(f"{name} {chance.choice(_GROUPS)}")
    employers = []
    for number, name in enumerate(list(names)[:count]):
        ending = chance.choice(tuple(_FORMS))
        employers.append(Employer(name, chance.choice(_FORMS[ending]), f"c{number:x}.{ending}"))
    return employers


def _company_name(chance: random.Random) -> str:
    pick = chance.choice
    kind = chance.random()
    if kind < 0.3:
        name = f"{pick(_ADJECTIVES)} {pick(_NOUNS)} {pick(_TRADES)}"
    elif kind < 0.5:
        name = f"{pick(_SURNAMES)} {pick(_CITIES)} {pick(_TRADES)}"
    elif kind < 0.65:
        name = f"{pick(_SURNAMES)} & {pick(_SURNAMES)} {pick(_TRADES)}"
    elif kind < 0.75:
        name = _brand(chance)
    elif kind < 0.9:
        name = f"{_brand(chance)} {pick(_TRADES)}"
    elif kind < 0.95:
        name = f"{pick(_SURNAMES)}, {pick(_SURNAMES)} and {pick(_SURNAMES)}"
    else:
        name = f"The {pick(_ADJECTIVES)} {pick(_NOUNS)} of {pick(_CITIES)}"
    return name


def _brand(chance: random.Random) -> str:
    syllables = "".join(chance.choice(_SYLLABLES) for _ in range(chance.choice((2, 3, 3))))
    return (syllables + chance.choice(_ENDINGS)).capitalize()


def make_employees(count: int, employers: Sequence[Employer]) -> Iterator[Employee]:
    """People, each of an employer and a position by chance, so that some have a colleague of their title."""
    chance = random.Random(SEED + 1)
    for number in range(count):
        position = int(chance.random() * len(TITLES))
        yield Employee(
            number=number,
            first_name=chance.choice(_FIRST_NAMES),
            last_name=f"{chance.choice(_SURNAMES)}-{chance.choice(_SURNAMES)}",
            position=position,
            title=chance.choice(TITLES[position]),
            employer=int(chance.random() * len(employers)),
        )


def write_csv(path: Path, employers: Sequence[Employer], employees: Iterable[Employee]) -> None:
    """The file that `leadyard directory load` takes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for each in employees:
            employer = employers[each.employer]
            writer.writerow(
                (
                    f"https://www.linkedin.com/in/{each.slug}",
                    each.email(employer.domain),
                    each.first_name,
                    each.last_name,
                    each.title,
                    f"+49 30 {23125000 + each.number % 1000}",
                    employer.full_name,
                    employer.domain,
                    "Software",
                    50 + each.employer % 1000,
                )
            )
