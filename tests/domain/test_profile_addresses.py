from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.identity import InvalidIdentity, linkedin_key, linkedin_url


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("anna-berg", "https://www.linkedin.com/in/anna-berg"),
        ("josé", "https://www.linkedin.com/in/jos%C3%A9"),
        ("anna/1/2/3", "https://www.linkedin.com/pub/anna/1/2/3"),
        ("sales:ACw_A", "https://www.linkedin.com/sales/lead/ACw_A"),
        ("talent:ACw_A", "https://www.linkedin.com/talent/profile/ACw_A"),
    ],
)
def test_profile_has_one_address(key: str, url: str) -> None:
    assert linkedin_url(key) == url


@given(st.text(), st.sampled_from(["in/{}", "pub/{}/1/2f", "sales/people/{},X", "talent/profile/{}"]))
def test_address_of_a_key_leads_back_to_it(text: str, path: str) -> None:
    try:
        key = linkedin_key(f"linkedin.com/{path.format(text)}")
    except InvalidIdentity:
        return
    assert linkedin_key(linkedin_url(key)) == key
