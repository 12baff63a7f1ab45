"""/import: a file of leads, from its drop to what became of each row."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions import Tx
from leadyard.actions import import_rows as row_actions
from leadyard.actions import imports as import_actions
from leadyard.actions.credits import get_balances
from leadyard.actions.import_intake import finish_upload
from leadyard.actions.import_undo import undo_import as undo
from leadyard.actions.imports import ImportChanges
from leadyard.actions.lead_lists import get_list, list_lists
from leadyard.api.call import pass_of
from leadyard.api.errors import STATUSES
from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.leads import LIST_TYPES
from leadyard.api.paging import read_page
from leadyard.api.uploads import receive_file
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page
from leadyard.dashboard.csrf import DATA_FIELD, require_own_page, require_same_data
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.dashboard.import_words import (
    COLUMN_LABELS,
    ENCODINGS,
    LISTED_STATUSES,
    TYPE_LABELS,
    VERDICT_LABELS,
)
from leadyard.dashboard.live import import_stamp
from leadyard.domain.accounts import Scope
from leadyard.domain.credits import Cost
from leadyard.domain.errors import Conflict, CostsMore, Gone, LeadyardError, NotFound, Refused
from leadyard.domain.imports import COLUMN_CHOICES, Import, ImportStatus, NewListPlan, RowVerdict
from leadyard.domain.lead_lists import LeadList, ListStatus
from leadyard.domain.leads import ListType
from leadyard.domain.pages import PageRequest

HISTORY_SIZE = 20
ROWS_SIZE = 50
FAULTY_SHOWN = 20
LISTS_OFFERED = 200
MAX_COST = 10**12
COSTS_MORE = "What this costs has changed meanwhile. Look at it again; nothing has begun."
_NEW = "new"
_EDITABLE = "columns"


@get("/import")
async def get_start(request: ApiRequest) -> Response[str]:
    """Where a file is dropped, and what was imported before."""
    return await _start_page(await open_page(request, Scope.LISTS_READ))


@post("/import", status_code=200)
async def upload_file(request: ApiRequest) -> Response[str]:
    """Takes the file of the form in."""
    require_own_page(request)
    call = await open_page(request, Scope.LISTS_WRITE)
    intake = call.services.intake
    try:
        async with intake.open_drop(call.caller) as drop:
            upload = await receive_file(request, drop, intake.max_bytes, pass_of(request))
            require_same_data(upload.fields.get(DATA_FIELD, ""), call.caller.mode)
            encoding = upload.fields.get("encoding") or None
            if encoding not in (None, *ENCODINGS):
                raise fault_at("encoding", "There is no such encoding.")
            staged = await intake.stage(call.caller, drop, upload.file_name or "", encoding)
    except (Conflict, Refused) as error:
        return await _start_page(call, error)
    async with call.services.database.write() as tx:
        imported = await finish_upload(tx, call.caller, staged)
    target = request.query_params.get("list")
    return call.go(f"/import/{imported.id}" + (f"?list={quote(target)}" if target else ""))


@get("/import/{import_id:str}")
async def get_import(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """The import, at the step that it has come to."""
    call = await open_page(request, Scope.LISTS_READ)
    params = request.query_params
    return await _import_page(call, import_id, params.get("step"), chosen=params.get("list"))


@post("/import/{import_id:str}/columns", status_code=200)
async def map_columns(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """Says what the columns are and where the rows go, and has them checked."""
    call = await open_form(request, Scope.LISTS_WRITE)
    try:
        changes = await _read_mapping(call, import_id)
        async with call.services.database.write() as tx:
            await import_actions.update_import(tx, call.caller, import_id, changes)
    except Refused as error:
        return await _import_page(call, import_id, _EDITABLE, error)
    step = f"?step={_EDITABLE}" if call.form.has("again") else ""
    return call.go(f"/import/{import_id}{step}")


@get("/import/{import_id:str}/rows")
async def get_rows(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """The rows with one verdict, or all."""
    call = await open_page(request, Scope.LISTS_READ)
    verdict = request.query_params.get("verdict", "")
    if verdict and verdict not in VERDICT_LABELS:
        raise NotFound("such rows")
    page_request = read_page(request, ROWS_SIZE)
    chosen = [RowVerdict(verdict)] if verdict else [RowVerdict(each) for each in VERDICT_LABELS]
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
        details = await import_actions.describe_import(tx, call.services.rules, imported)
        page = await row_actions.list_rows_of(tx, imported, chosen, page_request)
    return call.page(
        "imports/rows.html", **_shown(details), page=page, verdict=verdict, back=_back(request, imported)
    )


@post("/import/{import_id:str}/rows/{row:str}", status_code=200)
async def mend_row(request: ApiRequest, import_id: FromPath[str], row: FromPath[str]) -> Response[str]:
    """Writes the cells of a row that were changed, or leaves it out."""
    call = await open_form(request, Scope.LISTS_WRITE)
    leave_out = {"leave": True, "take": False}.get(call.form.get("act"))
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
        names = await import_actions.get_names(tx, imported)
    cells = {
        name: call.form.raw(f"cell-{place}")
        for place, name in enumerate(names)
        if leave_out is None and call.form.has(f"cell-{place}")
    }
    async with call.services.database.write() as tx:
        _, mended, _ = await row_actions.mend_row(
            tx, call.caller, import_id, _row_number(row), cells, leave_out=leave_out
        )
    where = call.form.get("back")
    back = where if where.startswith(f"/import/{imported.id}") else f"/import/{imported.id}"
    text = f"Row {mended.number:,} is {VERDICT_LABELS[mended.verdict].lower()}."
    return call.go(back, text, "warning" if mended.faults else "done")


@post("/import/{import_id:str}/start", status_code=200)
async def start_import(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """Begins to import, or goes on, unless that costs more by now than was told."""
    call = await open_form(request, Scope.LISTS_WRITE)
    at_most = Cost(
        call.form.number("most_email", "The cost", 0, MAX_COST),
        call.form.number("most_phone", "The cost", 0, MAX_COST),
    )
    try:
        async with call.services.database.write() as tx:
            await import_actions.start_import(tx, call.services.rules, call.caller, import_id, at_most)
    except CostsMore:
        return call.go(f"/import/{import_id}", COSTS_MORE, "warning")
    return call.go(f"/import/{import_id}")


@post("/import/{import_id:str}/cancel", status_code=200)
async def cancel_import(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """Ends it; what was added stays."""
    call = await open_form(request, Scope.LISTS_WRITE)
    async with call.services.database.write() as tx:
        await import_actions.cancel_import(tx, call.services.rules, call.caller, import_id)
    return call.go(f"/import/{import_id}", "The import is canceled. What was added stays in the list.")


@post("/import/{import_id:str}/undo", status_code=200)
async def undo_import(request: ApiRequest, import_id: FromPath[str]) -> Response[str]:
    """Takes back what it has added."""
    call = await open_form(request, Scope.LISTS_WRITE)
    await undo(call.services.database, call.caller, import_id)
    return call.go(f"/import/{import_id}", "What the import added is taken back.")


def _row_number(text: str) -> int:
    """The number of a row; 0, which no row has, for another text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0


async def _start_page(call: PageCall, error: LeadyardError | None = None) -> Response[str]:
    page_request = read_page(call.request, HISTORY_SIZE)
    async with call.services.database.read() as tx:
        page = await import_actions.list_imports(tx, call.caller, page_request)
    return call.page(
        "imports/start.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        page=page,
        max_bytes=call.services.intake.max_bytes,
        target=call.request.query_params.get("list"),
        labels=LISTED_STATUSES,
        encodings=ENCODINGS,
    )


async def _import_page(
    call: PageCall,
    import_id: str,
    step: str | None,
    error: Refused | None = None,
    chosen: str | None = None,
) -> Response[str]:
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
        details = await import_actions.describe_import(tx, call.services.rules, imported)
        lists = await _list_targets(tx, call, chosen)
        balances = await get_balances(tx, call.caller)
        faulty = await row_actions.list_rows_of(tx, imported, [RowVerdict.FAULTY], PageRequest(FAULTY_SHOWN))
    shown = {
        **_shown(details),
        "faulty": faulty.items,
        "balances": balances,
        "back": f"/import/{imported.id}",
        "lists": lists,
        "chosen": chosen,
        "column_choices": [(choice, COLUMN_LABELS[choice]) for choice in COLUMN_CHOICES],
        "types": [(kind, TYPE_LABELS[kind]) for kind in LIST_TYPES],
    }
    return call.page(
        f"imports/{_template(imported, step)}.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        **shown,
    )


async def _list_targets(tx: Tx, call: PageCall, chosen: str | None) -> list[LeadList]:
    """The lists that rows can go to: the newest, and before them the one that the page was opened for."""
    page = await list_lists(tx.run_each, call.caller, {}, PageRequest(LISTS_OFFERED))
    lists = [found for found in page.items if found.status is not ListStatus.CANCELED]
    if chosen is None or any(found.id == chosen for found in lists):
        return lists
    try:
        return [await get_list(tx, call.caller, chosen), *lists]
    except (Gone, NotFound):
        return lists


def _template(imported: Import, step: str | None) -> str:
    if imported.status is ImportStatus.UPLOADED or (imported.status.is_open and step == _EDITABLE):
        return "columns"
    if imported.status.is_at_work:
        return "progress"
    return "review" if imported.status is ImportStatus.CHECKED else "summary"


def _shown(details: import_actions.ImportDetails) -> dict[str, Any]:
    return {
        "imported": details.imported,
        "stamp": import_stamp(details.imported),
        "details": details,
        "verdicts": VERDICT_LABELS,
        "field_places": {field: place for place, field in enumerate(details.imported.columns)},
    }


def _back(request: ApiRequest, imported: Import) -> str:
    """The same rows again, once one of them is mended."""
    query = request.scope["query_string"].decode("ascii", "ignore")
    return f"/import/{imported.id}/rows{'?' if query else ''}{query}"


async def _read_mapping(call: PageCall, import_id: str) -> ImportChanges:
    form = call.form
    async with call.services.database.read() as tx:
        imported = await import_actions.get_import(tx, call.caller, import_id)
    if form.has("again"):
        return ImportChanges(header_row=form.number("header_row", "The row of the names", 0, 2**31 - 1))
    columns = [
        form.choice(f"column-{place}", "The column", COLUMN_CHOICES) for place in range(imported.width)
    ]
    target = form.get("target", _NEW)
    if target != _NEW:
        return ImportChanges(columns=columns, list_id=target)
    kind = ListType(form.choice("type", "The type", LIST_TYPES))
    return ImportChanges(columns=columns, type=kind, new_list=_read_plan(call, form))


def _read_plan(call: PageCall, form: Form) -> NewListPlan:
    return NewListPlan(
        name=form.text("name", "The name", MAX_TEXT_LENGTH),
        owner=call.session.user.email,
        shared=form.has("shared"),
        enrich=form.has("enrich"),
        validate_email=form.has("validate_email"),
        reveal_phone_numbers=form.has("reveal_phone_numbers"),
    )
