"""What an installation goes by: limits and prices."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from leadyard.domain.capacity import Limits
from leadyard.domain.credits import Cost, Prices
from leadyard.domain.errors import CostsMore


class Rules(msgspec.Struct, frozen=True):
    """The limits and prices in force, and for how long the deletion of a list can be taken back.

    `at_most` is what one request may cost, if its caller was told so.
    """

    limits: Limits
    prices: Prices
    undo: timedelta = timedelta(days=1)
    at_most: Cost | None = None

    def require_estimated(self, cost: Cost) -> None:
        """Raises CostsMore for what can cost more than the caller was told."""
        require_at_most(cost, self.at_most)


def require_at_most(cost: Cost, most: Cost | None) -> None:
    """Raises CostsMore for what can cost more than was told; None is that nothing was."""
    if most is not None and (cost.email > most.email or cost.phone > most.phone):
        raise CostsMore
