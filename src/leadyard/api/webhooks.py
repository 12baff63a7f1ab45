"""/webhooks: where events are sent to, and what was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET

from leadyard.actions import Tx
from leadyard.actions.idempotency import Answer
from leadyard.actions.webhooks import WebhookChanges, get_delivery
from leadyard.api.call import (
    Call,
    answer,
    decode_members,
    finding_first,
    open_call,
    open_call_with_body,
    open_call_with_optional_body,
)
from leadyard.api.fields import Check, FieldFault, boolean, read_fields
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.webhook_schemas import DeliveriesView, DeliveryView, WebhooksView, WebhookView
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import Refused, unsupported_field, unsupported_parameter
from leadyard.domain.events import CHOOSABLE, EventType
from leadyard.domain.webhooks import Delivery, DeliveryStatus, Webhook


@get("/webhooks")
async def list_webhooks(request: ApiRequest) -> Response[bytes]:
    """The webhooks of the workspace, oldest first."""
    call = await open_call(request, Scope.WEBHOOKS_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await call.services.webhooks.list_webhooks(tx, call.caller, page_request)
    links = page_links("/webhooks", page_request, page, [item.id for item in page.items])
    return json_response(request, WebhooksView([webhook_view(item) for item in page.items], links))


@post("/webhooks", status_code=201)
async def add_webhook(request: ApiRequest) -> Response[bytes]:
    """Makes a webhook. The answer alone shows its secret."""
    call = await open_call_with_body(request, Scope.WEBHOOKS_WRITE)
    values = _read_body(call, {"url": _url, "events": _events}, ("url", "events"))

    async def act(tx: Tx) -> Answer:
        office = call.services.webhooks
        made, secret = await office.add_webhook(tx, call.caller, values["url"], values["events"])
        return answer(webhook_view(made, secret), 201, {"Location": f"/webhooks/{made.id}"})

    return await call.perform(act, is_secret=True)


@get("/webhooks/{webhook_id:str}")
async def get_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """One webhook, without its secret."""
    call = await open_call(request, Scope.WEBHOOKS_READ)
    async with call.services.database.read() as tx:
        webhook = await call.services.webhooks.get_webhook(tx, call.caller, webhook_id)
    return json_response(request, webhook_view(webhook))


@patch("/webhooks/{webhook_id:str}")
async def update_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """Changes a webhook, disables or enables it."""
    call = await open_call_with_body(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.read() as tx:
        await call.services.webhooks.get_webhook(tx, call.caller, webhook_id)
    changes = WebhookChanges(**_read_body(call, {"url": _url, "events": _events, "enabled": boolean}))
    async with call.services.database.write() as tx:
        webhook = await call.services.webhooks.update_webhook(tx, call.caller, webhook_id, changes)
    return json_response(request, webhook_view(webhook))


@delete("/webhooks/{webhook_id:str}", status_code=204)
async def delete_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> None:
    """Forgets a webhook and what it was sent."""
    call = await open_call(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.webhooks.delete_webhook(tx, call.caller, webhook_id)


@post("/webhooks/{webhook_id:str}/rotate-secret", status_code=200)
async def rotate_secret(request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """Gives a webhook a new secret. The answer alone shows it."""

    async def act(call: Call, tx: Tx) -> Answer:
        webhook, secret = await call.services.webhooks.rotate_secret(tx, call.caller, webhook_id)
        return answer(webhook_view(webhook, secret))

    return await _perform(request, act, webhook_id, is_secret=True)


@post("/webhooks/{webhook_id:str}/test", status_code=202)
async def send_ping(request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """Sends a ping."""

    async def act(call: Call, tx: Tx) -> Answer:
        return answer(delivery_view(await call.services.webhooks.send_ping(tx, call.caller, webhook_id)), 202)

    return await _perform(request, act, webhook_id)


@get("/webhooks/{webhook_id:str}/deliveries")
async def list_deliveries(request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """What a webhook was sent, newest first."""
    call = await open_call(request, Scope.WEBHOOKS_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    status = _read_status(request)
    async with call.services.database.read() as tx:
        webhook = await call.services.webhooks.get_webhook(tx, call.caller, webhook_id)
        page = await call.services.webhooks.list_deliveries(tx, webhook, status, page_request)
    filters = {} if status is None else {"status": status.value}
    cursors = [item.message_id for item in page.items]
    links = page_links(f"/webhooks/{webhook_id}/deliveries", page_request, page, cursors, filters)
    return json_response(request, DeliveriesView([delivery_view(item) for item in page.items], links))


@post("/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}/replay", status_code=202)
async def replay_delivery(
    request: ApiRequest, webhook_id: FromPath[str], delivery_id: FromPath[str]
) -> Response[bytes]:
    """Sends a message again."""

    async def act(call: Call, tx: Tx) -> Answer:
        office = call.services.webhooks
        delivery = await office.replay_delivery(tx, call.caller, webhook_id, delivery_id)
        return answer(delivery_view(delivery), 202)

    return await _perform(request, act, webhook_id, delivery_id)


def webhook_view(webhook: Webhook, secret: str | None = None) -> WebhookView:
    """A webhook as it is shown; with its secret, if that was made just now."""
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        events=[_word(event) for event in webhook.events],
        enabled=webhook.is_enabled,
        disabled_reason=_word(webhook.disabled_reason),
        disabled_at=webhook.disabled_at,
        failing_since=webhook.failing_since,
        previous_secret_until=webhook.previous_until,
        created_at=webhook.created_at,
        updated_at=webhook.updated_at,
        secret=UNSET if secret is None else secret,
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    """A delivery as it is shown."""
    return DeliveryView(
        id=delivery.message_id,
        type=delivery.type.value,
        status=delivery.status.value,
        attempts=delivery.attempts,
        status_code=delivery.last_status,
        error=_word(delivery.last_error),
        milliseconds=delivery.milliseconds,
        created_at=delivery.created_at,
        last_attempt_at=delivery.last_attempt_at,
        next_attempt_at=delivery.next_attempt_at,
    )


def _word(value: StrEnum | None) -> Any:
    """A word of ours as one of the shape's: tests hold the two together."""
    return None if value is None else value.value


async def _perform(
    request: ApiRequest,
    act: Callable[[Call, Tx], Awaitable[Answer]],
    webhook_id: str,
    delivery_id: str | None = None,
    *,
    is_secret: bool = False,
) -> Response[bytes]:
    """A change without a body."""
    call = await open_call_with_optional_body(request, Scope.WEBHOOKS_WRITE)
    fields = read_fields(decode_members(call.body), {}, ())

    async def find(tx: Tx) -> None:
        webhook = await call.services.webhooks.get_webhook(tx, call.caller, webhook_id)
        if delivery_id is not None:
            await get_delivery(tx, webhook, delivery_id)

    async with finding_first(call, find):
        fields.require_sound()

    async def act_now(tx: Tx) -> Answer:
        return await act(call, tx)

    return await call.perform(act_now, is_secret=is_secret)


def _read_body(call: Call, checks: dict[str, Check], required: tuple[str, ...] = ()) -> dict[str, Any]:
    fields = read_fields(decode_members(call.body), checks, required)
    fields.require_sound()
    return fields.values


def _read_status(request: ApiRequest) -> DeliveryStatus | None:
    value = request.query_params.get("status")
    if value is None:
        return None
    try:
        return DeliveryStatus(value)
    except ValueError:
        raise Refused(unsupported_parameter("status")) from None


def _url(name: str, raw: msgspec.Raw) -> str:
    """A check: a text; whether it is an address that can be used is for the action to say."""
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None


def _events(name: str, raw: msgspec.Raw) -> tuple[EventType, ...]:
    """A check: an array of at least one kind of event; the same one twice counts once."""
    try:
        sent = msgspec.json.decode(raw, type=list[Any])
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
    faults = [
        unsupported_field(f"{name}[{place}]", f"/{name}/{place}")
        for place, event in enumerate(sent)
        if event not in CHOOSABLE
    ]
    if faults or not sent:
        raise FieldFault(*(faults or [unsupported_field(name)]))
    return tuple(kind for kind in CHOOSABLE if kind in sent)
