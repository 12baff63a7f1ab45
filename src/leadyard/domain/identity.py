"""When two leads are the same: one pure function for each type of list (docs/explanation/identity.md).

Each rule has a fast path, one compiled pattern for plain ASCII, that gives what the full rule gives. Letters
of other scripts go by `hosts.py` and by patterns, too: the libraries take many times as long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import takewhile
from string import ascii_lowercase
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_to_bytes

import idna
from publicsuffixlist import PublicSuffixList

from leadyard.domain.company_names import InvalidIdentity, company_name_key, fold_text
from leadyard.domain.hosts import MAX_HOST_CHARACTERS, MAX_LABEL_CHARACTERS, Host, read_host

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

__all__ = [
    "InvalidIdentity",
    "domain_key",
    "email_key",
    "email_keys",
    "linkedin_key",
    "linkedin_url",
    "registrable_domain",
    "title_and_company_key",
    "title_key",
]

MAX_EMAIL_BYTES = 254  # RFC 3696, erratum 1690
MAX_LOCAL_PART_CHARACTERS = 64  # RFC 5321 4.5.3.1.1
MAX_SLUG_CHARACTERS = 255

_CACHED_DOMAINS = 16_384

_LABEL = "[a-z0-9]+(?:-[a-z0-9]+)*"  # without "--", which IDNA keeps for itself (RFC 5890 2.3.1)
_ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 3.2.3
_LOCAL_PART = rf"{_ATOM}(?:\.{_ATOM})*"
_INTERNATIONAL_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"  # RFC 6531 3.3, less what is no letter, digit or ASCII
_INTERNATIONAL_LOCAL_PART = re.compile(rf"{_INTERNATIONAL_ATOM}(?:\.{_INTERNATIONAL_ATOM})*")
_SPECIAL_NAMES = ("arpa", "invalid", "local", "localhost", "onion", "test")  # RFC 6761
_PLAIN_EMAIL = re.compile(
    rf"(?=.{{1,{MAX_LOCAL_PART_CHARACTERS}}}$){_LOCAL_PART}@(?:{_LABEL}\.)+"
    rf"(?!(?:{'|'.join(_SPECIAL_NAMES)})$)[a-z]+"
)
# Plain addresses are looked at by hundreds, one a line, with the calls that C does fastest.
_LETTERS = ascii_lowercase.encode()
_IN_DOMAINS = _LETTERS + b"0123456789.-"
_SEPARATORS_AS_DOTS = bytes.maketrans(b"@-\n", b"...")
_MARKS = re.compile(rb"(?:\n[!#$%&'*+/=?^_`{|}~]*@)*\n")
_SPECIAL_ENDS = tuple(f".{name}\n".encode() for name in _SPECIAL_NAMES)
_LINES_AT_ONCE = 500


class _MailDomain(NamedTuple):
    """A domain that can have mail, in ASCII, and its bytes: as sent, and in the longer of its forms."""

    ascii: str
    sent_bytes: int
    most_bytes: int


def email_key(email: str) -> str:
    """The address without surrounding space, NFC, lower-cased, its domain in IDNA 2008 ASCII (design §3).

    Dots and plus tags stay: those may be other mailboxes (RFC 5321 2.3.11). Raises InvalidIdentity unless
    email-validator accepts the address and its key by RFC 5321 and RFC 6531: no quoted local part, no address
    literal, no special-use domain, at most 64 characters before the @ and 254 bytes in all.
    """
    line = email.strip().lower()
    return line if _PLAIN_EMAIL.fullmatch(line) else _email_key_by_parts(email)


def email_keys(emails: Sequence[str]) -> list[str]:
    """What `email_key` gives for each of them. Raises InvalidIdentity if one is none.

    Plain addresses are known by one look at hundreds of them, in a quarter of the time of one by one.
    """
    keys: list[str] = []
    for start in range(0, len(emails), _LINES_AT_ONCE):
        keys += _read_emails(emails[start : start + _LINES_AT_ONCE])
    return keys


def _read_emails(emails: Sequence[str]) -> list[str]:
    plain = _find_plain(emails)
    return list(map(email_key, emails)) if plain is None else plain


def _find_plain(emails: Sequence[str]) -> list[str] | None:
    """The addresses in lower case if all are plain; None leaves open whether they are addresses."""
    text = "\n".join(["", *emails, ""]).lower()
    lines = text[1:-1].split("\n")
    is_short = len(max(lines, key=len)) <= MAX_LOCAL_PART_CHARACTERS
    are_plain = (
        is_short and len(lines) == len(emails) and text.isascii() and _are_plain(text.encode(), len(lines))
    )
    return lines if are_plain else None


def _are_plain(text: bytes, count: int) -> bool:
    """Whether lines are addresses that are their own keys; each has a line feed before and after it.

    One @ a line, and before it any character of an atom (RFC 5322 3.2.3); no two of dots, hyphens and the
    ends of a part beside each other (RFC 1035 2.3.1; two hyphens IDNA keeps for itself, RFC 5890 2.3.1); a
    last label of letters, whose dot is all that is left before the line feed without them.
    """
    marks = text.translate(None, _IN_DOMAINS)
    return (
        marks.count(b"@") == count
        and _MARKS.fullmatch(marks) is not None
        and b".." not in text.translate(_SEPARATORS_AS_DOTS)
        and text.translate(None, _LETTERS).count(b".\n") == count
        and not any(end in text for end in _SPECIAL_ENDS)
    )


def _email_key_by_parts(email: str) -> str:
    local_part, _, domain = email.strip().partition("@")
    found = _mail_domain(domain) if len(domain) <= MAX_HOST_CHARACTERS else None
    if found is None or not _is_local_part(local_part):
        raise InvalidIdentity("email")
    composed = unicodedata.normalize("NFC", local_part)
    # Lower case can be longer (İ becomes two characters), and a key has to be valid itself.
    lowered = unicodedata.normalize("NFC", composed.lower())
    if not all(map(_is_local_part, {composed, lowered} - {local_part})):
        raise InvalidIdentity("email")
    sent = len(local_part.encode()) + found.sent_bytes
    most = max(len(composed.encode()), len(lowered.encode())) + found.most_bytes
    if max(sent, most) + len("@") > MAX_EMAIL_BYTES:
        raise InvalidIdentity("email")
    return f"{lowered}@{found.ascii}"


@lru_cache(_CACHED_DOMAINS)
def _mail_domain(domain: str) -> _MailDomain | None:
    host = read_host(domain)
    if host is None or not _can_have_mail(host.ascii):
        # Checked behind the shortest of local parts.
        checked = _validate(f"a@{domain}")
        if checked is None:
            return None
        host = Host(checked.ascii_domain, checked.domain)
    most = max(len(host.ascii), len(host.international.encode()))
    return _MailDomain(host.ascii, len(domain.encode()), most)


def _can_have_mail(host: str) -> bool:
    """Whether it is beneath a top-level domain that ends with a letter and is for no special use."""
    above, _, top = host.rpartition(".")
    return bool(above) and top[-1].isalpha() and top not in _SPECIAL_NAMES


def _is_local_part(text: str) -> bool:
    """Whether it can stand before the @, if the whole address is not too long."""
    if len(text) > MAX_LOCAL_PART_CHARACTERS:
        return False
    # Marks can be anywhere behind the first letter. The library checks it before the shortest of domains.
    letters = text if text.isascii() else text[:1] + "".join(each for each in text[1:] if not _is_mark(each))
    return bool(_INTERNATIONAL_LOCAL_PART.fullmatch(letters)) or _validate(f"{text}@a.b") is not None


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


def _validate(address: str) -> ValidatedEmail | None:
    # Most addresses are plain, and this takes long to load.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        return validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None


_TO_PROFILE = r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com/(?:(?:mwlite|m|comm)/)?in/"
_BEHIND_SLUG = "(?:/[a-z0-9_-]*)*(?:[?#].*)?"
_PLAIN_PROFILE_URL = re.compile(
    rf"{_TO_PROFILE}([a-z0-9_-]{{1,{MAX_SLUG_CHARACTERS}}}){_BEHIND_SLUG}", re.DOTALL
)
# With any slug: whether it is one is for `_slug` to say.
_PROFILE_URL = re.compile(rf"{_TO_PROFILE}([^/?#]+){_BEHIND_SLUG}", re.ASCII | re.IGNORECASE | re.DOTALL)
_LINKEDIN_URL = re.compile(
    r"(?:(https?)://)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::([0-9]+))?(/[^?#]*)(?:[?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_DEFAULT_PORTS = {"https": "443", "http": "80", "": "80"}
_MOBILE_PREFIXES = frozenset({"mwlite", "m", "comm"})
_NOT_IN_A_SLUG = re.compile(r'[\s\x00-\x1f\x7f-\x9f\ud800-\udfff/\\?#%<>"]')
_KEY_PREFIXES = ("sales:", "talent:")
_OLD_PROFILE_NUMBER = re.compile("[0-9a-f]{1,4}")
_MEMBER_ID = re.compile(rf"([A-Za-z0-9_-]{{1,{MAX_SLUG_CHARACTERS}}})(?:(?:,|%2[Cc]).*)?", re.DOTALL)


def linkedin_key(url: str) -> str:
    """What names the person in the address of a LinkedIn profile (design §3).

    /in/SLUG gives the slug, percent-decoded once as UTF-8 (RFC 3986 2.5), NFC, lower-cased; /pub/NAME/A/B/C
    gives name/a/b/c; Sales Navigator and Recruiter give sales:ID and talent:ID, the ids as written. Scheme,
    subdomain, locale, query and fragment do not count. Raises InvalidIdentity for what is no person's page on
    linkedin.com.
    """
    if url.isascii() and (match := _PLAIN_PROFILE_URL.fullmatch(url.strip().lower())):
        return match[1]
    if (match := _PROFILE_URL.fullmatch(url.strip())) and (slug := _slug(match[1])):
        return slug
    return _linkedin_key_by_parts(url)


def _linkedin_key_by_parts(url: str) -> str:
    match = _LINKEDIN_URL.fullmatch(url.strip())
    if match and match[2] in (None, _DEFAULT_PORTS[(match[1] or "").lower()]):
        segments = [segment for segment in match[3].split("/") if segment]
        if not any(map(_is_dots, segments)) and (key := _person_key(segments)):
            return key
    raise InvalidIdentity("linkedin_url")


def _person_key(segments: list[str]) -> str | None:
    """The key of a person's page, or None if the path leads elsewhere."""
    match [segment.lower() for segment in segments[:2]]:
        case [prefix, "in"] if prefix in _MOBILE_PREFIXES and len(segments) > 2:
            return _slug(segments[2])
        case ["in", _]:
            return _slug(segments[1])
        case ["pub", _]:
            return _old_profile_key(segments[1], segments[2:5])
        case ["sales", "lead" | "people"] if len(segments) > 2:
            return _member_key("sales", segments[2])
        case ["talent", "profile"] if len(segments) > 2:
            return _member_key("talent", segments[2])
    return None


def linkedin_url(key: str) -> str:
    """The address of the profile that a key names: what linkedin_key makes the key of."""
    if key.startswith(_KEY_PREFIXES):
        product, _, member = key.partition(":")
        return f"https://www.linkedin.com/{product}/{'lead' if product == 'sales' else 'profile'}/{member}"
    return f"https://www.linkedin.com/{'pub' if '/' in key else 'in'}/{quote(key)}"


def _slug(segment: str) -> str | None:
    """A profile's name decoded and folded, or None if it cannot be one, or looks like another kind of key."""
    try:
        decoded = unquote_to_bytes(segment).decode()
    except UnicodeError:
        return None
    if len(decoded) > MAX_SLUG_CHARACTERS:
        return None
    slug = unicodedata.normalize("NFC", unicodedata.normalize("NFC", decoded).lower())
    if _NOT_IN_A_SLUG.search(slug) or _is_dots(slug) or slug.startswith(_KEY_PREFIXES):
        return None
    return slug if 0 < len(slug) <= MAX_SLUG_CHARACTERS else None


def _old_profile_key(segment: str, following: list[str]) -> str | None:
    """name/a/b or name/a/b/c, as profiles were addressed before they had a slug."""
    name = _slug(segment)
    numbers = list(takewhile(_OLD_PROFILE_NUMBER.fullmatch, map(str.lower, following)))
    if name is None or name == "dir" or len(numbers) < 2:
        return None
    return "/".join([name, *numbers])


def _member_key(product: str, segment: str) -> str | None:
    match = _MEMBER_ID.fullmatch(segment)
    return f"{product}:{match[1]}" if match else None


def _is_dots(segment: str) -> bool:
    """Whether it is "." or "..", which a browser resolves (RFC 3986 5.2.4)."""
    return segment.lower().replace("%2e", ".") in (".", "..")


_PLAIN_SITE = re.compile(rf"(?:https?://)?((?:{_LABEL}\.)+[a-z]+)(?:[/?#].*)?", re.DOTALL)
_SITE = re.compile(
    r"(?:https?://)?([^\s/?#@:\\%\[\]]+)(?::[0-9]{1,5})?(?:[/?#].*)?", re.ASCII | re.IGNORECASE | re.DOTALL
)
_LIKE_UNDERSCORE = "0"
"""What can stand wherever an underscore stands in a host."""


def title_and_company_key(title: str, company_name: str | None, company_domain: str | None) -> str:
    """The title's key, a tab, and the company's registrable domain or, if no domain is given, its name's key.

    Raises InvalidIdentity for the first of title, company_domain and company_name at fault (design §3).
    """
    position = title_key(title)
    if company_domain and not company_domain.isspace():
        company = registrable_domain(company_domain)
    else:
        company = company_name_key(company_name or "")
    return f"{position}\t{company}"


def title_key(title: str) -> str:
    """The title in NFKC, case-folded, white space and controls as single spaces (design §3).

    Raises InvalidIdentity if it is blank.
    """
    key = fold_text(title)
    if not key:
        raise InvalidIdentity("title")
    return key


def registrable_domain(domain: str) -> str:
    """The part of a domain that somebody registered, by the Public Suffix List, in IDNA 2008 ASCII.

    A web address gives its host (design §3). Raises InvalidIdentity for a public suffix, an IP address and
    what is no domain.
    """
    match = _PLAIN_SITE.fullmatch(domain.strip().lower())
    if match and len(match[1]) <= MAX_LABEL_CHARACTERS:
        found = _registrable_of_ascii(match[1])
    else:
        found = _registrable_by_library(domain)
    if found is None:
        raise InvalidIdentity("company_domain")
    return found


@lru_cache(_CACHED_DOMAINS)
def domain_key(domain: str) -> str:
    """A domain, or the host of a web address, in IDNA 2008 ASCII and lower case, without a leading www.

    Other subdomains stay, and so do underscores, which hosts have although nobody can register them. Raises
    InvalidIdentity for what has no registrable domain.
    """
    registrable = registrable_domain(domain.replace("_", _LIKE_UNDERSCORE))
    match = _SITE.fullmatch(domain.strip())
    assert match is not None
    if "_" not in match[1]:
        host = _ascii_host(match[1])
    elif match[1].isascii():
        host = match[1].lower().removesuffix(".")
    else:
        raise InvalidIdentity("company_domain")
    is_registrable = host.replace("_", _LIKE_UNDERSCORE) == registrable
    return host if is_registrable else host.removeprefix("www.")


def _registrable_by_library(domain: str) -> str | None:
    match = _SITE.fullmatch(domain.strip())
    return _registrable_of(match[1]) if match and len(match[1]) <= MAX_HOST_CHARACTERS + 1 else None


@lru_cache(_CACHED_DOMAINS)
def _registrable_of(host: str) -> str | None:
    try:
        return _registrable_of_ascii(_ascii_host(host))
    except UnicodeError:
        return None


def _ascii_host(host: str) -> str:
    """The host in IDNA 2008 ASCII, without a last dot. Raises UnicodeError."""
    found = read_host(host)
    return found.ascii if found else idna.encode(host, uts46=True).decode("ascii").removesuffix(".")


@lru_cache(_CACHED_DOMAINS)
def _registrable_of_ascii(host: str) -> str | None:
    is_ip_address = host.rpartition(".")[2].isdigit()
    return None if is_ip_address else _public_suffixes().privatesuffix(host)


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list, which takes a while to read, so not before somebody needs it."""
    return PublicSuffixList()
