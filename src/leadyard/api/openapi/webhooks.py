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
from leadyard.domain.errors import ErrorCode
from leadyard.domain.webhooks import DeliveryStatus

WEBHOOKS = "Webhooks"

_ID = path_parameter("id", "Webhook id")
_DELIVERY_ID = path_parameter("delivery_id", "The message's id")
_ADMIN = (ErrorCode.FORBIDDEN,)
_STATUS = query_parameter(
    "status", "Only those in this state.", enum=[status.value for status in DeliveryStatus]
)

WEBHOOK_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/webhooks",
        "listWebhooks",
        "List webhooks, oldest first",
        (WEBHOOKS,),
        {200: Success("A page of webhooks", shapes.WebhooksView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "post",
        "/webhooks",
        "addWebhook",
        "Make a webhook (admin keys only)",
        (WEBHOOKS,),
        {201: Success("The webhook with its secret", shapes.WebhookView, ("Location", REPLAYED))},
        body=shapes.WebhookBody,
        errors=(*_ADMIN, ErrorCode.CONFLICT),
    ),
    Operation(
        "get",
        "/webhooks/{id}",
        "getWebhook",
        "Read a webhook",
        (WEBHOOKS,),
        {200: Success("The webhook, without its secret", shapes.WebhookView)},
        (_ID,),
    ),
    Operation(
        "patch",
        "/webhooks/{id}",
        "updateWebhook",
        "Change a webhook, disable or enable it (admin keys only)",
        (WEBHOOKS,),
        {200: Success("The webhook", shapes.WebhookView)},
        (_ID,),
        body=shapes.WebhookChangesBody,
        errors=_ADMIN,
    ),
    Operation(
        "delete",
        "/webhooks/{id}",
        "deleteWebhook",
        "Forget a webhook and what it was sent (admin keys only)",
        (WEBHOOKS,),
        {204: Success("Forgotten", media_types=())},
        (_ID,),
        errors=_ADMIN,
    ),
    Operation(
        "post",
        "/webhooks/{id}/rotate-secret",
        "rotateWebhookSecret",
        "Give a webhook a new secret; the one before is good for a day (admin keys only)",
        (WEBHOOKS,),
        {200: Success("The webhook with its new secret", shapes.WebhookView, (REPLAYED,))},
        (_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=_ADMIN,
    ),
    Operation(
        "post",
        "/webhooks/{id}/test",
        "pingWebhook",
        "Send a webhook a ping (admin keys only)",
        (WEBHOOKS,),
        {202: Success("The delivery", shapes.DeliveryView, (REPLAYED,))},
        (_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(*_ADMIN, ErrorCode.CONFLICT),
    ),
    Operation(
        "get",
        "/webhooks/{id}/deliveries",
        "listWebhookDeliveries",
        "List what a webhook was sent, newest first",
        (WEBHOOKS,),
        {200: Success("A page of deliveries", shapes.DeliveriesView)},
        (_ID, _STATUS, *page_parameters(COLLECTION_PAGE_SIZE)),
    ),
    Operation(
        "post",
        "/webhooks/{id}/deliveries/{delivery_id}/replay",
        "replayWebhookDelivery",
        "Send a message again (admin keys only)",
        (WEBHOOKS,),
        {202: Success("The delivery", shapes.DeliveryView, (REPLAYED,))},
        (_ID, _DELIVERY_ID),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(*_ADMIN, ErrorCode.CONFLICT),
    ),
)
