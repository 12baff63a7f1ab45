"""/lists: the lead lists of the workspace, and what can be done with each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions import Tx, copying, list_control
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.lead_lists import ListChanges
from leadyard.actions.list_view import page_of_lists
from leadyard.api.fields import MAX_TEXT_LENGTH, is_clean
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, is_part, open_form, open_page
from leadyard.dashboard.cells import LIST_KINDS
from leadyard.dashboard.forms import faults_by_field
from leadyard.dashboard.queries import Query, is_number, word
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.errors import Refused
from leadyard.domain.lead_lists import LeadList, ListStatus, is_id
from leadyard.domain.leads import ListType
from leadyard.domain.list_index import IndexRequest, ListSort, Shown


class Question(msgspec.Struct, frozen=True):
    """What is asked before something is done with a list."""

    action: str
    title: str
    button: str
    kind: str = "primary"
    text: str = ""


RENAME = Question("rename", "Rename the list", "Rename")
CANCEL = Question(
    "cancel",
    "Cancel the list",
    "Cancel the list",
    "danger",
    "What has not begun stops, and what is set aside for it comes back. What was found stays, and what "
    "was paid too. A canceled list takes no more leads; to stop for a while, pause it instead.",
)
COPIED = "This is the copy. Its leads are kept as they were sent; nothing was charged."
TYPE_WORDS = {"linkedin": "LinkedIn", "email": "E-mail", "titles_and_company": "Title and company"}


@get("/lists")
async def get_lists(request: ApiRequest) -> Response[str]:
    """A page of lists: all, or those that the filters leave."""
    call = await open_page(request, Scope.LISTS_READ)
    query = _read_query(request)
    wanted = _index_request(query)
    async with call.services.database.read() as tx:
        page = await page_of_lists(tx, call.caller, wanted, call.services.rules)
    template = "lists/rows.html" if is_part(request) else "lists/index.html"
    return call.page(
        template,
        page=page,
        query=query,
        wanted=wanted,
        capacity=call.services.rules.limits.leads_per_list,
        type_words=TYPE_WORDS,
        list_kinds=LIST_KINDS,
        statuses=[status.value for status in ListStatus],
    )


@get("/lists/{list_id:str}/rename")
async def ask_name(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Asks for another name."""
    call = await open_page(request, Scope.LISTS_WRITE)
    return await _ask(call, list_id, RENAME)


@post("/lists/{list_id:str}/rename", status_code=200)
async def rename_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Gives a list another name."""
    call = await open_form(request, Scope.LISTS_WRITE)
    try:
        name = call.form.text("name", "The name", MAX_TEXT_LENGTH)
    except Refused as error:
        return await _ask(call, list_id, RENAME, faults_by_field(error))
    async with call.services.database.write() as tx:
        await list_actions.update_list(tx, call.caller, list_id, ListChanges(name=name))
    return call.go(_back(call, list_id), "Renamed.")


@post("/lists/{list_id:str}/copy", status_code=200)
async def copy_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Makes a list with the same leads and settings."""
    call = await open_form(request, Scope.LISTS_WRITE)
    made = await copying.copy_list(call.services.database, call.services.rules, call.caller, list_id)
    return call.go(f"/lists/{made.id}", COPIED)


@post("/lists/{list_id:str}/pause", status_code=200)
async def pause_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Begins nothing more of a list."""
    return await _change(request, list_id, list_control.pause_list, "Paused. Leads under way are finished.")


@post("/lists/{list_id:str}/resume", status_code=200)
async def resume_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Goes on with a list."""
    return await _change(request, list_id, list_control.resume_list, "The list goes on.")


@get("/lists/{list_id:str}/cancel")
async def ask_cancel(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Asks whether a list is to be stopped for good."""
    call = await open_page(request, Scope.LISTS_WRITE)
    return await _ask(call, list_id, CANCEL)


@post("/lists/{list_id:str}/cancel", status_code=200)
async def cancel_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Stops a list for good."""

    async def cancel(tx: Tx, caller: Caller, list_id: str) -> LeadList:
        return await list_actions.update_list(tx, caller, list_id, ListChanges(cancel=True))

    return await _change(request, list_id, cancel, "Canceled. What was held was given back.")


@post("/lists/{list_id:str}/delete", status_code=200)
async def delete_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Deletes a list; for a day it can be taken back."""
    call = await open_form(request, Scope.LISTS_WRITE)
    async with call.services.database.write() as tx:
        await list_actions.delete_list(tx, call.caller, list_id)
    return call.go("/lists?shown=deleted", "Deleted. Until it is gone for good you can take that back here.")


@post("/lists/{list_id:str}/restore", status_code=200)
async def restore_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Takes the deletion of a list back."""
    call = await open_form(request, Scope.LISTS_WRITE)
    async with call.services.database.write() as tx:
        await list_actions.restore_list(tx, call.services.rules, call.caller, list_id)
    return call.go(f"/lists/{list_id}", "The list is back.")


async def _ask(
    call: PageCall, list_id: str, question: Question, faults: Mapping[str, str] | None = None
) -> Response[str]:
    async with call.services.database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
    is_from_list = call.form.has("from_list") or "from_list" in call.request.query_params
    status = 400 if faults else 200
    told = msgspec.structs.asdict(question)
    told.update(list=found, from_list=is_from_list)
    return call.page("lists/ask.html", status=status, faults=faults, **told)


async def _change(
    request: ApiRequest, list_id: str, change: Callable[[Tx, Caller, str], Awaitable[LeadList]], told: str
) -> Response[str]:
    call = await open_form(request, Scope.LISTS_WRITE)
    async with call.services.database.write() as tx:
        await change(tx, call.caller, list_id)
    return call.go(_back(call, list_id), told)


def _back(call: PageCall, list_id: str) -> str:
    """The page that the form was on: that of the list, or all lists."""
    return f"/lists/{list_id}" if call.form.has("from_list") and is_id(list_id) else "/lists"


def _read_query(request: ApiRequest) -> Query:
    known = {
        "status": tuple(ListStatus),
        "type": tuple(ListType),
        "shown": (Shown.HIDDEN, Shown.DELETED),
        "owner": ("me",),
        "sort": tuple(ListSort),
        "dir": ("desc", "asc"),
    }
    given = {}
    for name in ("search", *known, "page"):
        value = request.query_params.get(name, "").strip()
        can_be = value in known[name] if name in known else len(value) <= MAX_TEXT_LENGTH and is_clean(value)
        if value and can_be and (name != "page" or is_number(value)):
            given[name] = value
    return Query("/lists", given)


def _index_request(query: Query) -> IndexRequest:
    given = query.given
    sort = word(ListSort, given.get("sort"))
    return IndexRequest(
        search=given.get("search", ""),
        status=given.get("status", ""),
        type=given.get("type", ""),
        is_mine="owner" in given,
        shown=word(Shown, given.get("shown")) or Shown.ALL,
        sort=sort or ListSort.CREATED,
        is_descending=given.get("dir") == "desc" if sort else True,
        page=int(given.get("page", "1")),
    )
