"""What was spent, added up for people: by day, and by what and whom it was for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from leadyard.domain.credits import Cost


class DayUsage(msgspec.Struct, frozen=True):
    """What a day (UTC) cost."""

    day: date
    spent: Cost


class Share(msgspec.Struct, frozen=True):
    """What one list, user or key cost. Without a name it is all the rest, or what the reader may not know."""

    name: str | None
    spent: Cost
    id: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """What was spent in some days: every one of them, oldest first, and shares of it, largest first."""

    days: Sequence[DayUsage]
    lists: Sequence[Share]
    users: Sequence[Share]
    keys: Sequence[Share]

    @property
    def total(self) -> Cost:
        """All that was spent."""
        return sum((each.spent for each in self.days), Cost())
