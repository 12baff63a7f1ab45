"""Prices: the most a lead can cost covers what it does cost, whatever is found."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.credits import (
    NOTHING,
    Balance,
    Cost,
    CreditKind,
    Prices,
    Reason,
    least_cost,
    most_cost,
    total_cost,
)
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import Findings, Outcome, Terms, WorkItem, charges_of
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import LeadFields, ListType
from leadyard.domain.people import Person, PhoneNumber

PRICES = st.builds(
    Prices,
    person_found=st.integers(0, 5_000),
    email_revealed=st.integers(0, 5_000),
    email_validated=st.integers(0, 5_000),
    phone_revealed=st.integers(0, 5_000),
)
OPTIONS = [ListOptions(*flags) for flags in product([False, True], repeat=4)]
AMOUNTS = st.builds(Cost, st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))


def item(email: str | None) -> WorkItem:
    """A lead in the hands of the pipeline."""
    lead = LeadFields(linkedin_url="linkedin.com/in/jane", email=email)
    return WorkItem(7, "jane", ListType.LINKEDIN, lead, email, 0, Findings())


def possible_findings(options: ListOptions, sent: str | None) -> list[Findings]:
    """Everything that the steps can come to under these options."""
    enriched = (
        [Outcome.FOUND, Outcome.NOT_FOUND, Outcome.UNAVAILABLE] if options.enrich else [Outcome.SKIPPED]
    )
    revealed = [Outcome.FOUND, Outcome.NOT_FOUND, Outcome.UNAVAILABLE, Outcome.SKIPPED]
    found = []
    for enrich, reveal, found_email in product(
        enriched, revealed if options.reveal_phone_numbers else revealed[-1:], ["found@a.example", None]
    ):
        numbers = (PhoneNumber("+12125550100"),) if reveal is Outcome.FOUND else ()
        has_person = enrich is Outcome.FOUND or reveal is Outcome.FOUND
        email = found_email if enrich is Outcome.FOUND else None
        person = Person("p", email=email, phone_numbers=numbers) if has_person else None
        address = sent or email
        checks = [Outcome.FOUND, Outcome.UNAVAILABLE] if options.validate_email and address else []
        for validate in checks or [Outcome.SKIPPED]:
            verdict = EmailVerdict(address, EmailResult.RISKY, "told") if checks and address else None
            found.append(Findings(enrich, validate, reveal, person, verdict))
    return found


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("sent", ["sent@a.example", None])
@given(prices=PRICES)
def test_the_most_that_is_held_covers_every_charge(
    options: ListOptions, sent: str | None, prices: Prices
) -> None:
    most = most_cost(options, prices, has_email=sent is not None)
    sums = []
    for findings in possible_findings(options, sent):
        charges = list(charges_of(item(sent), findings, Terms("list", options, prices)))
        email = sum(charge.amount for charge in charges if charge.kind is CreditKind.EMAIL)
        phone = sum(charge.amount for charge in charges if charge.kind is CreditKind.PHONE)
        assert email <= most.email
        assert phone <= most.phone
        sums.append(Cost(email, phone))
    # And it is no more than needed: when everything is found it is all spent.
    assert most in sums


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("has_email", [True, False])
@given(prices=PRICES)
def test_the_least_is_never_more_than_the_most(options: ListOptions, has_email: bool, prices: Prices) -> None:
    least = least_cost(options, prices, has_email=has_email)
    most = most_cost(options, prices, has_email=has_email)
    assert 0 <= least.email <= most.email
    assert least.phone == 0


@pytest.mark.parametrize(
    ("options", "has_email", "email", "phone"),
    [
        (ListOptions(), True, 0, 0),
        (ListOptions(enrich=True), False, 1_500, 0),
        (ListOptions(enrich=True), True, 500, 0),
        (ListOptions(enrich=True, reveal_email=False), False, 500, 0),
        (ListOptions(validate_email=True), True, 1_000, 0),
        (ListOptions(validate_email=True), False, 0, 0),
        (ListOptions(validate_email=True, enrich=True), False, 2_500, 0),
        (ListOptions(reveal_phone_numbers=True), False, 0, 1_000),
        (ListOptions(True, True, True), True, 1_500, 1_000),
    ],
)
def test_a_lead_costs_what_the_contract_says(
    options: ListOptions, has_email: bool, email: int, phone: int
) -> None:
    assert most_cost(options, Prices(), has_email=has_email) == Cost(email, phone)


def test_each_thing_found_is_charged_by_a_key_that_names_it() -> None:
    findings = Findings(
        Outcome.FOUND,
        Outcome.FOUND,
        Outcome.FOUND,
        Person("p-1", email="found@a.example", phone_numbers=(PhoneNumber("+12125550100"),)),
        EmailVerdict("found@a.example", EmailResult.DELIVERABLE, "told"),
    )
    terms = Terms("list-1", ListOptions(True, True, True), Prices())
    charges = {charge.reason: charge for charge in charges_of(item(None), findings, terms)}
    assert {reason: charge.key for reason, charge in charges.items()} == {
        Reason.PERSON_FOUND: None,
        Reason.EMAIL_REVEALED: "email:p-1",
        Reason.EMAIL_VALIDATED: "validation:list-1:found@a.example",
        Reason.PHONE_REVEALED: "phone:p-1",
    }
    assert charges[Reason.PERSON_FOUND].person_id == "p-1"
    assert {charge.sequence for charge in charges.values()} == {7}


@given(costs=st.lists(AMOUNTS, max_size=8), count=st.integers(0, 60_000))
def test_costs_are_added_and_multiplied_by_kind(costs: list[Cost], count: int) -> None:
    total = total_cost(costs)
    assert total == Cost(sum(cost.email for cost in costs), sum(cost.phone for cost in costs))
    assert total - total == NOTHING
    assert total * count == total_cost([Cost(total.email * count), Cost(0, total.phone * count)])


def test_available_is_what_is_not_held() -> None:
    assert Balance(CreditKind.EMAIL, 5_000, 1_500).available == 3_500
