from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.people import PhoneNumber
from leadyard.providers import values
from leadyard.providers.answers import spread

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
READERS: list[Callable[[Any], Any]] = [
    values.text,
    values.number,
    values.count,
    values.email,
    values.profile_key,
    values.profile_url,
    values.company_page,
    values.domain,
    values.phone,
    values.title_case,
    values.items,
]


@given(JSON)
def test_no_value_breaks_a_reader(value: Any) -> None:
    for read in READERS:
        read(value)
    values.phone(value, value, value)
    values.member(value, "a", "b")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("12", 12),
        (12.0, 12),
        ("1,200", 1200),
        (-1, None),
        (1.5, None),
        (True, None),
        ("ten", None),
        (1e300, None),
    ],
)
def test_counts_are_whole_and_may_be_texts(value: Any, read: int | None) -> None:
    assert values.count(value) == read


@pytest.mark.parametrize(
    "value",
    [
        True,
        "a***@acme.com",
        "email_not_unlocked@domain.com",
        "a…@acme.com",
        "xxxx@acme.com",
        "anna@",
        "n/a",
        5,
    ],
)
def test_masked_or_invalid_address_is_none(value: Any) -> None:
    assert values.email(value) is None


def test_address_is_normalized() -> None:
    assert values.email(" Anna.Berg@ACME.com ") == "anna.berg@acme.com"
    assert values.first_email([None, "a*@x.com", "B@x.com"]) == "b@x.com"


@pytest.mark.parametrize(
    ("value", "kind", "region", "read"),
    [
        ("+1 415-555-0123", None, None, PhoneNumber("+14155550123")),
        ("+1 415-555-0123", "mobile", None, PhoneNumber("+14155550123", "mobile")),
        ("(415) 555-0123", "work_direct", "us", PhoneNumber("+14155550123", "work")),
        ("+49 151 23456789", "work", None, PhoneNumber("+4915123456789", "mobile")),
        ("+1 4** *** 0123", None, None, None),
        ("+1415XXX0123", None, None, None),
        ("1234", None, None, None),
        (True, None, None, None),
        ("no phone", None, "US", None),
    ],
)
def test_phone_number_is_in_the_international_form(
    value: Any, kind: str | None, region: str | None, read: PhoneNumber | None
) -> None:
    assert values.phone(value, kind, region) == read


def test_pages_of_linkedin_are_in_one_form() -> None:
    assert (
        values.profile_url("http://de.linkedin.com/in/Anna-Berg/?x=1")
        == "https://www.linkedin.com/in/anna-berg"
    )
    assert values.profile_url("https://linkedin.com.evil.org/in/anna") is None
    assert values.company_page("linkedin.com/company/acme/") == "https://www.linkedin.com/company/acme"
    assert values.company_page("javascript:alert('linkedin.com/company/x')") is None


def test_cost_is_spread_as_expected_or_as_told() -> None:
    assert spread(None, [1, 0, 10]) == [1, 0, 10]
    assert spread(22, [1, 0, 10]) == [2, 0, 20]
    assert spread(0, [1, 1]) == [0, 0]
    assert spread(4, [0, 0]) == [2, 2]
    assert spread(4, []) == []
