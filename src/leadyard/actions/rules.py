"""What an installation goes by: limits and prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from leadyard.domain.capacity import Limits
from leadyard.domain.credits import Prices


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits and prices in force, and for how long the deletion of a list can be taken back."""

    limits: Limits
    prices: Prices
    undo: timedelta = timedelta(days=1)
