"""Reading what services answer: anything may be missing, null, of another type, masked or no value at all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from string import capwords
from typing import Any, TypeVar

from leadyard.domain.identity import (
    InvalidIdentity,
    email_key,
    linkedin_key,
    linkedin_url,
    registrable_domain,
)
from leadyard.domain.people import PhoneNumber
from leadyard.domain.phone_numbers import MIN_PHONE_DIGITS, read_phone_numbers

MAX_TEXT_CHARACTERS = 1_000
MAX_TEXTS = 200
MAX_COUNT = 1_000_000_000

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_NOTHING = frozenset(("null", "NULL", "undefined", "None", "NaN", "nan", "N/A", "n/a", "#N/A", "-", "--"))
"""What programs write for a value that they do not have. Somebody may well be called Null."""
_MASKS = re.compile(r"[*•…]|\.\.\.|x{3,}|_not_unlocked", re.IGNORECASE)
"""What stands in a value that is only shown after paying."""
_PHONE_MASKS = re.compile(r"[*•…]|\.\.\.|x{2,}", re.IGNORECASE)
_COMPANY_PAGE = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com(/company/[^?#\s]+)", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

KeyT = TypeVar("KeyT")


def member(value: Any, *names: str) -> Any:
    """A member of a member; None where one is missing or what has it is no object."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def items(value: Any) -> list[Any]:
    """The elements of an array that are not null; of anything else none."""
    return [item for item in value if item is not None] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A text without space around it; None for what is none, blank, a word for nothing, or too long.

    Whole numbers are texts.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    cleaned = _UNUSABLE.sub("", value).strip()
    return cleaned if 0 < len(cleaned) <= MAX_TEXT_CHARACTERS and cleaned not in _NOTHING else None


def number(value: Any) -> float | None:
    """A number, also one that stands in a text; None for anything else."""
    if isinstance(value, str):
        plain = value.replace(",", "").strip()
        value = float(plain) if len(plain) < 20 and _NUMBER.fullmatch(plain) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -MAX_COUNT < value < MAX_COUNT and math.isfinite(value) else None


def amount(value: Any) -> float | None:
    """What a service says that it took: a number that is not negative; None for anything else."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def count(value: Any) -> int | None:
    """A whole number that is not negative, also one that stands in a text; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found >= 0 and found.is_integer() else None


def email(value: Any) -> str | None:
    """An address in its normalized form; None for one that is masked or not valid."""
    found = text(value)
    return None if found is None or _MASKS.search(found) else _key(email_key, found)


def first_email(values: Iterable[Any]) -> str | None:
    """The first that is an address."""
    return next(filter(None, map(email, values)), None)


def profile_key(value: Any) -> str | None:
    """The key of a person's LinkedIn profile, given by its address; None for what is none."""
    found = text(value)
    return _key(linkedin_key, found) if found else None


def profile_url(value: Any) -> str | None:
    """The address of a person's LinkedIn profile in its one normal form; None for what is none."""
    key = profile_key(value)
    return linkedin_url(key) if key else None


def company_page(value: Any) -> str | None:
    """The address of a company's LinkedIn page; None for what is none, which could be a script."""
    match = _COMPANY_PAGE.match(text(value) or "")
    return f"https://www.linkedin.com{match[1].rstrip('/')}" if match else None


def web_address(value: Any) -> str | None:
    """A web address; None for anything else, which could be a script."""
    found = text(value)
    return found if found and _WEB_ADDRESS.fullmatch(found) else None


def texts(value: Any) -> tuple[str, ...]:
    """The texts of an array, each once, at most MAX_TEXTS."""
    return tuple(dict.fromkeys(filter(None, map(text, items(value)))))[:MAX_TEXTS]


def domain(value: Any) -> str | None:
    """A company's registrable domain, of a domain or a web address; None for what is neither."""
    found = text(value)
    return _key(registrable_domain, found) if found else None


def phone(value: Any, kind: Any = None, region: Any = None) -> PhoneNumber | None:
    """A phone number, in E.164 if its country is known; None for one that is masked or has too few digits.

    `kind` is what the service calls it, `region` the country's two letters.
    """
    found = text(value)
    if not found or _PHONE_MASKS.search(found) or sum(map(str.isdigit, found)) < MIN_PHONE_DIGITS:
        return None
    if isinstance(region, str) and not found.startswith("+"):
        # As in `phone_numbers`: not before there is a number.
        from leadyard.domain.numbering import with_country  # noqa: PLC0415

        found = with_country(found, region.upper())
    numbers = read_phone_numbers(found)
    if not numbers:
        return None
    if numbers[0].type == "unknown" and (told := _phone_type(kind)):
        return PhoneNumber(numbers[0].number, told)
    return numbers[0]


def phones(found: Iterable[PhoneNumber | None]) -> tuple[PhoneNumber, ...]:
    """Each number once, in their order."""
    distinct: dict[str, PhoneNumber] = {}
    for each in found:
        if each is not None:
            distinct.setdefault(each.number, each)
    return tuple(distinct.values())


def title_case(value: Any) -> str | None:
    """A text whose words begin with capitals if it came without any; else as it came."""
    found = text(value)
    return capwords(found) if found and found.islower() else found


def joined(*values: Any) -> str | None:
    """The texts among these, with commas between them; None if there is none."""
    return ", ".join(filter(None, map(text, values))) or None


def _phone_type(kind: Any) -> str | None:
    name = (text(kind) or "").lower()
    if "mobile" in name or "cell" in name:
        return "mobile"
    return "work" if "work" in name or "direct" in name or "office" in name else None


def _key(to_key: Callable[[str], KeyT], found: str) -> KeyT | None:
    try:
        return to_key(found)
    except InvalidIdentity:
        return None
