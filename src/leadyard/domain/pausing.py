"""What a list waits for, and for how long a provider that fails is waited for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import msgspec

from leadyard.domain.lead_lists import Pause, PauseCause, PauseReason
from leadyard.domain.provider_calls import Spent
from leadyard.domain.providers import Failure
from leadyard.domain.spending import room_left
from leadyard.domain.waterfall import Blocked, SpendingLimits

PAUSE_AFTER_SECONDS = 300.0
"""A provider that takes no calls for so long pauses the list, so that all can see why it stands still."""

DOWN_FOR = timedelta(hours=6)
REFUSED_FOR = timedelta(hours=72)
"""Long enough for somebody to come back from a weekend and pay a bill."""


def is_given_up(failure: str, failing_since: datetime | None, now: datetime) -> bool:
    """Whether a provider that has done nothing but fail is not waited for any more."""
    is_refused = failure in (Failure.UNAUTHORIZED, Failure.OUT_OF_CREDIT)
    bound = REFUSED_FOR if is_refused else DOWN_FOR
    return failing_since is not None and now - failing_since > bound


def pause_for(blocked: Collection[Blocked], now: datetime) -> Pause:
    """The pause of a list whose leads wait for these: it goes on with the first of them that is over."""
    causes: dict[PauseCause, int] = {}
    for each in blocked:
        if each.cause is not None:
            kind = msgspec.structs.replace(each.cause, needs=0)
            causes[kind] = min(each.cause.needs, causes.get(kind, each.cause.needs))
    found = [msgspec.structs.replace(kind, needs=needs) for kind, needs in causes.items()]
    found.sort(key=lambda cause: cause.limit is None)
    reason = PauseReason.SPENDING_LIMIT if found[0].limit is not None else PauseReason.PROVIDER_UNAVAILABLE
    waits = [each.seconds for each in blocked if each.cause is not None and each.cause.limit is None]
    moments = [now + timedelta(seconds=seconds) for seconds in waits]
    if any(cause.limit not in (None, "list") for cause in found):
        moments.append(next_day(now))
    return Pause(reason, now, tuple(found), min(moments, default=None))


def next_day(now: datetime) -> datetime:
    """When the limits of a day begin anew."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def has_room_for(cause: PauseCause, limits: SpendingLimits, spent: Spent) -> bool:
    """Whether the limits leave room for the question that the list stands before."""
    room = room_left(limits, spent, cause.provider, cause.groups)
    return room is None or room[0] >= cause.needs
