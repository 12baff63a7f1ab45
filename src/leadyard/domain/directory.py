"""The directory of the user's own people: what a row of a file tells, and who is the same person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, TypeVar

import msgspec

from leadyard.domain.company_names import company_name_key
from leadyard.domain.company_pages import company_page_key
from leadyard.domain.identity import InvalidIdentity, email_key, linkedin_key, registrable_domain, title_key
from leadyard.domain.people import Company, Education, Experience, Person
from leadyard.domain.phone_numbers import SEPARATOR, read_phone_numbers

COLUMNS = (
    "linkedin_url",
    "email",
    "first_name",
    "last_name",
    "title",
    "headline",
    "location",
    "phone_numbers",
    "company_name",
    "company_domain",
    "company_linkedin_url",
    "industry",
    "company_size",
    "company_employees",
    "company_founded_year",
    "company_location",
    "company_website",
    "company_technologies",
    "company_revenue",
    "image_url",
    "languages",
    "experiences",
    "educations",
)
MAX_KEY_CHARACTERS = 300
"""Longer titles and company names are kept, but not compared: 2,704 bytes fit a row of an index."""
_CACHED_IDS = 16_384
MAX_COUNT_DIGITS = 9

_NO_TEXT = re.compile("[\ud800-\udfff]")
_LINKEDIN_PAGE = re.compile(
    r"(https?://)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::[0-9]+)?/.*", re.ASCII | re.IGNORECASE | re.DOTALL
)
_WEB_ADDRESS = re.compile(r"(https?://)?[^\s/?#@:]+\.[^\s/?#@:]+(?::[0-9]+)?(?:[/?#]\S*)?", re.IGNORECASE)

StructT = TypeVar("StructT", bound=msgspec.Struct)


class UnreadableFile(ValueError):
    """A file that nothing can be loaded from, or no more; the text says why and what to do."""


class BadCell(ValueError):
    """A row that cannot be loaded. The text names the column, never what stands in it."""


class BadRow(NamedTuple):
    """A row that was skipped: its line in the file (in Parquet its number, from 1) and why."""

    line: int
    reason: str


class LoadReport(msgspec.Struct, frozen=True):
    """What a load came to.

    `people` and `companies` are those added or changed, each counted once. `bad_rows` are the first 1,000
    of `bad_row_count`; `unknown_columns` were not read. `erased` rows were skipped too: their persons were
    erased.
    """

    people: int
    companies: int
    bad_rows: tuple[BadRow, ...]
    bad_row_count: int
    unknown_columns: tuple[str, ...]
    erased: int = 0


class DirectoryCounts(msgspec.Struct, frozen=True):
    """How much the directory has; `stale` are people who were not loaded again for a while."""

    people: int
    companies: int
    stale: int


class DirectoryCompany(NamedTuple):
    """A company as it is loaded; `key` is `domain:…`, or `name:…` if it has no domain."""

    key: str
    domain: str | None
    page_key: str | None
    company: Company


class KnownCompany(NamedTuple):
    """A company of the directory, whole but for its id. `row_id` is its number in this database."""

    row_id: int
    key: str
    company: Company


Position = tuple[int, str | None]
"""A person's number in this database, and the key of their title. Plain, since a look-up makes thousands."""


class DirectoryPerson(NamedTuple):
    """A person as they are loaded; `key` begins with `linkedin:`, `email:` or `name:`.

    `person` has no id and no company yet.
    """

    key: str
    linkedin_key: str | None
    email_key: str | None
    title_key: str | None
    company: DirectoryCompany | None
    person: Person


class KnownPerson(NamedTuple):
    """A person of the directory; `person` is whole. `updated_at` is in milliseconds since 1970."""

    key: str
    linkedin_key: str | None
    email_key: str | None
    person: Person
    updated_at: int


class Roster:
    """Tells which rows of a batch are the same person, and which of them the directory has already.

    A LinkedIn profile names a person. Without one, or where nobody has that profile yet, the e-mail does: it
    leads to whoever has it, if that is one person and not somebody with another profile.
    """

    def __init__(self, known: Iterable[KnownPerson]) -> None:
        self.changed: set[str] = set()
        self._people: dict[str, DirectoryPerson] = {}
        self._by_linkedin: dict[str | None, str] = {}
        self._by_email: defaultdict[str | None, set[str]] = defaultdict(set)
        for each in known:
            self._put(DirectoryPerson(*each[:3], title_key=None, company=None, person=each.person))

    def add(self, new: DirectoryPerson) -> None:
        """Takes a row: what it tells goes over what was known, what it leaves out stays."""
        key = self._find_key(new)
        self.changed.add(key)
        known = self._people.get(key)
        if known is None:
            self._put(new._replace(key=key))
            return
        self._put(
            DirectoryPerson(
                key=key,
                linkedin_key=known.linkedin_key or new.linkedin_key,
                email_key=new.email_key or known.email_key,
                title_key=new.title_key or known.title_key,
                company=new.company or known.company,
                person=merge(known.person, new.person),
            )
        )

    def list_changed(self) -> list[DirectoryPerson]:
        """The people that rows were added for, each once."""
        return [self._people[key] for key in self.changed]

    def _find_key(self, new: DirectoryPerson) -> str:
        if new.linkedin_key in self._by_linkedin:
            return self._by_linkedin[new.linkedin_key]
        sharing = [key for key in self._by_email.get(new.email_key, ()) if self._shares_email(key, new)]
        return sharing[0] if len(sharing) == 1 else new.key

    def _shares_email(self, key: str, new: DirectoryPerson) -> bool:
        known = self._people[key]
        return known.email_key == new.email_key and not (known.linkedin_key and new.linkedin_key)

    def _put(self, person: DirectoryPerson) -> None:
        self._people[person.key] = person
        if person.linkedin_key:
            self._by_linkedin[person.linkedin_key] = person.key
        if person.email_key:
            self._by_email[person.email_key].add(person.key)


def merge(known: StructT, new: StructT) -> StructT:
    """What is known with everything over it that is newly told; what is not told stays."""
    told = {name: value for name in new.__struct_fields__ if (value := getattr(new, name))}
    return msgspec.structs.replace(known, **told)


def read_person(cells: Mapping[str, str]) -> DirectoryPerson:
    """A row's person and company; `cells` maps columns to texts, bytes that are no UTF-8 as lone surrogates.

    Raises BadCell for a row that is no UTF-8, identifies nobody, or has an e-mail or profile that is none.
    """
    told = {column: _clean(column, text) for column, text in cells.items()}
    profile = _read_key(told, "linkedin_url", linkedin_key, "not the address of a person's LinkedIn profile")
    email = _read_key(told, "email", email_key, "not a valid address")
    title = find_key(title_key, told.get("title"))
    company = _read_company(told)
    return DirectoryPerson(
        key=_person_key(told, profile, email, title, company),
        linkedin_key=profile,
        email_key=email,
        title_key=title,
        company=company,
        person=Person(
            id="",
            linkedin_url=_page_url(told.get("linkedin_url")),
            email=email,
            first_name=told.get("first_name") or None,
            last_name=told.get("last_name") or None,
            title=told.get("title") or None,
            headline=told.get("headline") or None,
            location=told.get("location") or None,
            phone_numbers=read_phone_numbers(told.get("phone_numbers", "")),
            image_url=_web_address(told.get("image_url")),
            languages=_read_texts(told.get("languages", "")),
            experiences=_read_structs(told, "experiences", Experience),
            educations=_read_structs(told, "educations", Education),
        ),
    )


def _clean(column: str, text: str) -> str:
    """The text without space around it and without NUL, which PostgreSQL cannot hold."""
    if not text.isascii() and _NO_TEXT.search(text):
        raise BadCell(f"{column}: not UTF-8")
    return text.replace("\0", "").strip()


def _read_key(
    told: Mapping[str, str], column: str, to_key: Callable[[str], str], complaint: str
) -> str | None:
    text = told.get(column)
    if not text:
        return None
    try:
        return to_key(text)
    except InvalidIdentity:
        raise BadCell(f"{column}: {complaint}") from None


def find_key(to_key: Callable[[str], str], text: str | None) -> str | None:
    """What a text is compared by; None for a text that is absent, too long or no identity."""
    try:
        key = to_key(text) if text else ""
    except InvalidIdentity:
        return None
    return key if 0 < len(key) <= MAX_KEY_CHARACTERS else None


def _person_key(
    told: Mapping[str, str],
    profile: str | None,
    email: str | None,
    title: str | None,
    company: DirectoryCompany | None,
) -> str:
    if profile:
        return f"linkedin:{profile}"
    if email:
        return f"email:{email}"
    name = name_key(told.get("first_name"), told.get("last_name"))
    if not (title and company and name):
        raise BadCell("linkedin_url: neither it nor email is given, nor a title, a company and a name")
    # A digest, because three long texts do not fit a row of an index.
    return "name:" + sha256(f"{title}\t{company.key}\t{name}".encode()).hexdigest()


def _read_company(told: Mapping[str, str]) -> DirectoryCompany | None:
    """The row's company; None if neither its domain nor its name can identify one."""
    domain = find_key(registrable_domain, told.get("company_domain"))
    name = find_key(company_name_key, told.get("company_name"))
    if not domain and not name:
        return None
    company = Company(
        name=told.get("company_name") or None,
        domain=domain,
        linkedin_url=_page_url(told.get("company_linkedin_url")),
        industry=told.get("industry") or None,
        size=told.get("company_size") or None,
        estimated_number_of_employees=_read_count(told.get("company_employees", "")),
        founded_year=_read_count(told.get("company_founded_year", "")),
        location=told.get("company_location") or None,
        website=_web_address(told.get("company_website")),
        technologies=_read_texts(told.get("company_technologies", "")),
        estimated_revenue=told.get("company_revenue") or None,
    )
    key = f"domain:{domain}" if domain else f"name:{name}"
    return DirectoryCompany(key, domain, find_key(company_page_key, company.linkedin_url), company)


@lru_cache(_CACHED_IDS)
def company_id(key: str) -> str:
    """The id that shows for the company of that key: a UUID, the same in every installation."""
    digest = sha256(key.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def name_key(first_name: str | None, last_name: str | None) -> str | None:
    """A person's whole name as names are compared; None if there is none."""
    return find_key(title_key, f"{first_name or ''} {last_name or ''}")


def _page_url(text: str | None) -> str | None:
    """A page of LinkedIn as a whole web address; None for anything else, which could be a script."""
    match = _LINKEDIN_PAGE.fullmatch(text or "")
    if match is None:
        return None
    return match[0] if match[1] else f"https://{match[0]}"


def _web_address(text: str | None) -> str | None:
    """A whole web address, with http or https; None for anything else, which could be a script."""
    match = _WEB_ADDRESS.fullmatch(text or "")
    if match is None:
        return None
    return match[0] if match[1] else f"https://{match[0]}"


def _read_texts(text: str) -> tuple[str, ...]:
    """The texts between semicolons, each once, in their order."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(SEPARATOR) if part.strip()))


def _read_structs(told: Mapping[str, str], column: str, kind: type[StructT]) -> tuple[StructT, ...]:
    """The objects of a JSON array; members that are not known are left out."""
    if not (text := told.get(column)):
        return ()
    try:
        return msgspec.json.decode(text, type=tuple[kind, ...])  # type: ignore[valid-type]
    except msgspec.DecodeError:
        raise BadCell(f"{column}: not a JSON array of objects") from None


def _read_count(text: str) -> int | None:
    """A whole number, with or without commas between the thousands; None for anything else."""
    digits = text.replace(",", "").removesuffix(".0")
    return int(digits) if re.fullmatch(f"[0-9]{{1,{MAX_COUNT_DIGITS}}}", digits) else None
