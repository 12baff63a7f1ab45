"""Numbers that are read without the library's parser come out as from it."""

from __future__ import annotations

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.numbering import _read_by_library, read_phone_number

countries = st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
digits = st.text("0123456789 -", min_size=3, max_size=13)


@given(countries, digits)
@example(44, "(0)113 496 0509")
@example(49, "30 23125 416")
@example(1, "416 555 0123")
@example(39, "06 1234 5678")
@example(54, "9 11 1234 5678")
@example(61, "491 570 156")
def test_short_way_gives_what_the_library_gives(country: int, rest: str) -> None:
    text = " ".join(f"+{country} {rest}".split())
    assert read_phone_number(text) == _read_by_library(text)
