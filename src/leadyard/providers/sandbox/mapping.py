"""What the sandbox answers, decided by words in a lead's key or an address (docs/reference/sandbox.md)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from string import capwords

from leadyard.domain.company_pages import company_page_key, company_page_url
from leadyard.domain.directory import find_key
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.leads import ListType
from leadyard.domain.people import Company, Person, PhoneNumber
from leadyard.domain.providers import (
    CompanyQuery,
    FoundCompany,
    FoundPerson,
    FoundPhones,
    PersonQuery,
    Unavailable,
)

_FIRST_NAMES = (
    "Ada,Amara,Anders,Bianca,Carlos,Chloe,Daniel,Elif,Emeka,Farah,Greta,Hugo,Ines,Ivan,Jonas,Kaito,"
    "Leila,Luca,Maren,Mei,Nadia,Noah,Olga,Oskar,Priya,Rafael,Ruth,Samir,Sofia,Tariq,Wanjiru,Yara"
)
_LAST_NAMES = (
    "Abara,Almeida,Bauer,Castillo,Dahl,Demir,Eriksen,Fontaine,Greco,Haddad,Ito,Jansen,Kaya,Kimani,Larsen,"
    "Lindqvist,Marino,Mensah,Moreau,Nakamura,Novak,Okafor,Patel,Quist,Rossi,Silva,Tanaka,Ueda,Varga,Weber,"
    "Yilmaz,Zhang"
)
_TITLES = (
    "Account Executive,Chief Financial Officer,Data Engineer,Head of Procurement,Marketing Manager,"
    "Operations Director,Product Manager,VP Sales"
)
_COMPANIES = (
    "Amber Mill,Birch and Bell,Copper Lantern,Drift Harbor,Elm Street Foods,Fernway Logistics,Granite Post,"
    "Hollow Reed"
)
_AREA_CODES = "206,212,303,312,415,512,617,702"

_LOCAL_PART_CHARACTERS = 64  # RFC 5321 4.5.3.1.1
_LABEL_CHARACTERS = 40  # well under the 63 of RFC 1035 2.3.4
_TAIL_CHARACTERS = 23
_NOT_IN_A_SLUG = re.compile("[^a-z0-9]+")

_VERDICTS = {
    "undeliverable": EmailResult.UNDELIVERABLE,
    "risky": EmailResult.RISKY,
    "unknown": EmailResult.UNKNOWN,
    "catchall": EmailResult.RISKY,
}
"""The words of a local part that decide its verdict; the first that it contains does."""

_UNAVAILABLE = Unavailable("sandbox_unavailable")


def is_slow(query: PersonQuery) -> bool:
    """Whether the person is to be found late."""
    return "slow" in query.key.lower()


def find_person(query: PersonQuery) -> FoundPerson | Unavailable | None:
    """The person that the key stands for; `unavailable` outranks `notfound`, which outranks the rest."""
    words = query.key.lower()
    if "unavailable" in words:
        return _UNAVAILABLE
    return None if "notfound" in words else FoundPerson(_person(query, words))


def find_company(query: CompanyQuery) -> FoundCompany | Unavailable | None:
    """The company that a domain or the key of a LinkedIn page stands for, by the same words as a person."""
    page = find_key(company_page_key, query.linkedin_url)
    key = query.domain or page or query.name or ""
    if "unavailable" in key.lower():
        return _UNAVAILABLE
    if not key or "notfound" in key.lower():
        return None
    name = _slug(key.partition(".")[0]).replace("-", " ") or f"company {_digest(key)[:4].hex()}"
    slug = _slug(name)
    return FoundCompany(
        Company(
            name=capwords(name),
            domain=query.domain or f"{slug[:_LABEL_CHARACTERS].rstrip('-')}.example",
            linkedin_url=company_page_url(page or slug),
            id=_uuid(_digest(key)),
        )
    )


def reveal_phone(query: PersonQuery) -> FoundPhones | Unavailable | None:
    """The phone number that the person of this key has."""
    words = query.key.lower()
    if "unavailable" in words:
        return _UNAVAILABLE
    if "notfound" in words or "nophone" in words:
        return None
    digest = _digest(query.key)
    return FoundPhones(_uuid(digest), (_phone_number(digest),))


def validate_email(email: str) -> EmailVerdict | Unavailable:
    """The verdict that the local part names: deliverable unless it contains another word."""
    words = email.rpartition("@")[0].lower()
    if "unavailable" in words:
        return _UNAVAILABLE
    word = next((word for word in _VERDICTS if word in words), None)
    result = EmailResult.DELIVERABLE if word is None else _VERDICTS[word]
    return EmailVerdict(email, result, "sandbox", catch_all=word == "catchall")


def _person(query: PersonQuery, words: str) -> Person:
    digest = _digest(query.key)
    title, company = _position(query, digest)
    return Person(
        id=_uuid(digest),
        email=None if "noemail" in words else _email(query, digest, company),
        first_name=query.first_name or _choose(_FIRST_NAMES, digest[16]),
        last_name=query.last_name or _choose(_LAST_NAMES, digest[17]),
        title=title,
        company=company,
        phone_numbers=() if "nophone" in words else (_phone_number(digest),),
    )


def _digest(key: str) -> bytes:
    """32 bytes that stand for the key: the first 16 name the person, the others choose what is told of it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _choose(words: str, number: int) -> str:
    choices = _split(words)
    return choices[number % len(choices)]


@cache
def _split(words: str) -> list[str]:
    return words.split(",")


def _uuid(digest: bytes) -> str:
    """A UUID of version 8, whose bits are the maker's own but for version and variant (RFC 9562 5.8)."""
    octets = bytearray(digest[:16])
    octets[6] = octets[6] & 0x0F | 0x80
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _position(query: PersonQuery, digest: bytes) -> tuple[str, Company]:
    """Title and company: those asked for by a lead of that type, else fictional ones."""
    if query.list_type is not ListType.TITLES_AND_COMPANY:
        name = _choose(_COMPANIES, digest[19])
        return _choose(_TITLES, digest[18]), _fictional_company(name)
    title, _, rest = query.key.partition("\t")
    title, company = title or _choose(_TITLES, digest[18]), rest.partition("\t")[0]
    is_domain = "." in company and " " not in company
    name = company.partition(".")[0].replace("-", " ") if is_domain else company
    label = _slug(name)[:_LABEL_CHARACTERS].rstrip("-") or f"company-{digest[:4].hex()}"
    return capwords(title), Company(capwords(name), f"{label}.example")


@cache
def _fictional_company(name: str) -> Company:
    return Company(name, f"{_slug(name)}.example")


def _email(query: PersonQuery, digest: bytes, company: Company) -> str:
    """The e-mail that the lead came with, or one whose local part is the key's slug.

    A slug that had to be changed or shortened ends with eight digits of the digest, so that different
    keys keep different addresses.
    """
    if query.list_type is ListType.EMAIL:
        return query.key
    local_part = _slug(query.key) or "person"
    if local_part != query.key or len(local_part) > _LOCAL_PART_CHARACTERS:
        mark = f"-{digest[:4].hex()}"
        local_part = _shorten(local_part, _LOCAL_PART_CHARACTERS - len(mark)) + mark
    return f"{local_part}@{company.domain}"


def _slug(text: str) -> str:
    """The text in a-z, 0-9 and single hyphens inside; accents are dropped, other scripts too."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_IN_A_SLUG.sub("-", plain.lower()).strip("-")


def _shorten(slug: str, limit: int) -> str:
    """The slug in at most `limit` characters: its beginning and its end, where test words stand."""
    if len(slug) <= limit:
        return slug
    return f"{slug[: limit - _TAIL_CHARACTERS - 1]}-{slug[-_TAIL_CHARACTERS:]}"


def _phone_number(digest: bytes) -> PhoneNumber:
    """A number that is never given to anyone.

    North America keeps 555-0100 to 555-0199 of each area code for fiction (NANPA), Britain
    020 7946 0000 to 0999 (Ofcom).
    """
    chosen = int.from_bytes(digest[20:24], "big")
    if digest[24] % 4 == 0:
        return PhoneNumber(f"+442079460{chosen % 1000:03}", "work")
    return PhoneNumber(f"+1{_choose(_AREA_CODES, digest[25])}55501{chosen % 100:02}", "mobile")
