"""How processes share the calls that a provider takes at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Share(NamedTuple):
    """The calls that a holder may have under way, and how many it would have if nobody else asked."""

    slots: int
    wanted: int


def find_share(most: int, held: Share, others: Sequence[Share], *, has_had_turn: bool = False) -> int:
    """How many of `most` calls a holder may have under way from now on, beside what others have.

    `held` are those that it cannot give back now, and those that it wants. Nobody gets what others have, so
    that all together never have more than `most`; whoever has more than is fair gets no more until
    the others have theirs. Where there are fewer calls than holders, each has one at a time, and
    whoever `has_had_turn` leaves it to those who have none.
    """
    left = most - sum(other.slots for other in others)
    fair = most // (len(others) + 1)
    if fair:
        claimed = sum(min(other.wanted, fair) for other in others)
        allowed = max(fair, most - claimed)
    else:
        allowed = int(not (has_had_turn and any(other.wanted and not other.slots for other in others)))
    return max(held.slots, min(held.wanted, allowed, left))
