"""For whom a paid provider is asked, and what comes of it for one lead."""

from __future__ import annotations

from datetime import datetime

import msgspec

from leadyard.domain.provider_calls import AnswerState
from leadyard.domain.providers import Bought, Deferred, Unavailable
from leadyard.domain.waterfall import Blocked, Freshness, SpendingLimits


class Told(msgspec.Struct, frozen=True):
    """A provider's answer to one query, from before or paid for now. `cost` is in thousandths."""

    state: AnswerState
    found: Bought | None
    cost: int
    fetched_at: datetime
    is_cached: bool = False


class GivenUp(msgspec.Struct, frozen=True):
    """The provider has failed for so long that nobody waits for it any more: it is passed over."""


class KeptOut(msgspec.Struct, frozen=True):
    """The person is excluded, or was erased, by now: nothing is bought about them."""


Reply = Told | Blocked | GivenUp | KeptOut | Unavailable | Deferred


class Budget(msgspec.Struct, frozen=True):
    """For whom a provider is asked: the workspace, the list if there is one, and what may be spent."""

    workspace_id: int
    list_id: int | None
    limits: SpendingLimits
    freshness: Freshness
