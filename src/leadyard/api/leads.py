"""POST /lead-lists/{id}/leads, and the record of what became of each lead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from functools import partial

import msgspec
from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from leadyard.actions import Tx
from leadyard.actions import lead_lists as list_actions
from leadyard.actions import leads as lead_actions
from leadyard.actions.idempotency import Answer
from leadyard.api.admission import LARGE_BYTES
from leadyard.api.call import Call, answer, decode_members, finding_first, look_at, open_call
from leadyard.api.estimates import estimate_response, open_spending_call, read_dry_run
from leadyard.api.fields import Check, Fields, leads, one_of, read_fields
from leadyard.api.schemas import AddedView
from leadyard.api.utf8 import Utf8Check
from leadyard.api.views import addition_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.drafting import LazyDrafts, draft_leads, require_whole
from leadyard.domain.errors import Refused
from leadyard.domain.identity import InvalidIdentity
from leadyard.domain.leads import LeadDraft, ListType, UnusableLead, wrong_type

LIST_TYPES = tuple(kind.value for kind in ListType)
_UNSOUND = (UnicodeDecodeError, msgspec.DecodeError, RecursionError, InvalidIdentity, UnusableLead)


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    type: ListType
    leads: list[msgspec.Raw]


_decode_body = msgspec.json.Decoder(_Body).decode


@post("/lead-lists/{list_id:str}/leads", status_code=202)
async def add_leads(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Adds leads to a list; with `dry_run=true`, tells what adding them would come to."""
    call = await open_spending_call(request, Scope.LISTS_WRITE)
    async with finding_first(call, partial(list_actions.get_list, caller=call.caller, list_id=list_id)):
        is_dry_run = read_dry_run(request)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    utf8 = Utf8Check(call.body)
    sound = await _read_sound_leads(call, utf8)
    if sound is not None:
        # Most of them are yet to be looked at: if one cannot be used, nothing has been done.
        with suppress(*_UNSOUND):
            return await _add(call, list_id, *sound, is_dry_run=is_dry_run)
    # A large body's leads are not kept twice.
    del sound
    leads_of_type = await _read_leads_of(call, list_id, utf8)
    return await _add(call, list_id, *leads_of_type, is_dry_run=is_dry_run)


async def _add(
    call: Call, list_id: str, list_type: ListType, drafts: Sequence[LeadDraft], *, is_dry_run: bool
) -> Response[bytes]:
    if is_dry_run:
        await look_at(call.body, require_whole, drafts)
        return await _preview(call, list_id, list_type, drafts)
    rules, caller, desk, size = call.rules, call.caller, call.services.adding, len(call.body)
    if call.request_key is None and desk.takes(drafts, size):
        added = await desk.add(rules, caller, list_id, list_type, drafts, size)
        return call.respond(_answer(list_id, added))

    async def act(tx: Tx) -> Answer:
        try:
            added = await lead_actions.add_leads(tx, rules, caller, list_id, list_type, drafts)
        except Exception:
            # What the leads are comes before whether the list can take them.
            require_whole(drafts)
            raise
        require_whole(drafts)
        return _answer(list_id, added)

    response = await call.perform(act)
    response.background = BackgroundTask(_let_go, drafts)
    return response


def _answer(list_id: str, added: lead_actions.AddedLeads) -> Answer:
    location = f"/lead-lists/{list_id}/additions/{added.addition_id}"
    return answer(AddedView(added.total, added.added), 202, {"Location": location})


async def _let_go(drafts: Sequence[LeadDraft]) -> None:
    """Keeps leads until the answer is sent: to free thousands takes a millisecond, and more."""


@get("/lead-lists/{list_id:str}/additions/{addition_id:str}")
async def get_addition(
    request: ApiRequest, list_id: FromPath[str], addition_id: FromPath[str]
) -> Response[bytes]:
    """What became of the leads of one POST."""
    call = await open_call(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        addition = await lead_actions.get_addition(tx, call.caller, list_id, addition_id)
    return json_response(request, addition_view(addition))


def read_drafts(fields: Fields, list_type: ListType) -> list[LeadDraft]:
    """Checks the leads of a body for a type of list; what is wrong is reported to `fields`."""
    if "leads" not in fields.values:
        return []
    drafts, faults = draft_leads(list_type, fields.values["leads"])
    fields.report("leads", *faults)
    return drafts


async def _read_sound_leads(call: Call, utf8: Utf8Check) -> tuple[ListType, LazyDrafts] | None:
    """What a body comes to that seems to have no fault; None for any other, which is looked at part by part.

    Only the first leads are looked at. The others, and whether the rest is UTF-8, are left to be looked at
    while the database stores those before them: it does most of that without this thread.

    Large ones come one after the other, with a pause: what is under way in the database goes on meanwhile,
    and does not wait until all bodies that have come are looked at. Raises NotUtf8.
    """
    is_large = len(call.body) >= LARGE_BYTES
    async with call.services.admission.looking if is_large else nullcontext():
        try:
            found = _decode_body(call.body)
            if len(found.leads) > call.services.rules.limits.leads_per_request:
                return None
            if is_large:
                await asyncio.sleep(0)
            return found.type, LazyDrafts(found.type, call.body, found.leads, utf8.look_on)
        except _UNSOUND:
            return None


async def _read_leads_of(call: Call, list_id: str, utf8: Utf8Check) -> tuple[ListType, list[LeadDraft]]:
    members = decode_members(call.body, utf8)
    try:
        return await look_at(call.body, _read_leads, call, members)
    except Refused as error:
        # Not the error itself, whose traceback would keep this frame, and with it the body.
        faults = error.faults
    # Whether there is such a list comes first, and its own type says what is wrong with the leads.
    async with call.services.database.read() as tx:
        lead_list = await list_actions.get_list(tx, call.caller, list_id)
    if members.get("type") == msgspec.Raw(msgspec.json.encode(lead_list.type)):
        raise Refused(*faults)
    return await look_at(call.body, _read_leads, call, members, lead_list.type)


def _read_leads(
    call: Call, members: dict[str, msgspec.Raw], list_type: ListType | None = None
) -> tuple[ListType, list[LeadDraft]]:
    """The body's type and its checked leads, which are read by the type of their list if it is known.

    Raises Refused with everything that is wrong.
    """
    fields = read_fields(members, _checks(call), ("type", "leads"))
    told = fields.values.get("type")
    kind = list_type or (ListType(told) if told else None)
    drafts = read_drafts(fields, kind) if kind else []
    if told and told != kind:
        fields.report("type", wrong_type(told))
    fields.require_sound()
    assert kind is not None
    return kind, drafts


async def _preview(
    call: Call, list_id: str, list_type: ListType, drafts: Sequence[LeadDraft]
) -> Response[bytes]:
    rules, caller = call.services.rules, call.caller
    async with call.services.database.read() as tx:
        preview = await lead_actions.preview_leads(tx, rules, caller, list_id, list_type, drafts)
    return estimate_response(call, preview)


def _checks(call: Call) -> dict[str, Check]:
    limits = call.services.rules.limits
    return {
        "type": one_of(LIST_TYPES),
        "leads": leads(limits.too_many_leads(), limits.leads_per_request),
    }
