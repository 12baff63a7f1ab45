"""The operations on webhooks."""

from __future__ import annotations

from leadyard.api import webhook_schemas as shapes
from leadyard.api.openapi import bodies
from leadyard.api.openapi.operations import (
    REPLAYED,
    Operation,
    Success,
    page_parameters,
    path_parameter,
    query_parameter,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode
from leadyard.domain.webhooks import DeliveryStatus

WEBHOOKS = "Webhooks"

_ID = path_parameter("id", "Webhook id")
_DELIVERY_ID = path_parameter("delivery_id", "The message's id")
_STATUS = query_parameter(
    "status", "Only those in this state.", enum=[status.value for status in DeliveryStatus]
)

WEBHOOK_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/webhooks",
        "listWebhooks",
        Scope.WEBHOOKS_READ,
        "List webhooks, oldest first",
        (WEBHOOKS,),
        {200: Success("A page of webhooks", shapes.WebhooksView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "post",
        "/webhooks",
        "addWebhook",
        Scope.WEBHOOKS_WRITE,
        "Make a webhook",
        (WEBHOOKS,),
        {201: Success("The webhook with its secret", shapes.WebhookView, ("Location", REPLAYED))},
        body=shapes.WebhookBody,
        errors=(ErrorCode.CONFLICT,),
    ),
    Operation(
        "get",
        "/webhooks/{id}",
        "getWebhook",
        Scope.WEBHOOKS_READ,
        "Read a webhook",
        (WEBHOOKS,),
        {200: Success("The webhook, without its secret", shapes.WebhookView)},
        (_ID,),
    ),
    Operation(
        "patch",
        "/webhooks/{id}",
        "updateWebhook",
        Scope.WEBHOOKS_WRITE,
        "Change a webhook, disable or enable it",
        (WEBHOOKS,),
        {200: Success("The webhook", shapes.WebhookView)},
        (_ID,),
        body=shapes.WebhookChangesBody,
    ),
    Operation(
        "delete",
        "/webhooks/{id}",
        "deleteWebhook",
        Scope.WEBHOOKS_WRITE,
        "Forget a webhook and what it was sent",
        (WEBHOOKS,),
        {204: Success("Forgotten", media_types=())},
        (_ID,),
    ),
    Operation(
        "post",
        "/webhooks/{id}/rotate-secret",
        "rotateWebhookSecret",
        Scope.WEBHOOKS_WRITE,
        "Give a webhook a new secret; the one before is good for a day",
        (WEBHOOKS,),
        {200: Success("The webhook with its new secret", shapes.WebhookView, (REPLAYED,))},
        (_ID,),
        body=bodies.NothingBody,
        needs_body=False,
    ),
    Operation(
        "post",
        "/webhooks/{id}/test",
        "pingWebhook",
        Scope.WEBHOOKS_WRITE,
        "Send a webhook a ping",
        (WEBHOOKS,),
        {202: Success("The delivery", shapes.DeliveryView, (REPLAYED,))},
        (_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(ErrorCode.CONFLICT,),
    ),
    Operation(
        "get",
        "/webhooks/{id}/deliveries",
        "listWebhookDeliveries",
        Scope.WEBHOOKS_READ,
        "List what a webhook was sent, newest first",
        (WEBHOOKS,),
        {200: Success("A page of deliveries", shapes.DeliveriesView)},
        (_ID, _STATUS, *page_parameters(COLLECTION_PAGE_SIZE)),
    ),
    Operation(
        "post",
        "/webhooks/{id}/deliveries/{delivery_id}/replay",
        "replayWebhookDelivery",
        Scope.WEBHOOKS_WRITE,
        "Send a message again",
        (WEBHOOKS,),
        {202: Success("The delivery", shapes.DeliveryView, (REPLAYED,))},
        (_ID, _DELIVERY_ID),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(ErrorCode.CONFLICT,),
    ),
)
