"""What an installation goes by: limits and prices."""

from __future__ import annotations

from dataclasses import dataclass

from leadyard.domain.capacity import Limits
from leadyard.domain.credits import Prices


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits and prices in force."""

    limits: Limits
    prices: Prices
