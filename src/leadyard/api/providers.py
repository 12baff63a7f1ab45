"""/providers and /waterfall: which services are asked, in which order, and what they may cost."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from litestar import Response, delete, get, put
from litestar.params import FromPath
from msgspec import UNSET

from leadyard.actions.providers import NewProvider, require_changeable
from leadyard.api.call import Call, open_call, open_call_with_body
from leadyard.api.paging import self_link
from leadyard.api.provider_schemas import (
    LimitsBody,
    ListOrderBody,
    OrderBody,
    ProviderBody,
    ProvidersView,
    WaterfallBody,
)
from leadyard.api.provider_views import override_view, provider_view, waterfall_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import Refused, pointer_token, unsupported_body, unsupported_field
from leadyard.domain.waterfall import Order, OrderOverride, Plan, SpendingLimits

BodyT = TypeVar("BodyT")

_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_UNKNOWN_FIELD = re.compile("unknown field `([^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@get("/providers")
async def list_providers(request: ApiRequest) -> Response[bytes]:
    """Every provider: our own, those that are set up, and those that can be."""
    call = await open_call(request, Scope.PROVIDERS_READ)
    async with call.services.database.read() as tx:
        reports = await call.services.office.list_providers(tx, call.caller)
    view = ProvidersView([provider_view(report, call.caller) for report in reports], self_link("/providers"))
    return json_response(request, view)


@put("/providers/{name:str}")
async def put_provider(request: ApiRequest, name: FromPath[str]) -> Response[bytes]:
    """Sets a provider up, or changes how it is."""
    call = await open_call_with_body(request, Scope.PROVIDERS_WRITE)
    require_changeable(call.caller)
    body = _read_body(call, ProviderBody)
    if not _NAME.fullmatch(name):
        raise Refused(unsupported_field("name", ""))
    price = 1.0 if body.credit_price is None else body.credit_price
    new = NewProvider(name, body.kind, body.api_key, body.options or {}, price)
    async with call.services.database.write() as tx:
        report = await call.services.office.put_provider(tx, call.caller, new)
    return json_response(request, provider_view(report, call.caller))


@delete("/providers/{name:str}", status_code=204)
async def delete_provider(request: ApiRequest, name: FromPath[str]) -> None:
    """Forgets a provider and its key."""
    call = await open_call(request, Scope.PROVIDERS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.office.delete_provider(tx, call.caller, name)


@get("/waterfall")
async def get_waterfall(request: ApiRequest) -> Response[bytes]:
    """The order in which providers are asked, and what they may cost."""
    call = await open_call(request, Scope.PROVIDERS_READ)
    async with call.services.database.read() as tx:
        plan = await call.services.office.get_plan(tx, call.caller)
    return json_response(request, waterfall_view(plan))


@put("/waterfall")
async def put_waterfall(request: ApiRequest) -> Response[bytes]:
    """Sets the order, the limits, or both."""
    call = await open_call_with_body(request, Scope.PROVIDERS_WRITE)
    require_changeable(call.caller)
    body = _read_body(call, WaterfallBody)
    async with call.services.database.write() as tx:
        plan = await call.services.office.get_plan(tx, call.caller)
        plan = Plan(_order(plan.order, body.order), _limits(plan.limits, body.limits))
        plan = await call.services.office.put_plan(tx, call.caller, plan)
    return json_response(request, waterfall_view(plan))


@get("/lead-lists/{list_id:str}/waterfall")
async def get_list_waterfall(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """What a list has otherwise than its account."""
    call = await open_call(request, Scope.PROVIDERS_READ)
    async with call.services.database.read() as tx:
        override = await call.services.office.get_override(tx, call.caller, list_id)
    return json_response(request, override_view(override))


@put("/lead-lists/{list_id:str}/waterfall")
async def put_list_waterfall(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Sets what a list has otherwise than its account."""
    call = await open_call_with_body(request, Scope.PROVIDERS_WRITE)
    async with call.services.database.read() as tx:
        await call.services.office.get_override(tx, call.caller, list_id)
    require_changeable(call.caller)
    body = _read_body(call, ListOrderBody)
    override = msgspec.convert(msgspec.structs.asdict(body), OrderOverride)
    async with call.services.database.write() as tx:
        override = await call.services.office.put_override(tx, call.caller, list_id, override)
    return json_response(request, override_view(override))


def _read_body(call: Call, shape: type[BodyT]) -> BodyT:
    """The body in its shape. Raises Refused, at the place of the first fault."""
    try:
        return msgspec.json.decode(call.body, type=shape)
    except msgspec.ValidationError as error:
        raise Refused(_explain(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused(unsupported_body("is not valid JSON")) from None


def _explain(text: str) -> Any:
    place = _PLACE.search(text)
    steps = [name or index for name, index in _STEP.findall(place[1] if place else "")]
    if unknown := _UNKNOWN_FIELD.search(text):
        steps.append(unknown[1])
    if not steps:
        return unsupported_body("must be a JSON object")
    pointer = "".join(f"/{pointer_token(step)}" for step in steps if step != "...")
    return unsupported_field(".".join(steps), pointer)


def _order(order: Order, body: OrderBody | None) -> Order:
    if body is None:
        return order
    told = {name: tuple(value) for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    return msgspec.structs.replace(order, **told)


def _limits(limits: SpendingLimits, body: LimitsBody | None) -> SpendingLimits:
    return limits if body is None else msgspec.convert(msgspec.structs.asdict(body), SpendingLimits)
