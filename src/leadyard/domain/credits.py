"""Prices, charges and holds. Amounts are exact integers of milli-credits: 500 is half a credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from leadyard.domain.lead_lists import ListOptions

MILLI = 1000
"""Milli-credits in a credit."""

PERSON_CHARGE_WINDOW = timedelta(hours=24)
"""A person found is paid for once in this time (contract §3, prices)."""


class CreditKind(StrEnum):
    """The two balances of an account."""

    EMAIL = "email"
    PHONE = "phone"


class Reason(StrEnum):
    """Why an entry of the ledger was written."""

    GRANT = "grant"
    INITIAL_GRANT = "initial_grant"
    PERSON_FOUND = "person_found"
    EMAIL_REVEALED = "email_revealed"
    EMAIL_VALIDATED = "email_validated"
    PHONE_REVEALED = "phone_revealed"
    CORRECTION = "correction"


class Prices(msgspec.Struct, frozen=True):
    """What each thing found costs, in milli-credits (contract §3; settings)."""

    person_found: int = 500
    email_revealed: int = 1000
    email_validated: int = 1000
    phone_revealed: int = 1000


class Cost(msgspec.Struct, frozen=True):
    """Milli-credits of both kinds."""

    email: int = 0
    phone: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.email + other.email, self.phone + other.phone)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.email - other.email, self.phone - other.phone)

    def __mul__(self, count: int) -> Cost:
        return Cost(self.email * count, self.phone * count)


class Balance(msgspec.Struct, frozen=True):
    """One kind's balance: what there is and what is held for work not finished. Milli-credits."""

    kind: CreditKind
    balance: int
    held: int

    @property
    def available(self) -> int:
        """What new work can be started for."""
        return self.balance - self.held


def fallen_below(threshold: int, balances: Mapping[CreditKind, int], spent: Cost) -> list[CreditKind]:
    """Which balances spending has just brought below a threshold: those that were not below it before."""
    amounts = {CreditKind.EMAIL: spent.email, CreditKind.PHONE: spent.phone}
    return [kind for kind, balance in balances.items() if balance < threshold <= balance + amounts[kind]]


class Charge(msgspec.Struct, frozen=True):
    """One thing found that has a price.

    `key` is unique for the workspace: a second charge with the same key takes nothing. A person found
    has no such key but a window, so `person_id` is set and `key` is None.
    """

    kind: CreditKind
    amount: int
    reason: Reason
    sequence: int
    key: str | None = None
    person_id: str | None = None


class CreditEntry(msgspec.Struct, frozen=True):
    """A line of the ledger. `amount` is positive for grants and negative for charges, in milli-credits."""

    id: int
    kind: CreditKind
    amount: int
    reason: Reason
    note: str | None
    user_email: str | None
    list_id: str | None
    entry_id: str | None
    created_at: datetime


NOTHING = Cost()
"""Costs nothing."""


def most_cost(options: ListOptions, prices: Prices, *, has_email: bool) -> Cost:
    """The most that one lead can cost: everything is found (contract §3, prices)."""
    email = 0
    if options.enrich:
        email += prices.person_found
        email += prices.email_revealed if options.reveal_email and not has_email else 0
    if options.validate_email and (has_email or options.enrich):
        email += prices.email_validated
    return Cost(email, prices.phone_revealed if options.reveal_phone_numbers else 0)


def least_cost(options: ListOptions, prices: Prices, *, has_email: bool) -> Cost:
    """What one lead costs when every check can be done but nothing is found."""
    is_validated = options.validate_email and has_email
    return Cost(prices.email_validated if is_validated else 0, 0)


class SpentLine(NamedTuple):
    """A line of the ledger that took milli-credits for an entry, as it is stored: the amount is negative."""

    kind: str
    amount: int
    sequence: int


def cost_of_lines(lines: Iterable[SpentLine]) -> Cost:
    """What lines of the ledger took."""
    spent = dict.fromkeys((kind.value for kind in CreditKind), 0)
    for kind, amount, _ in lines:
        spent[kind] -= amount
    return Cost(spent[CreditKind.EMAIL], spent[CreditKind.PHONE])


def total_cost(costs: Iterable[Cost]) -> Cost:
    """The sum of costs."""
    return sum(costs, NOTHING)
