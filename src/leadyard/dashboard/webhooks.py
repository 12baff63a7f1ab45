"""/account/webhooks: where events are sent to, and what was sent. Secrets are shown once."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions.webhooks import WebhookChanges
from leadyard.api.errors import STATUSES
from leadyard.api.paging import read_page
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import Conflict, LeadyardError, Refused
from leadyard.domain.events import CHOOSABLE, EventType
from leadyard.domain.pages import PageRequest
from leadyard.domain.webhooks import MAX_URL_LENGTH, MAX_WEBHOOKS, DeliveryStatus

PATH = "/account/webhooks"
ONE = f"{PATH}/{{webhook_id:str}}"
PAGE_SIZE = 25
EVENTS = {
    EventType.LIST_COMPLETED: "Every lead of a list has come to an end",
    EventType.LIST_PAUSED: "A list waits, for a limit or a provider",
    EventType.LIST_FULL: "A list has no more room",
    EventType.ADDITION_STORED: "Leads were added to a list",
    EventType.LEAD_ENRICHED: "Leads have come to an end",
    EventType.CREDITS_LOW: "A balance has fallen below the warning",
    EventType.WEBHOOK_DISABLED: "A webhook was disabled because it failed",
}


@get(PATH)
async def get_webhooks(request: ApiRequest) -> Response[str]:
    """The webhooks of the workspace, oldest first."""
    return await _webhooks_page(await open_page(request, Scope.WEBHOOKS_READ))


@post(PATH, status_code=200)
async def add_webhook(request: ApiRequest) -> Response[str]:
    """Makes a webhook and shows its secret."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    try:
        url, events = _read_url(call.form), _read_events(call.form)
        async with call.services.database.write() as tx:
            made, secret = await call.services.webhooks.add_webhook(tx, call.caller, url, events)
    except (Refused, Conflict) as error:
        return await _webhooks_page(call, error)
    return await _webhook_page(call, made.id, secret=secret)


@get(ONE)
async def get_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """One webhook, and what it was sent, newest first."""
    return await _webhook_page(await open_page(request, Scope.WEBHOOKS_READ), webhook_id)


@post(ONE, status_code=200)
async def change_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """Changes the address and the events."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    try:
        changes = WebhookChanges(_read_url(call.form), _read_events(call.form))
        async with call.services.database.write() as tx:
            await call.services.webhooks.update_webhook(tx, call.caller, webhook_id, changes)
    except Refused as error:
        return await _webhook_page(call, webhook_id, error=error)
    return call.go(f"{PATH}/{webhook_id}", "The webhook is changed.")


@post(f"{ONE}/enabled", status_code=200)
async def enable_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """Enables or disables it."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    is_enabled = call.form.choice("enabled", "The state", ("yes", "no")) == "yes"
    async with call.services.database.write() as tx:
        changes = WebhookChanges(enabled=is_enabled)
        await call.services.webhooks.update_webhook(tx, call.caller, webhook_id, changes)
    return call.go(f"{PATH}/{webhook_id}", f"The webhook is {'enabled' if is_enabled else 'disabled'}.")


@post(f"{ONE}/rotate", status_code=200)
async def rotate_secret(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """Gives it a new secret and shows it."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.write() as tx:
        _, secret = await call.services.webhooks.rotate_secret(tx, call.caller, webhook_id)
    return await _webhook_page(call, webhook_id, secret=secret)


@post(f"{ONE}/ping", status_code=200)
async def send_ping(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """Sends it a message that says nothing."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.webhooks.send_ping(tx, call.caller, webhook_id)
    return call.go(f"{PATH}/{webhook_id}", "A ping is on its way. Reload the page to see what became of it.")


@post(f"{ONE}/delete", status_code=200)
async def delete_webhook(request: ApiRequest, webhook_id: FromPath[str]) -> Response[str]:
    """Forgets it and what it was sent."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.webhooks.delete_webhook(tx, call.caller, webhook_id)
    return call.go(PATH, "The webhook is deleted.")


@post(f"{ONE}/deliveries/{{message_id:str}}/replay", status_code=200)
async def replay_delivery(
    request: ApiRequest, webhook_id: FromPath[str], message_id: FromPath[str]
) -> Response[str]:
    """Sends a message again."""
    call = await open_form(request, Scope.WEBHOOKS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.webhooks.replay_delivery(tx, call.caller, webhook_id, message_id)
    return call.go(f"{PATH}/{webhook_id}", "The message is sent again.")


async def _webhooks_page(call: PageCall, error: LeadyardError | None = None) -> Response[str]:
    async with call.services.database.read() as tx:
        page = await call.services.webhooks.list_webhooks(tx, call.caller, PageRequest(MAX_WEBHOOKS))
    return call.page(
        "webhooks.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        webhooks=page.items,
        events=EVENTS,
    )


async def _webhook_page(
    call: PageCall, webhook_id: str, *, secret: str | None = None, error: LeadyardError | None = None
) -> Response[str]:
    told = call.request.query_params.get("status", "")
    status = DeliveryStatus(told) if told in set(DeliveryStatus) else None
    page_request = read_page(call.request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        webhook = await call.services.webhooks.get_webhook(tx, call.caller, webhook_id)
        page = await call.services.webhooks.list_deliveries(tx, webhook, status, page_request)
    return call.page(
        "webhook.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        webhook=webhook,
        deliveries=page,
        secret=secret,
        chosen=status,
        states=list(DeliveryStatus),
        events=EVENTS,
    )


def _read_url(form: Form) -> str:
    return form.text("url", "The address", MAX_URL_LENGTH)


def _read_events(form: Form) -> list[EventType]:
    """Raises Refused for none, and for one that cannot be chosen."""
    words: dict[str, EventType] = {event.value: event for event in CHOOSABLE}
    chosen = [words[word] for word in form.all("events") if word in words]
    if not chosen:
        raise fault_at("events", "Choose an event or more.")
    return chosen
