"""/imports: files of leads, what they are to become, and what became of them."""

from __future__ import annotations

import codecs

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec.structs import replace

from leadyard.actions import Tx
from leadyard.actions import import_rows as row_actions
from leadyard.actions import imports as import_actions
from leadyard.actions.idempotency import Answer
from leadyard.actions.import_intake import finish_upload
from leadyard.actions.import_undo import undo_import as undo
from leadyard.actions.imports import ImportChanges
from leadyard.api.call import (
    Call,
    answer,
    decode_members,
    open_call,
    open_call_with_body,
    open_call_with_optional_body,
    pass_of,
    read_request_key,
)
from leadyard.api.estimate_schemas import WorkEstimateView
from leadyard.api.estimates import open_spending_call, promise, read_dry_run
from leadyard.api.fields import (
    Check,
    FieldFault,
    boolean,
    flags,
    one_of,
    read_fields,
    text,
    whole_number,
)
from leadyard.api.import_schemas import ImportRowsView, ImportsView
from leadyard.api.import_views import import_detail_view, import_view, row_view
from leadyard.api.lead_lists import OPTION_NAMES
from leadyard.api.leads import LIST_TYPES
from leadyard.api.paging import COLLECTION_PAGE_SIZE, ENTRIES_PAGE_SIZE, page_links, read_page
from leadyard.api.parameters import read_texts
from leadyard.api.uploads import receive_file
from leadyard.api.views import cost_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import (
    Refused,
    missing_parameter,
    unsupported_field,
    unsupported_parameter,
)
from leadyard.domain.imports import COLUMN_CHOICES, Import, ImportStatus, NewListPlan, RowVerdict
from leadyard.domain.leads import ListType

MAX_COLUMNS = 500
MAX_ROW = 2**31 - 1
SHOWN_VERDICTS = tuple(verdict for verdict in RowVerdict if verdict is not RowVerdict.HEADER)


@post("/imports", status_code=201)
async def upload_import(request: ApiRequest) -> Response[bytes]:
    """Takes a file in. It is the body, or the one file of a form."""
    call = await open_call(request, Scope.LISTS_WRITE)
    intake = call.services.intake
    given = _read_upload_parameters(request)
    async with intake.open_drop(call.caller) as drop:
        upload = await receive_file(request, drop, intake.max_bytes, pass_of(request))
        call = Call(call.services, call.caller, request, b"", read_request_key(call, upload.digest))
        replay = await call.find_replay()
        if replay is not None:
            return replay
        file_name = given.get("file_name") or upload.file_name
        if not file_name:
            raise Refused(missing_parameter("file_name"))
        staged = await intake.stage(call.caller, drop, file_name, given.get("encoding"))

    async def act(tx: Tx) -> Answer:
        imported = await finish_upload(tx, call.caller, staged)
        details = await import_actions.describe_import(tx, call.services.rules, imported)
        headers = {"Location": f"/imports/{imported.id}"}
        return answer(import_detail_view(details), 201, headers, tells_persons=True)

    try:
        return await call.perform(act)
    except BaseException:
        await intake.discard(staged.row_id)
        raise


@get("/imports")
async def list_imports(request: ApiRequest) -> Response[bytes]:
    """The imports of the caller, of all users for an admin, newest first."""
    call = await open_call(request, Scope.LISTS_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await import_actions.list_imports(tx, call.caller, page_request)
    links = page_links("/imports", page_request, page, [item.id for item in page.items])
    return json_response(request, ImportsView([import_view(item) for item in page.items], links))


@get("/imports/{import_id:str}")
async def get_import(request: ApiRequest, import_id: FromPath[str]) -> Response[bytes]:
    """An import with its columns, and what its rows come to."""
    call = await open_call(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
        details = await import_actions.describe_import(tx, call.services.rules, imported)
    return json_response(request, import_detail_view(details), headers=_retry_headers(imported))


@patch("/imports/{import_id:str}")
async def update_import(request: ApiRequest, import_id: FromPath[str]) -> Response[bytes]:
    """Says what the columns are and where the rows go, or cancels."""
    call = await open_call_with_body(request, Scope.LISTS_WRITE)
    members = decode_members(call.body)
    async with call.services.database.read() as tx:
        await import_actions.get_import(tx, call.caller, import_id)
    if "status" in members:
        checks = {"status": one_of((ImportStatus.CANCELED.value,))}
        read_fields(members, checks, ("status",)).require_sound()
        async with call.services.database.write() as tx:
            changed = await import_actions.cancel_import(tx, call.services.rules, call.caller, import_id)
            return await _respond(call, tx, changed)
    changes = _read_changes(members)
    async with call.services.database.write() as tx:
        changed = await import_actions.update_import(tx, call.caller, import_id, changes)
        return await _respond(call, tx, changed)


@post("/imports/{import_id:str}/start", status_code=202)
async def start_import(request: ApiRequest, import_id: FromPath[str]) -> Response[bytes]:
    """Begins to add the rows, or goes on where it was paused; with `dry_run=true`, tells what that costs."""
    call = await open_spending_call(request, Scope.LISTS_WRITE, open_call_with_optional_body)
    read_fields(decode_members(call.body), {}, ()).require_sound()
    if read_dry_run(request):
        async with call.services.database.read() as tx:
            told = await import_actions.preview_start(tx, call.services.rules, call.caller, import_id)
        ready, cost = told.counts[RowVerdict.READY], cost_view(told.least, told.most)
        return json_response(request, WorkEstimateView(ready, cost, promise(call, told.most)))

    async def act(tx: Tx) -> Answer:
        rules, caller = call.services.rules, call.caller
        started = await import_actions.start_import(tx, rules, caller, import_id, call.at_most)
        return answer(import_view(started), 202)

    return await call.perform(act)


@post("/imports/{import_id:str}/undo", status_code=200)
async def undo_import(request: ApiRequest, import_id: FromPath[str]) -> Response[bytes]:
    """Takes back what the import has added."""
    call = await _open_without_fields(request)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    undone = await undo(call.services.database, call.caller, import_id)

    async def act(_tx: Tx) -> Answer:
        return answer(import_view(undone))

    return await call.perform(act)


@get("/imports/{import_id:str}/rows")
async def list_rows(request: ApiRequest, import_id: FromPath[str]) -> Response[bytes]:
    """The rows of the file, in its order; those with one verdict, if that is asked for."""
    call = await open_call(request, Scope.LISTS_READ)
    page_request = read_page(request, ENTRIES_PAGE_SIZE)
    given = read_texts(request, ("verdict",))
    if given.get("verdict", SHOWN_VERDICTS[0]) not in SHOWN_VERDICTS:
        raise Refused(unsupported_parameter("verdict"))
    verdicts = [RowVerdict(given["verdict"])] if given else SHOWN_VERDICTS
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
        names = await import_actions.get_names(tx, imported)
        page = await row_actions.list_rows_of(tx, imported, verdicts, page_request)
    cursors = [str(row.number) for row in page.items]
    links = page_links(f"/imports/{imported.id}/rows", page_request, page, cursors, given)
    rows = [row_view(row, imported, names) for row in page.items]
    return json_response(request, ImportRowsView(rows, links))


@patch("/imports/{import_id:str}/rows/{row:str}")
async def mend_row(request: ApiRequest, import_id: FromPath[str], row: FromPath[str]) -> Response[bytes]:
    """Writes cells of a row, or leaves it out."""
    call = await open_call_with_body(request, Scope.LISTS_WRITE)
    members = decode_members(call.body)
    async with call.services.database.read() as tx:
        await import_actions.get_import(tx, call.caller, import_id)
    fields = read_fields(members, {"cells": _cells, "left_out": boolean}, ())
    fields.require_sound()
    number = int(row) if row.isascii() and row.isdigit() and len(row) < len(str(MAX_ROW)) else 0
    async with call.services.database.write() as tx:
        imported, mended, names = await row_actions.mend_row(
            tx,
            call.caller,
            import_id,
            number,
            fields.values.get("cells", {}),
            leave_out=fields.values.get("left_out"),
        )
    return json_response(request, row_view(mended, imported, names))


@get("/imports/{import_id:str}/refused")
async def get_refused(request: ApiRequest, import_id: FromPath[str]) -> Stream:
    """The rows that were not imported, as a CSV file that can be mended and imported again."""
    call = await open_call(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
    return Stream(
        row_actions.write_refused(call.services.database, imported),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="refused.csv"'},
    )


async def _open_without_fields(request: ApiRequest) -> Call:
    call = await open_call_with_optional_body(request, Scope.LISTS_WRITE)
    read_fields(decode_members(call.body), {}, ()).require_sound()
    return call


async def _respond(call: Call, tx: Tx, imported: Import) -> Response[bytes]:
    details = await import_actions.describe_import(tx, call.services.rules, imported)
    return json_response(call.request, import_detail_view(details), headers=_retry_headers(imported))


def _retry_headers(imported: Import) -> dict[str, str]:
    """`Retry-After`, while something is done with it."""
    is_moving = imported.status in (ImportStatus.MAPPED, ImportStatus.IMPORTING)
    return {"Retry-After": "1"} if is_moving else {}


def _read_upload_parameters(request: ApiRequest) -> dict[str, str]:
    given = read_texts(request, ("file_name", "encoding"))
    if "encoding" in given:
        try:
            given["encoding"] = codecs.lookup(given["encoding"]).name
            "".encode(given["encoding"])
        except (LookupError, UnicodeError):
            raise Refused(unsupported_parameter("encoding")) from None
    return given


def _read_changes(members: dict[str, msgspec.Raw]) -> ImportChanges:
    checks: dict[str, Check] = {
        "header_row": whole_number(0, MAX_ROW),
        "columns": _columns,
        "type": one_of(LIST_TYPES),
        "lead_list_id": text,
        "new_list": _new_list,
    }
    fields = read_fields(members, checks, ())
    if "lead_list_id" in fields.values and "new_list" in fields.values:
        fields.report("new_list", unsupported_field("new_list"))
    fields.require_sound()
    values = fields.values
    kind = values.get("type")
    return ImportChanges(
        header_row=values.get("header_row"),
        columns=values.get("columns"),
        type=None if kind is None else ListType(kind),
        list_id=values.get("lead_list_id"),
        new_list=values.get("new_list"),
    )


def _columns(name: str, raw: msgspec.Raw) -> list[str]:
    try:
        columns = msgspec.json.decode(raw, type=list[str])
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
    faults = [
        unsupported_field(f"{name}[{place}]", f"/{name}/{place}")
        for place, column in enumerate(columns)
        if column not in COLUMN_CHOICES
    ]
    if faults or len(columns) > MAX_COLUMNS:
        raise FieldFault(*(faults or [unsupported_field(name)]))
    return columns


def _new_list(name: str, raw: msgspec.Raw) -> NewListPlan:
    checks: dict[str, Check] = {
        "name": text,
        "owner": text,
        "shared": boolean,
        "options": flags(OPTION_NAMES),
    }
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
    fields = read_fields(members, checks, ("name", "owner"))
    try:
        fields.require_sound()
    except Refused as error:
        inside = (replace(fault, pointer=f"/{name}{fault.pointer}") for fault in error.faults)
        raise FieldFault(*inside) from None
    options = fields.values.pop("options", {})
    return NewListPlan(**fields.values, **options)


def _cells(name: str, raw: msgspec.Raw) -> dict[str, str]:
    try:
        return msgspec.json.decode(raw, type=dict[str, str])
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
