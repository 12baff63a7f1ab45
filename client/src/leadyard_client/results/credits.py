"""Credits, what they are spent on, and what something can cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

CreditKind: TypeAlias = Literal["email", "phone"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What there is, what is held for work not finished, and the rest."""

    balance: float
    held: float
    available: float


@dataclass(frozen=True, slots=True)
class Credits:
    """Both balances."""

    email: Balance
    phone: Balance


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """A line of the ledger: a grant is positive, a charge negative."""

    id: str
    kind: CreditKind
    amount: float
    reason: str
    created_at: datetime
    note: str | None = None
    user: str | None = None
    lead_list_id: str | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class CostRange:
    """The least and the most that something can cost, in credits."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs in both kinds of credits."""

    email: CostRange
    phone: CostRange
