from __future__ import annotations

import pytest

from leadyard.domain.candidates import Candidate, SeveralFit, choose, is_at_company, is_somebody_else
from leadyard.domain.leads import ListType
from leadyard.domain.providers import PersonQuery


def ask(title: str, company_name: str | None = None, company_domain: str | None = None) -> PersonQuery:
    return PersonQuery("key", ListType.TITLES_AND_COMPANY, None, None, title, company_name, company_domain)


def at(title: str | None, identity: str = "", name: str | None = "Acme") -> Candidate:
    return Candidate(identity or title or "?", title, name, None)


def test_title_that_is_most_alike_is_chosen() -> None:
    found = [at("Head of Sales EMEA"), at("Sales Head of", "b"), at(None, "c"), at("Janitor", "d")]
    choice = choose(ask("Head of Sales", "Acme GmbH"), found)
    assert choice is not None
    assert (choice.place, choice.confidence) == (1, 1.0)


def test_two_that_fit_alike_are_not_guessed_between() -> None:
    with pytest.raises(SeveralFit):
        choose(ask("Head of Sales", "Acme"), [at("Head of Sales", "a"), at("Head of Sale", "b")])


def test_one_person_found_twice_is_one() -> None:
    choice = choose(ask("CEO", "Acme"), [at("CEO", "a"), at("CEO", "a")])
    assert choice is not None
    assert choice.place == 0


def test_nobody_fits_at_another_company_or_with_another_title() -> None:
    assert choose(ask("CEO", "Acme"), [at("CEO", name="Bolt")]) is None
    assert choose(ask("CEO", "Acme"), [at("CFO")]) is None
    assert choose(ask("CEO", "Acme"), []) is None


@pytest.mark.parametrize(
    ("asked", "told", "is_right"),
    [
        (("Acme", "acme.com"), ("Other", "www.acme.com"), True),
        (("Acme", "acme.com"), ("Acme", "acme.de"), False),
        (("Acme, Inc.", None), ("ACME", "acme.com"), True),
        (("Acme", None), ("Bolt", None), False),
        ((None, "acme.com"), ("Acme", None), True),
        (("Acme", "no domain"), ("Acme GmbH", "acme.com"), True),
    ],
)
def test_domains_decide_before_names(
    asked: tuple[str | None, str | None], told: tuple[str | None, str | None], is_right: bool
) -> None:
    assert is_at_company(ask("CEO", *asked), Candidate("a", "CEO", *told)) is is_right


def test_profile_of_the_same_form_that_differs_is_somebody_else() -> None:
    assert is_somebody_else("anna", ["bert"])
    assert not is_somebody_else("anna", ["bert", "anna"])
    assert not is_somebody_else("anna", ["sales:ACw1"])
    assert not is_somebody_else("anna", [])
    assert not is_somebody_else(None, ["bert"])
