"""Whether two spellings are the name of one company."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.company_matching import (
    AS_WRITTEN,
    MISSPELLED,
    OTHER_COUNTRY,
    OTHER_FORM,
    SAME_NAME,
    CompanyName,
    _digests,
    _digests_of_ascii,
    difference,
    exact_keys,
    is_one_edit,
    nearby_keys,
    read_company_name,
    without_odd_form,
)


def read(name: str) -> CompanyName:
    found = read_company_name(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other", "points"),
    [
        ("Blue Harbor Inc", "BLUE HARBOR, Inc.", AS_WRITTEN),
        ("Blue Harbor", "blue-harbor", AS_WRITTEN),
        ("I.B.M.", "IBM", AS_WRITTEN),
        ("Smith & Jones", "Smith and Jones LLP", SAME_NAME),
        ("The Blue Harbor Company", "Blue Harbor", SAME_NAME),
        ("Müller & Söhne", "Mueller und Soehne GmbH", SAME_NAME),
        ("Müller", "MULLER AG", SAME_NAME),
        ("Sørensen A/S", "Soerensen", SAME_NAME),
        ("株式会社アクメ", "アクメ", SAME_NAME),
        ("Acme GmbH", "Acme Ltd", OTHER_FORM),
        ("Velotrix Germany", "Velotrix GmbH", OTHER_COUNTRY),
        ("Velotrix GmbH Deutschland", "Velotrix (Germany)", OTHER_COUNTRY),
        ("Acme Inc. USA", "Acme", OTHER_COUNTRY),
        ("Nordwind Logistics", "Nordwidn Logistics", MISSPELLED),
        ("Nordwind Logistics", "Nordwind Logistcs AB", MISSPELLED),
        ("Nordwind Poland", "Nordwin", MISSPELLED),
        ("Velotrix", "Velotrix Group", None),
        ("Velotrix", "Velotrix International", None),
        ("Velotrix France", "Velotrix Germany", None),
        ("Studio 54", "Studio 55", None),
        ("HP", "HPE", None),
        ("Nordwind", "Nordwaend", None),
    ],
)
def test_difference_of_two_names(one: str, other: str, points: float | None) -> None:
    assert difference(read(one), read(other)) == points
    assert difference(read(other), read(one)) == points


def test_name_without_letters_is_none() -> None:
    assert read_company_name("–") is None


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ("Nordwind GmHb", "Nordwind"),
        ("Nordwind Gmb H", "Nordwind"),
        ("Nordwind Foods Sp. z o.p.", "Nordwind Foods"),
        ("Nordwind Lmited", "Nordwind"),
        ("GmbH Nordwind", "Nordwind"),
        ("Ltd. Nordwind Foods", "Nordwind Foods"),
    ],
)
def test_legal_form_with_a_slip_or_in_front_is_taken_off(written: str, rest: str) -> None:
    found = without_odd_form(read(written))
    assert found is not None
    assert found.written == rest


@pytest.mark.parametrize(
    "written", ["Nordwind", "Nordwind Foods", "GmHb", "Sun GmHb", "GmbH Sun", "Limited Brands"]
)
def test_nothing_is_taken_off_a_name_that_has_no_such_form_or_too_little_else(written: str) -> None:
    assert without_odd_form(read(written)) is None


letters = st.text("abcdeé& -5", min_size=1, max_size=12)


@given(letters, letters)
def test_names_that_are_not_far_apart_share_a_key(one: str, other: str) -> None:
    first, second = read_company_name(one), read_company_name(other)
    if first is None or second is None or (points := difference(first, second)) is None:
        return
    shared = nearby_keys if points == MISSPELLED else exact_keys
    assert shared(first) & shared(second)


@given(st.text("abcdef", min_size=4, max_size=9), st.data())
def test_every_name_one_edit_away_shares_a_key(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    kinds = [
        name[:place] + name[place + 1 :],
        name[:place] + "x" + name[place:],
        name[:place] + "x" + name[place + 1 :],
        name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
    ]
    for other in kinds:
        assert is_one_edit(name, other)
        assert nearby_keys(read(name)) & nearby_keys(read(other)), (name, other)


@given(st.text(st.characters(max_codepoint=127), max_size=9))
def test_short_way_to_keys_gives_the_same(name: str) -> None:
    assert set(_digests_of_ascii(name)) == set(_digests(name))
