"""Providers, and the order in which they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Whether a provider takes calls."""

    state: Literal["open", "waiting", "given_up"]
    failures: int
    last_failure: str | None = None
    closed_until: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderStatistics:
    """What a provider did in the last 30 days."""

    calls: int
    asked: int
    found: int
    cost: float
    failed: int
    lost: int
    hit_rate: float | None = None
    cost_per_hit: float | None = None
    mean_latency: int | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: one of the installation's own, one that is set up, or one that can be."""

    name: str
    title: str
    is_set_up: bool
    groups: tuple[str, ...]
    verifies: bool
    kind: str | None = None
    key_last_four: str | None = None
    key_page: str | None = None
    price: str | None = None
    credit_price: float | None = None
    options: dict[str, Any] | None = None
    health: ProviderHealth | None = None
    last_30_days: ProviderStatistics | None = None


@dataclass(frozen=True, slots=True)
class ProviderOrder:
    """Providers by what they are asked for; of a list, None is as its account has it."""

    person: tuple[str, ...] | None = None
    email: tuple[str, ...] | None = None
    phone: tuple[str, ...] | None = None
    company: tuple[str, ...] | None = None
    verification: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The most that providers may cost; None is no limit."""

    day: float | None = None
    list: float | None = None
    groups: dict[str, float] | None = None
    providers: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The order in which providers are asked, and what they may cost."""

    order: ProviderOrder
    limits: SpendingLimits
