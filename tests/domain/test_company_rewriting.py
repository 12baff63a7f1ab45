"""What else a company may be called by who abbreviates, swaps words or leaves out an "&"."""

from __future__ import annotations

import pytest

from leadyard.domain.company_matching import CompanyName, exact_keys, read_company_name
from leadyard.domain.company_rewriting import rewritten, rewritten_keys


def read(name: str) -> CompanyName:
    found = read_company_name(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Globex Intl", "Globex International Ltd"),
        ("Globex Int'l Svcs.", "Globex International Services"),
        ("Wayne Manufacturing", "Wayne Mfg. Co."),
        ("St. Louis Bread Co", "Saint Louis Bread"),
        ("Müller u. Söhne GmbH", "Müller & Söhne"),
        ("Traders Northwind Inc", "Northwind Traders"),
        ("Blue Foods Harbor", "Blue Harbor Foods"),
        ("Foods Blue Harbor", "Blue Harbor Foods"),
        ("Smith Jones LLP", "Smith & Jones LLP"),
        ("Smith & Jones", "Smith Jones"),
        ("Meta Platforms (NASDAQ: META)", "Meta Platforms, Inc."),
    ],
)
def test_name_is_looked_up_under_what_else_it_may_be(written: str, known: str) -> None:
    assert read(known).spellings & rewritten(read(written))
    assert exact_keys(read(known)) & rewritten_keys(read(written))


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("Smith & Jones", "Jones & Smith"),
        ("Globex Group", "Globex International"),
        ("Blue Harbor Foods", "Foods Harbor Blue"),
        ("Acme", "Acme International"),
    ],
)
def test_other_name_is_none_of_these(written: str, other: str) -> None:
    assert not read(other).spellings & rewritten(read(written))


@pytest.mark.parametrize("name", ["Acme", "(株)", "a b c d e f g h i"])
def test_name_of_one_word_or_of_many_has_no_other_spelling(name: str) -> None:
    assert not rewritten(read(name))
