"""/lists/{id}: the leads of a list as a table, each of them with all that is known of it, and the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import lead_lists as list_actions
from leadyard.actions.export_files import MEDIA_TYPES, ExportFormat
from leadyard.actions.exports import Export, open_export
from leadyard.actions.list_view import list_sent_names, list_stamp, view_list
from leadyard.api.exports import content_disposition
from leadyard.api.views import entry_detail_view
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, PageCall, is_part, open_form, open_page
from leadyard.dashboard.cells import (
    COLUMNS,
    DEFAULT_COLUMNS,
    LIST_KINDS,
    SORTABLE,
    make_row,
    plain,
    step_heads,
)
from leadyard.dashboard.cookies import columns_cookie, columns_of
from leadyard.dashboard.queries import Query, entry_filter, read_query, view_request
from leadyard.domain.accounts import Scope
from leadyard.domain.entries import EntryStatus
from leadyard.domain.export_columns import COLUMNS as EXPORT_COLUMNS
from leadyard.domain.export_columns import MAX_COLUMNS, SENT_PREFIX, is_column
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_view import PAGE_SIZE, ListCounts, ViewPage


@get("/lists/{list_id:str}")
async def get_list(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """A page of the leads that the filters leave, in the order wanted; as a part, without the frame."""
    call = await open_page(request, Scope.LISTS_READ)
    query = read_query(f"/lists/{list_id}", request.query_params)
    async with call.services.database.read_much() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
        page, counts = await view_list(tx, found, view_request(query))
        sent = [] if is_part(request) else await list_sent_names(tx, found)
    context = table_context(call, found, query, page, counts)
    if is_part(request):
        return call.page("lists/leads.html", **context)
    return call.page("lists/list.html", sent=sent, export_columns=EXPORT_COLUMNS, **context)


@get("/lists/{list_id:str}/leads/{lead_id:str}")
async def get_lead(request: ApiRequest, list_id: FromPath[str], lead_id: FromPath[str]) -> Response[str]:
    """Every value of a lead, where it came from and what was done: beside the table, or as a page."""
    call = await open_page(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
        entry = await list_actions.get_entry(tx, found, lead_id)
    detail = entry_detail_view(found, entry)
    return call.page(
        "lists/panel.html" if is_part(request) else "lists/lead.html",
        list=found,
        row=make_row(found, entry),
        entry=entry,
        detail=detail,
        person=entry.shown.person,
        data=[(name, plain(bytes(value).decode())) for name, value in detail.data.items()],
    )


@post("/lists/{list_id:str}/columns", status_code=200)
async def choose_columns(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """Remembers which columns this browser shows, of this list and all others."""
    call = await open_form(request, Scope.LISTS_READ)
    chosen = [name for name in COLUMNS if name in call.form.all("column")]
    query = read_query(f"/lists/{list_id}", {name: call.form.get(name) for name in call.form.values})
    response = call.go(query.url())
    response.set_cookie(columns_cookie(request, ".".join(chosen) or "none"))
    return response


@get("/lists/{list_id:str}/export")
async def export_list(request: ApiRequest, list_id: FromPath[str]) -> Stream:
    """The leads that the filters leave, as a file."""
    call = await open_page(request, Scope.LISTS_READ)
    query = read_query(f"/lists/{list_id}", request.query_params)
    values = request.query_params
    async with call.services.database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
    columns = [name for name in values.getall("column", []) if is_column(name)]
    return await stream_file(call, found, query, values.get("format", ""), columns)


async def stream_file(
    call: PageCall,
    lead_list: LeadList,
    query: Query,
    kind: str,
    columns: Sequence[str] = (),
    sequences: frozenset[int] | None = None,
) -> Stream:
    """A file of leads, as it is written."""
    format_ = ExportFormat(kind) if kind in tuple(ExportFormat) else ExportFormat.CSV
    wanted = columns[:MAX_COLUMNS] or EXPORT_COLUMNS
    export = Export(format_, list(dict.fromkeys(wanted)), entry_filter(query), sequences)
    headers = {**PAGE_HEADERS, "Content-Disposition": content_disposition(lead_list, format_)}
    parts = await open_export(call.services.database, call.caller, lead_list, export)
    return Stream(parts, media_type=MEDIA_TYPES[format_], headers=headers)


def chosen_columns(request: ApiRequest) -> list[str]:
    """The columns that this browser shows."""
    told = columns_of(request)
    return [name for name in COLUMNS if name in told.split(".")] if told else list(DEFAULT_COLUMNS)


def table_context(
    call: PageCall, found: LeadList, query: Query, page: ViewPage, counts: ListCounts
) -> dict[str, Any]:
    """What the table of a list is made of."""
    first = (page.page - 1) * PAGE_SIZE
    return {
        "list": found,
        "query": query,
        "view": page,
        "counts": counts,
        "rows": [make_row(found, entry) for entry in page.entries],
        "first": first + 1,
        "last": first + len(page.entries),
        "heads": step_heads(counts),
        "columns": chosen_columns(call.request),
        "all_columns": COLUMNS,
        "sortable": SORTABLE,
        "list_kinds": LIST_KINDS,
        "statuses": [status for status in EntryStatus if counts.statuses[status]],
        "capacity": call.services.rules.limits.leads_per_list,
        "stamp": list_stamp(found),
        "sent_prefix": SENT_PREFIX,
    }
