"""POST /lead-lists/{id}/pause, /resume, /retry and /refresh."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from leadyard.actions import Tx, list_control
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.idempotency import Answer
from leadyard.actions.list_control import Prepared
from leadyard.api.call import Call, answer, decode_members, finding_first, open_call_with_optional_body
from leadyard.api.estimate_schemas import WorkEstimateView
from leadyard.api.estimates import open_spending_call, promise, read_dry_run
from leadyard.api.fields import Check, read_fields, whole_number
from leadyard.api.views import cost_view, list_view, reopening_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.credits import NOTHING
from leadyard.domain.errors import LeadyardError
from leadyard.domain.lead_lists import LeadList

DEFAULT_STALE_DAYS = 90
MAX_STALE_DAYS = 3_650

Prepare = Callable[[Tx, Caller, str], Awaitable[Prepared]]


@post("/lead-lists/{list_id:str}/pause", status_code=200)
async def pause_list(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Begins nothing more of a list until it is resumed."""
    return await _change(request, list_id, list_control.pause_list)


@post("/lead-lists/{list_id:str}/resume", status_code=200)
async def resume_list(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Goes on with a paused list."""
    return await _change(request, list_id, list_control.resume_list)


@post("/lead-lists/{list_id:str}/retry", status_code=202)
async def retry_failed(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Takes up again what failed; with `dry_run=true`, tells what that would come to."""
    call = await open_spending_call(request, Scope.LISTS_WRITE, open_call_with_optional_body)
    await _read_body(call, list_id, {})
    return await _reopen(call, list_id, list_control.prepare_retry)


@post("/lead-lists/{list_id:str}/refresh", status_code=202)
async def refresh_stale(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Enriches stale leads again; with `dry_run=true`, tells what that would come to."""
    call = await open_spending_call(request, Scope.LISTS_WRITE, open_call_with_optional_body)
    values = await _read_body(call, list_id, {"older_than_days": whole_number(0, MAX_STALE_DAYS)})
    age = timedelta(days=values.get("older_than_days", DEFAULT_STALE_DAYS))

    async def prepare(tx: Tx, caller: Caller, list_id: str) -> Prepared:
        return await list_control.prepare_refresh(tx, caller, list_id, age)

    return await _reopen(call, list_id, prepare)


async def _change(
    request: ApiRequest, list_id: str, change: Callable[[Tx, Caller, str], Awaitable[LeadList]]
) -> Response[bytes]:
    call = await open_call_with_optional_body(request, Scope.LISTS_WRITE)
    await _read_body(call, list_id, {})

    async def act(tx: Tx) -> Answer:
        return answer(list_view(await change(tx, call.caller, list_id), call.services.public_url))

    return await call.perform(act)


async def _reopen(call: Call, list_id: str, prepare: Prepare) -> Response[bytes]:
    async with finding_first(call, partial(list_actions.get_list, caller=call.caller, list_id=list_id)):
        is_dry = read_dry_run(call.request)
    prepared: Prepared | None = None
    # To read a whole list takes long: others write meanwhile. Faults are told below: an answer may be kept.
    with nullcontext() if is_dry else suppress(LeadyardError):
        async with call.services.database.read() as tx:
            prepared = await prepare(tx, call.caller, list_id)
    if is_dry and prepared is not None:
        told = prepared.reopening
        estimated = WorkEstimateView(told.total, cost_view(NOTHING, told.most), promise(call, told.most))
        return json_response(call.request, estimated)

    async def act(tx: Tx) -> Answer:
        found = prepared or await prepare(tx, call.caller, list_id)
        told = await list_control.reopen_prepared(tx, call.caller, list_id, found, call.at_most)
        return answer(reopening_view(told), 202)

    return await call.perform(act)


async def _read_body(call: Call, list_id: str, checks: dict[str, Check]) -> dict[str, Any]:
    fields = read_fields(decode_members(call.body), checks, ())
    async with finding_first(call, partial(list_actions.get_list, caller=call.caller, list_id=list_id)):
        fields.require_sound()
    return fields.values
