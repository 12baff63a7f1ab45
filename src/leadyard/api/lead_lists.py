"""/lead-lists: create, find, read, change, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath

from leadyard.actions import Tx
from leadyard.actions import lead_lists as list_actions
from leadyard.actions import leads as lead_actions
from leadyard.actions.idempotency import Answer
from leadyard.actions.lead_lists import ListChanges
from leadyard.api.call import Call, answer, decode_members, look_at, open_call, open_call_with_body
from leadyard.api.estimates import estimate_response, open_spending_call, read_dry_run
from leadyard.api.fields import (
    MAX_TEXT_LENGTH,
    Check,
    boolean,
    flags,
    is_clean,
    leads,
    one_of,
    read_fields,
    text,
)
from leadyard.api.leads import LIST_TYPES, read_drafts
from leadyard.api.paging import COLLECTION_PAGE_SIZE, ENTRIES_PAGE_SIZE, page_links, read_page
from leadyard.api.schemas import LeadListsView
from leadyard.api.views import entry_view, list_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import Fault, Refused, unsupported_parameter
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus, NewList
from leadyard.domain.leads import ListType, sent_email

OPTION_NAMES = ("reveal_phone_numbers", "validate_email", "enrich")
LEADS_A_SECOND = 2_000
MAX_RETRY_AFTER_SECONDS = 30
_SETTINGS: dict[str, Check] = {
    "name": text,
    "shared": boolean,
    "visible": boolean,
    "owner": text,
    "options": flags(OPTION_NAMES),
}


@post("/lead-lists", status_code=202)
async def create_list(request: ApiRequest) -> Response[bytes]:
    """A new list with its first leads, which are added as by a call of their own."""
    call = await open_spending_call(request, Scope.LISTS_WRITE)
    is_dry_run = read_dry_run(request)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    limits = call.services.rules.limits
    checks = {
        **_SETTINGS,
        "type": one_of(LIST_TYPES),
        "leads": leads(limits.too_many_leads(), limits.leads_per_request),
    }
    fields = read_fields(decode_members(call.body), checks, ("shared", "owner", "type", "leads"))
    drafts = []
    if "type" in fields.values:
        drafts = await look_at(call.body, read_drafts, fields, ListType(fields.values["type"]))
    if "owner" in fields.values:
        await _check_owner(call, fields.values["owner"], fields)
    fields.require_sound()
    new = _new_list(fields.values)
    if is_dry_run:
        async with call.services.database.read() as tx:
            preview = await lead_actions.preview_new_list(tx, call.rules, call.caller, new, drafts)
        return estimate_response(call, preview)

    async def act(tx: Tx) -> Answer:
        rules, caller = call.rules, call.caller
        owner = fields.values["owner"]
        created = await list_actions.create_list(tx, caller, owner, new, limits.leads_per_list)
        await lead_actions.add_to_locked_list(tx, rules, caller, created, drafts)
        created = await list_actions.reload_list(tx, created)
        headers = {"Location": f"/lead-lists/{created.id}", "Retry-After": retry_after(created)}
        return answer(list_view(created, call.services.public_url), 202, headers)

    return await call.perform(act)


@get("/lead-lists")
async def list_lists(request: ApiRequest) -> Response[bytes]:
    """The lists of the workspace, newest first."""
    call = await open_call(request, Scope.LISTS_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    given, filters = _read_filters(request)
    run = call.services.database.read_at_once
    page = await list_actions.list_lists(run, call.caller, filters, page_request)
    cursors = [found.id for found in page.items]
    links = page_links("/lead-lists", page_request, page, cursors, given)
    views = [list_view(found, call.services.public_url) for found in page.items]
    return json_response(request, LeadListsView(views, links))


@get("/lead-lists/{list_id:str}")
async def get_list(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """A list and a page of its leads."""
    call = await open_call(request, Scope.LISTS_READ)
    page_request = read_page(request, ENTRIES_PAGE_SIZE)
    database = call.services.database
    found, page = await list_actions.get_list_with_page(database, call.caller, list_id, page_request)
    entries = [entry_view(found, entry) for entry in page.items]
    path = f"/lead-lists/{found.id}"
    links = page_links(path, page_request, page, [entry.id for entry in entries])
    view = list_view(found, call.services.public_url, links)
    return json_response(request, msgspec.structs.replace(view, leads=entries), headers=retry_headers(found))


@patch("/lead-lists/{list_id:str}")
async def update_list(request: ApiRequest, list_id: FromPath[str]) -> Response[bytes]:
    """Changes a list's settings, or cancels it."""
    call = await open_call_with_body(request, Scope.LISTS_WRITE)
    members = decode_members(call.body)
    async with call.services.database.read() as tx:
        await list_actions.get_list(tx, call.caller, list_id)
    checks = {**_SETTINGS, "status": one_of((ListStatus.CANCELED.value,))}
    fields = read_fields(members, checks, ())
    if "owner" in fields.values:
        await _check_owner(call, fields.values["owner"], fields)
    fields.require_sound()
    changes = _changes(fields.values)

    async def act(tx: Tx) -> Answer:
        changed = await list_actions.update_list(tx, call.caller, list_id, changes)
        return answer(list_view(changed, call.services.public_url))

    return await call.perform(act)


@delete("/lead-lists/{list_id:str}", status_code=204)
async def delete_list(request: ApiRequest, list_id: FromPath[str]) -> None:
    """Deletes a list; later calls on it are answered with 410."""
    call = await open_call(request, Scope.LISTS_WRITE)
    async with call.services.database.write() as tx:
        await list_actions.delete_list(tx, call.caller, list_id)


def retry_after(lead_list: LeadList) -> str:
    """In how many seconds it is worth asking again."""
    unfinished = lead_list.progress.queued + lead_list.progress.processing
    return str(min(max(unfinished // LEADS_A_SECOND, 1), MAX_RETRY_AFTER_SECONDS))


def retry_headers(lead_list: LeadList) -> dict[str, str]:
    """`Retry-After`, while it is worth asking again."""
    return {} if lead_list.status.is_terminal else {"Retry-After": retry_after(lead_list)}


def read_cancel(members: dict[str, msgspec.Raw]) -> None:
    """Requires a body that cancels and says nothing else. Raises Refused."""
    read_fields(members, {"status": one_of((ListStatus.CANCELED.value,))}, ("status",)).require_sound()


async def _check_owner(call: Call, owner: str, fields: Any) -> None:
    async with call.services.database.read() as tx:
        try:
            await list_actions.require_owner(tx, call.caller, owner)
        except Refused as error:
            fields.report("owner", *error.faults)


def _new_list(values: dict[str, Any]) -> NewList:
    default_name = f"{values['type']} {datetime.now(UTC):%Y-%m-%d}"
    return NewList(
        name=values.get("name", default_name),
        type=ListType(values["type"]),
        shared=values["shared"],
        visible=values.get("visible", True),
        options=ListOptions(**values.get("options", {})),
    )


def _changes(values: dict[str, Any]) -> ListChanges:
    return ListChanges(
        name=values.get("name"),
        shared=values.get("shared"),
        visible=values.get("visible"),
        owner=values.get("owner"),
        options=values.get("options", {}),
        cancel="status" in values,
    )


def _read_filters(request: ApiRequest) -> tuple[dict[str, str], dict[str, Any]]:
    """The filters as given, for links, and as values. Raises Refused for values that cannot be."""
    choices = {
        "status": tuple(status.value for status in ListStatus),
        "type": LIST_TYPES,
        "shared": ("true", "false"),
    }
    given: dict[str, str] = {}
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in ("status", "type", "owner_email", "owner_id", "name", "shared"):
        value = request.query_params.get(name)
        if value is None:
            continue
        if name == "shared":
            value = value.lower()
        is_text = len(value) <= MAX_TEXT_LENGTH and is_clean(value)
        if not is_text or value not in choices.get(name, (value,)):
            faults.append(unsupported_parameter(name))
        given[name] = value
        values[name] = value
    if "shared" in values:
        values["shared"] = values["shared"] == "true"
    if "owner_email" in values:
        values["owner_email"] = sent_email(values["owner_email"]) or values["owner_email"]
    if faults:
        raise Refused(*faults)
    return given, values
