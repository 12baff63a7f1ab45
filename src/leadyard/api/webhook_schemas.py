"""Shapes on the wire of webhooks and of what they were sent."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from leadyard.api.schemas import Links, Moment

EventWord = Literal[
    "list.completed",
    "list.paused",
    "list.full",
    "addition.stored",
    "lead.enriched",
    "credits.low",
    "webhook.disabled",
]
Events = Annotated[list[EventWord], Meta(min_length=1, max_length=20)]
Url = Annotated[
    str, Meta(max_length=2_048, description="Begins with https://, and leads to a public address.")
]
StatusWord = Literal["pending", "delivered", "failed"]


class WebhookView(Struct, frozen=True):
    """An address that events are sent to. Its secret is shown when it is made, and never again."""

    id: str
    url: str
    events: list[EventWord]
    enabled: bool
    disabled_reason: Literal["requested", "gone", "failing"] | None
    disabled_at: Moment | None
    failing_since: Annotated[Moment, Meta(description="Since when every attempt has failed.")] | None
    previous_secret_until: (
        Annotated[Moment, Meta(description="Until when the secret before signs along.")] | None
    )
    created_at: Moment
    updated_at: Moment
    secret: str | UnsetType = UNSET
    object: Literal["webhook"] = "webhook"


class WebhooksView(Struct, frozen=True):
    """A page of webhooks, oldest first."""

    webhooks: list[WebhookView]
    links: Links = field(name="_links")


class DeliveryView(Struct, frozen=True):
    """A message to a webhook: how far it is, and what the last attempt came to."""

    id: Annotated[str, Meta(description="The `webhook-id` that it is sent with.")]
    type: EventWord | Literal["ping"]
    status: StatusWord
    attempts: int
    status_code: int | None
    error: Literal["status", "timed_out", "unreachable", "garbled", "unsigned", "disabled"] | None
    milliseconds: int | None
    created_at: Moment
    last_attempt_at: Moment | None
    next_attempt_at: Moment | None
    object: Literal["webhook_delivery"] = "webhook_delivery"


class DeliveriesView(Struct, frozen=True):
    """A page of what a webhook was sent, newest first."""

    deliveries: list[DeliveryView]
    links: Links = field(name="_links")


class WebhookBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send which events."""

    url: Url
    events: Events


class WebhookChangesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a webhook; what is absent or null stays as it is."""

    url: Url | None = None
    events: Events | None = None
    enabled: bool | None = None
