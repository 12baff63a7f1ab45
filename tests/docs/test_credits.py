"""The numbers in docs/explanation/credits.md are what the rules give."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.docs.pages import Row, read, table

from leadyard.domain.credits import MILLI, Charge, Cost, CreditKind, Prices, least_cost, most_cost
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import Findings, Outcome, Terms, WorkItem, charges_of
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import LeadFields, ListType
from leadyard.domain.people import Person
from leadyard.settings import Settings

TEXT = read("docs/explanation/credits.md")
PRICES = Prices()
ALL = ListOptions(reveal_phone_numbers=True, validate_email=True, enrich=True)
OUTCOMES = {
    "with e-mail": Outcome.FOUND,
    "without e-mail": Outcome.FOUND,
    "given": Outcome.FOUND,
    "found": Outcome.FOUND,
    "not found": Outcome.NOT_FOUND,
    "none": Outcome.NOT_FOUND,
    "skipped": Outcome.SKIPPED,
    "unavailable": Outcome.UNAVAILABLE,
}


def charges(row: Row) -> Iterator[Charge]:
    """The charges of a lead that the row describes; ids are what the documentation has in their place."""
    sent, person, verdict, phones = row[:4]
    item = WorkItem(
        sequence=1,
        key="",
        list_type=ListType.LINKEDIN,
        lead=LeadFields(),
        email="sent@example.com" if sent == "yes" else None,
        attempts=0,
        findings=Findings(),
    )
    email = "found@example.com" if person == "with e-mail" else None
    findings = Findings(
        enrich=OUTCOMES[person],
        validate=OUTCOMES[verdict],
        reveal=OUTCOMES[phones],
        person=Person(id="{person}", email=email) if OUTCOMES[person] is Outcome.FOUND else None,
        verdict=EmailVerdict("{e-mail}", EmailResult.RISKY, "") if verdict == "given" else None,
    )
    return charges_of(item, findings, Terms("{list}", ALL, PRICES))


def spent(row: Row) -> Cost:
    """What a lead that the row describes costs."""
    amounts = dict.fromkeys(CreditKind, 0)
    for charge in charges(row):
        amounts[charge.kind] += charge.amount
    return Cost(amounts[CreditKind.EMAIL], amounts[CreditKind.PHONE])


def cost(email: str, phone: str) -> Cost:
    """Credits as they are written."""
    return Cost(round(float(email) * MILLI), round(float(phone) * MILLI))


def pair(cell: str) -> Cost:
    """Both kinds of credits in one cell."""
    return cost(*cell.split(", "))


def test_prices_are_those_of_the_settings() -> None:
    prices = [row[1] for row in table(TEXT, "What") if row[1][0].isdigit()]
    found, revealed, validated, phone = (float(price.split()[0]) for price in prices)
    settings = Settings()
    assert (found, revealed) == (settings.price_person_found, settings.price_email_revealed)
    assert (validated, phone) == (settings.price_email_validated, settings.price_phone_revealed)
    assert settings.prices == PRICES


@pytest.mark.parametrize("row", table(TEXT, "The caller sent an e-mail"), ids=", ".join)
def test_a_lead_costs_what_is_written(row: Row) -> None:
    assert spent(row) == cost(row[4], row[5])


@pytest.mark.parametrize("row", table(TEXT, "Enrich"), ids=", ".join)
def test_a_lead_holds_what_is_written(row: Row) -> None:
    options = ListOptions(
        enrich=row[0] == "yes", validate_email=row[1] == "yes", reveal_phone_numbers=row[2] == "yes"
    )
    for cell, rule, has_email in zip(
        row[3:], (most_cost, most_cost, least_cost, least_cost), (True, False) * 2, strict=True
    ):
        assert pair(cell) == rule(options, PRICES, has_email=has_email), cell


def test_every_choice_of_options_is_in_the_table() -> None:
    assert len({tuple(row[:3]) for row in table(TEXT, "Enrich")}) == 2**3


def test_balances_of_the_hundred_leads_are_right() -> None:
    before, added, completed = table(TEXT, "Moment")
    held = most_cost(ALL, PRICES, has_email=False) * 100
    with_phone = spent(["no", "with e-mail", "given", "found"]) * 40
    total = with_phone + spent(["no", "with e-mail", "given", "none"]) * 20
    start = Cost(1000 * MILLI, 1000 * MILLI)
    nothing = Cost()
    for row, balance, hold in (
        (before, start, nothing),
        (added, start, held),
        (completed, start - total, nothing),
    ):
        assert cost(row[1], row[4]) == balance, row
        assert cost(row[2], row[5]) == hold, row
        assert cost(row[3], row[6]) == balance - hold, row


def test_charge_keys_are_as_written() -> None:
    documented = {row[1].strip("`") for row in table(TEXT, "What") if row[1].startswith("`")}
    made = {charge.key for charge in charges(["no", "with e-mail", "given", "found"])}
    assert made - {None} == documented
