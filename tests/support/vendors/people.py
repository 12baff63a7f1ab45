"""The people that the stand-ins know, and what every stand-in has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.support.vendors.server import Request, Response

KEY = "key-9f3d51c2a7"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as services know them."""

    slug: str
    first_name: str
    last_name: str
    title: str
    company: str
    domain: str
    has_email: bool = True
    phone: str | None = None
    is_catch_all: bool = False

    @property
    def profile(self) -> str:
        """The address of the profile, without a scheme, as some services give it."""
        return f"linkedin.com/in/{self.slug}"

    @property
    def email(self) -> str | None:
        """The address at work."""
        return f"{self.first_name}.{self.last_name}@{self.domain}".lower() if self.has_email else None

    @property
    def key(self) -> str:
        """The id that services know them by."""
        return f"id-{self.slug}"


ANNA = Somebody("anna-berg", "Anna", "Berg", "Head of Sales", "Acme", "acme.com", phone="+14155550123")
BERT = Somebody("bert-cole", "Bert", "Cole", "Chief Financial Officer", "Acme", "acme.com")
CARLA = Somebody("carla-diaz", "Carla", "Diaz", "Data Engineer", "Bolt", "bolt.io", has_email=False)
DORA = Somebody("dora-eng", "Dora", "Eng", "Data Engineer", "Cargo", "cargo.dev", is_catch_all=True)
EMIL = Somebody("emil-fox", "Emil", "Fox", "Data Engineer", "Cargo", "cargo.dev")
PEOPLE = (ANNA, BERT, CARLA, DORA, EMIL)
ERASED_EMAIL = "erased@acme.com"


@dataclass(slots=True)
class Vendor:
    """A service: whom it knows, and how many credits it has taken for what it told."""

    people: tuple[Somebody, ...] = PEOPLE
    sold: float = 0.0
    credits: float = 1_000.0
    tellings: list[str] = field(default_factory=list)

    name: ClassVar[str] = ""
    base_path: ClassVar[str] = ""

    def handle(self, request: Request) -> Response:
        """The answer to a request."""
        raise NotImplementedError

    def sell(self, somebody: Somebody, price: float) -> None:
        """Takes credits for telling of somebody."""
        self.sold += price
        self.tellings.append(somebody.slug)

    def by_profile(self, address: Any) -> Somebody | None:
        """Whose profile that is."""
        slug = str(address or "").rstrip("/").rpartition("/")[2]
        return self._first(person for person in self.people if person.slug == slug)

    def by_email(self, address: Any) -> Somebody | None:
        """Whose address that is."""
        return self._first(person for person in self.people if person.email and person.email == address)

    def by_name(self, first_name: Any, last_name: Any, company: Any) -> Somebody | None:
        """Who is called so and works there."""
        return self._first(
            person
            for person in self.people
            if (person.first_name, person.last_name) == (first_name, last_name)
            and company in (person.company, person.domain)
        )

    def by_title(self, title: Any, company: Any) -> list[Somebody]:
        """Who has that title, or one with it inside, at that company."""
        return [
            person
            for person in self.people
            if str(title).lower() in person.title.lower()
            and str(company).lower() in (person.company.lower(), person.domain)
        ]

    def of_company(self, domain: Any = None, page: Any = None) -> Somebody | None:
        """Somebody who works at the company with that domain, or that page."""
        slug = str(page or "").rstrip("/").rpartition("/")[2]
        return self._first(
            person for person in self.people if domain == person.domain or slug == person.company.lower()
        )

    def sell_company(self, somebody: Somebody, price: float) -> None:
        """Takes credits for telling of the company where somebody works."""
        self.sold += price
        self.tellings.append(somebody.domain)

    @staticmethod
    def _first(people: Iterable[Somebody]) -> Somebody | None:
        return next(iter(people), None)
