"""What whoever runs the service wants to know of it at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class QueueState(msgspec.Struct, frozen=True):
    """The jobs there are. `oldest_seconds` is for how long the oldest of those that are due has waited."""

    waiting: int
    later: int
    running: int
    oldest_seconds: float


class BreakerState(StrEnum):
    """Whether calls to a provider go through: yes, not for a while, or one to see whether it is back."""

    CLOSED = "closed"
    OPEN = "open"
    TRIAL = "trial"


class Breakers(msgspec.Struct, frozen=True):
    """How many of the accounts' providers of one kind are in a state."""

    provider: str
    state: BreakerState
    count: int


class CreditTotal(msgspec.Struct, frozen=True):
    """All credits of one kind in all workspaces of a mode, in milli-credits."""

    mode: str
    kind: str
    balance: int
    held: int


class Statistics(msgspec.Struct, frozen=True):
    """What the database tells, all of it at one moment."""

    queue: QueueState
    credits: Sequence[CreditTotal]
    breakers: Sequence[Breakers]


class PoolState(msgspec.Struct, frozen=True):
    """The connections to the database of this process, for one purpose."""

    purpose: str
    in_use: int
    idle: int
    most: int
