"""Shapes on the wire of providers and their order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.schemas import Links, Moment

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$", description="Names a provider.")]
Names = Annotated[list[Name], Meta(max_length=20, description="The first is asked first.")]
Amount = Annotated[float, Meta(ge=0, le=1_000_000_000)]
GroupWord = Literal["person", "email", "phone", "company"]
LimitedWord = Literal["person", "email", "phone", "company", "verification"]


class ProviderHealthView(Struct, frozen=True):
    """Whether a provider takes calls: `waiting` after failures, until `closed_until`.

    `given_up`: it has failed for so long that leads do not wait for it any more.
    """

    state: Literal["open", "waiting", "given_up"]
    failures: Annotated[int, Meta(description="Failures in a row.")]
    last_failure: str | None
    closed_until: Moment | None
    failing_since: Annotated[Moment | None, Meta(description="Since when it did nothing but fail.")]


class ProviderStatisticsView(Struct, frozen=True):
    """What a provider did in the last 30 days. Costs are in the unit of the limits."""

    calls: int
    asked: Annotated[int, Meta(description="Persons and e-mails asked for.")]
    found: int
    hit_rate: Annotated[float, Meta(description="Found of asked, 0 to 1.")] | None
    cost: float
    cost_per_hit: float | None
    failed: Annotated[int, Meta(description="Calls that came to nothing.")]
    lost: Annotated[int, Meta(description="Calls of which nobody knows what became; they count as paid for.")]
    mean_latency: Annotated[int, Meta(description="Milliseconds.")] | None


class ProviderView(Struct, frozen=True):
    """A provider: one of our own, one that is set up, or one that can be. Keys are never shown."""

    name: str
    kind: str | None
    title: str
    is_set_up: bool
    groups: list[GroupWord]
    verifies: Annotated[bool, Meta(description="Whether it can check e-mails.")]
    key_last_four: str | None
    key_page: str | None
    price: str | None
    credit_price: float | None
    options: (
        Annotated[dict[str, Any], Meta(description="For keys with providers:write, and without headers.")]
        | None
    )
    health: ProviderHealthView | None
    last_30_days: ProviderStatisticsView | None
    object: Literal["provider"] = "provider"


class ProvidersView(Struct, frozen=True):
    """Every provider."""

    providers: list[ProviderView]
    links: Links = field(name="_links")


class OrderView(Struct, frozen=True):
    """Providers by what they are asked for."""

    person: list[str]
    email: list[str]
    phone: list[str]
    company: list[str]
    verification: list[str]


class LimitsView(Struct, frozen=True):
    """The most that providers may cost; null is no limit."""

    day: float | None
    list: float | None
    groups: dict[str, float]
    providers: dict[str, float]


class WaterfallView(Struct, frozen=True):
    """The order in which providers are asked, and what they may cost."""

    order: OrderView
    limits: LimitsView
    object: Literal["waterfall"] = "waterfall"


class ListOrderView(Struct, frozen=True):
    """What a list has otherwise than its account; null is as the account has it."""

    person: list[str] | None
    email: list[str] | None
    phone: list[str] | None
    company: list[str] | None
    verification: list[str] | None
    object: Literal["lead_list_waterfall"] = "lead_list_waterfall"


class ProviderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """How a provider is set up. Without `api_key` the key that is there stays."""

    kind: (
        Annotated[str, Meta(max_length=MAX_TEXT_LENGTH, description="Its name if there is none.")] | None
    ) = None
    api_key: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH)] | None = None
    options: dict[str, Any] | None = None
    credit_price: (
        Annotated[Amount, Meta(description="What one of its credits costs, for the limits.")] | None
    ) = 1


class OrderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Providers by what they are asked for; what is absent stays as it is."""

    person: Names | UnsetType = UNSET
    email: Names | UnsetType = UNSET
    phone: Names | UnsetType = UNSET
    company: Names | UnsetType = UNSET
    verification: Names | UnsetType = UNSET


class LimitsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The most that providers may cost: all limits that there are from then on."""

    day: Amount | None = None
    list: Amount | None = None
    groups: dict[LimitedWord, Amount] = {}
    providers: dict[str, Amount] = {}


class WaterfallBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A new order, new limits, or both."""

    order: OrderBody | None = None
    limits: LimitsBody | None = None


class ListOrderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What a list has otherwise than its account: all of it. Null or absent is as the account has it."""

    person: Names | None = None
    email: Names | None = None
    phone: Names | None = None
    company: Names | None = None
    verification: Names | None = None
