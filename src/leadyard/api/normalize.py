"""POST /normalize: the identity that the service gives to a lead, for callers who want to know it before."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import Response, post

from leadyard.actions import Tx
from leadyard.actions.idempotency import Answer
from leadyard.api.call import answer, decode_members, look_at, open_call_with_body
from leadyard.api.errors import error_item
from leadyard.api.fields import leads, one_of, read_fields
from leadyard.api.leads import LIST_TYPES
from leadyard.api.schemas import NormalizedLead, NormalizedView
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.leads import ListType, explain_lead, lead_key
from leadyard.domain.leads import read_fields as read_lead_fields


@post("/normalize", status_code=200)
async def normalize(request: ApiRequest) -> Response[bytes]:
    """The key of each lead, or what keeps it from being used."""
    call = await open_call_with_body(request, Scope.LISTS_READ)
    limits = call.services.rules.limits
    checks = {
        "type": one_of(LIST_TYPES),
        "leads": leads(limits.too_many_leads(), limits.leads_per_request),
    }
    fields = read_fields(decode_members(call.body), checks, ("type", "leads"))
    fields.require_sound()
    list_type = ListType(fields.values["type"])
    results = await look_at(call.body, normalize_leads, list_type, fields.values["leads"].each)

    if call.request_key is None:
        return json_response(request, NormalizedView(results))

    async def act(_tx: Tx) -> Answer:
        return answer(NormalizedView(results), tells_persons=True)

    return await call.perform(act)


def normalize_leads(list_type: ListType, raws: Sequence[msgspec.Raw]) -> list[NormalizedLead]:
    """The result of each lead."""
    return [_normalize_lead(list_type, place, raw) for place, raw in enumerate(raws)]


def _normalize_lead(list_type: ListType, place: int, raw: msgspec.Raw) -> NormalizedLead:
    faults = explain_lead(list_type, raw)
    if faults:
        return NormalizedLead(place, error=error_item(faults[0].at(place)))
    return NormalizedLead(place, key=lead_key(list_type, read_lead_fields(raw)))
