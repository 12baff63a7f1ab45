"""The numbering plans of all countries, by which a number is read and told to be of a mobile phone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from leadyard.domain.people import PhoneNumber

_PHONE_TYPES = {PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "work"}
_PLAIN_NUMBER = re.compile(r"\+[1-9][0-9 ()./-]{6,24}")
_OTHER_KINDS = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_KINDS = ("fixed_line", "mobile")
_NO_DIGITS = str.maketrans("", "", "+ ()./-")


class _Kind(NamedTuple):
    """What numbers of a kind look like, and how many digits they may have."""

    number: re.Pattern[str]
    lengths: frozenset[int]

    def has(self, national: str) -> bool:
        """Whether a number is of the kind."""
        return len(national) in self.lengths and self.number.fullmatch(national) is not None


class _Country(NamedTuple):
    """The numbers behind a country's code, and how one begins that has more before it.

    `others` are the kinds that a number is rather than one of a fixed line or of a mobile phone. A code that
    several countries share has no kinds of its own.
    """

    code: str
    number: re.Pattern[str]
    prefix: re.Pattern[str]
    others: tuple[_Kind, ...]
    fixed_line: _Kind
    mobile: _Kind
    is_shared: bool

    def type_of(self, national: str) -> str:
        """As `phonenumbers.number_type` has it."""
        if self.is_shared:
            return _type_of(phonenumbers.PhoneNumber(int(self.code), int(national)))
        if any(kind.has(national) for kind in self.others):
            return "unknown"
        is_fixed_line, is_mobile = self.fixed_line.has(national), self.mobile.has(national)
        if is_fixed_line == is_mobile:
            return "unknown"
        return "mobile" if is_mobile else "work"


_NOTHING = _Kind(re.compile("(?!)"), frozenset())


def read_phone_number(text: str) -> PhoneNumber:
    """A number with its country's code in E.164; any other as it is written."""
    if _PLAIN_NUMBER.fullmatch(text) and (number := _read_plain_number(text.translate(_NO_DIGITS))):
        return number
    return _read_by_library(text)


def with_country(text: str, region: str) -> str:
    """A number in E.164 that is written as within a region, such as GB; as it is where that is none."""
    try:
        parsed: Any = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


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
    return PhoneNumber(f"+{digits}", country.type_of(national))


def _type_of(parsed: Any) -> str:
    return _PHONE_TYPES.get(phonenumbers.number_type(parsed), "unknown")


@lru_cache(1_024)
def _country(code: str) -> _Country | None:
    """The country of a code, the main one if several share it; None if there is none."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("",))
    metadata: Any = PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    if metadata is None:
        return None
    lengths = frozenset(metadata.general_desc.possible_length)
    kinds = {name: _read_kind(getattr(metadata, name), lengths) for name in (*_OTHER_KINDS, *_KINDS)}
    return _Country(
        code=code,
        number=re.compile(metadata.general_desc.national_number_pattern),
        prefix=re.compile(metadata.national_prefix_for_parsing or "(?!)"),
        others=tuple(kind for name in _OTHER_KINDS if (kind := kinds[name]) is not None),
        fixed_line=kinds["fixed_line"] or _NOTHING,
        mobile=kinds["mobile"] or _NOTHING,
        is_shared=len(regions) > 1,
    )


def _read_kind(description: Any, lengths: frozenset[int]) -> _Kind | None:
    if description is None or not description.national_number_pattern:
        return None
    own = frozenset(description.possible_length) - {-1}
    return _Kind(re.compile(description.national_number_pattern), own or lengths)
