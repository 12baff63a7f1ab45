"""Phone numbers as they are written."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from leadyard.domain.people import PhoneNumber

SEPARATOR = ";"
"""Stands between the phone numbers of a cell, and between other things of which a cell holds several."""
MIN_PHONE_DIGITS = 5

_PHONE_TYPES = {PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "work"}
_PLAIN_NUMBER = re.compile(r"\+[1-9][0-9 ()./-]{6,24}")
_NO_DIGITS = str.maketrans("", "", "+ ()./-")


class _Country(NamedTuple):
    """What a number behind a country's code looks like, and how one begins that has more before it."""

    code: str
    number: re.Pattern[str]
    prefix: re.Pattern[str]


def read_phone_numbers(text: str) -> tuple[PhoneNumber, ...]:
    """The numbers between semicolons, each once, in their order; what has too few digits is none."""
    numbers: dict[str, PhoneNumber] = {}
    for part in text.split(SEPARATOR):
        if sum(map(str.isdigit, part)) >= MIN_PHONE_DIGITS:
            number = _read_phone_number(" ".join(part.split()))
            numbers.setdefault(number.number, number)
    return tuple(numbers.values())


def _read_phone_number(text: str) -> PhoneNumber:
    """A number with its country's code in E.164; any other as it is written."""
    if _PLAIN_NUMBER.fullmatch(text) and (number := _read_plain_number(text.translate(_NO_DIGITS))):
        return number
    return _read_by_library(text)


def _read_by_library(text: str) -> PhoneNumber:
    try:
        parsed: Any = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return PhoneNumber(text)
    if not phonenumbers.is_possible_number(parsed):
        return PhoneNumber(text)
    return PhoneNumber(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), _type_of(parsed))


def _read_plain_number(digits: str) -> PhoneNumber | None:
    """A number of which the library would strip nothing; None for one that it has to look at."""
    country = next((found for length in (1, 2, 3) if (found := _country(digits[:length]))), None)
    if country is None:
        return None
    national = digits[len(country.code) :]
    if national[:1] == "0" or country.prefix.match(national) or not country.number.fullmatch(national):
        return None
    parsed = phonenumbers.PhoneNumber(country_code=int(country.code), national_number=int(national))
    return PhoneNumber(f"+{digits}", _type_of(parsed))


def _type_of(parsed: Any) -> str:
    return _PHONE_TYPES.get(phonenumbers.number_type(parsed), "unknown")


@lru_cache(1_024)
def _country(code: str) -> _Country | None:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    metadata: Any = (
        PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0]) if regions else None
    )
    if metadata is None:
        return None
    return _Country(
        code=code,
        number=re.compile(metadata.general_desc.national_number_pattern),
        prefix=re.compile(metadata.national_prefix_for_parsing or "(?!)"),
    )
