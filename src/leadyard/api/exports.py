"""GET /lead-lists/{id}/export: the leads of a list as a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import quote

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import lead_lists as list_actions
from leadyard.actions.export_files import MEDIA_TYPES, ExportFormat
from leadyard.actions.exports import Export, open_export
from leadyard.api.call import finding_first, open_call
from leadyard.api.parameters import read_flag, read_texts
from leadyard.api.wire import ApiRequest
from leadyard.domain.accounts import Scope
from leadyard.domain.emails import EmailResult
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.errors import Fault, Refused, missing_parameter, unsupported_parameter
from leadyard.domain.export_columns import COLUMNS, MAX_COLUMNS, is_column
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_view import MAX_SEARCH_LENGTH, EntryFilter

CHOICES: Mapping[str, Sequence[str]] = {
    "status": [status.value for status in EntryStatus],
    **{step.value: [outcome.value for outcome in Outcome] for step in Step},
    "result": [result.value for result in EmailResult],
}
FLAGS = ("has_email", "has_phone")
TEXTS = ("search", "trouble")


@get("/lead-lists/{list_id:str}/export")
async def export_list(request: ApiRequest, list_id: FromPath[str]) -> Stream:
    """The leads of a list as CSV, XLSX, NDJSON or Parquet."""
    call = await open_call(request, Scope.LISTS_READ)
    database = call.services.database
    async with finding_first(call, partial(list_actions.get_list, caller=call.caller, list_id=list_id)):
        export = _read_export(request)
    async with database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
    return Stream(
        await open_export(database, call.caller, found, export),
        media_type=MEDIA_TYPES[export.kind],
        headers={"Content-Disposition": content_disposition(found, export.kind)},
    )


def content_disposition(lead_list: LeadList, kind: ExportFormat) -> str:
    """How a browser names the file: after the list, twice, for one name may only have ASCII (RFC 6266)."""
    name = re.sub(r'[\x00-\x1f\x7f"*/:<>?\\|]+', " ", lead_list.name).strip(" .")[:100] or "leads"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = " ".join(plain.split()) or "leads"
    encoded = quote(f"{name}.{kind}", safe="")
    return f"attachment; filename=\"{plain}.{kind}\"; filename*=UTF-8''{encoded}"


def _read_export(request: ApiRequest) -> Export:
    """What the parameters ask for. Raises Refused with everything that is wrong."""
    given = read_texts(request, ("format", "columns", *CHOICES, *TEXTS))
    faults: list[Fault] = []
    if "format" not in given:
        faults.append(missing_parameter("format"))
    elif given["format"] not in tuple(ExportFormat):
        faults.append(unsupported_parameter("format"))
    columns = [name.strip() for name in given.get("columns", ",".join(COLUMNS)).split(",")]
    is_known = all(map(is_column, columns)) and len(set(columns)) == len(columns) <= MAX_COLUMNS
    if not is_known:
        faults.append(unsupported_parameter("columns"))
    faults.extend(
        unsupported_parameter(name)
        for name, choices in CHOICES.items()
        if given.get(name, choices[0]) not in choices
    )
    too_long = [name for name in TEXTS if len(given.get(name, "")) > MAX_SEARCH_LENGTH]
    faults.extend(map(unsupported_parameter, too_long))
    if faults:
        raise Refused(*faults)
    is_raw = read_flag(request, "raw")
    return Export(ExportFormat(given["format"]), columns, _read_filter(request, given), is_raw=is_raw)


def _read_filter(request: ApiRequest, given: Mapping[str, str]) -> EntryFilter:
    flags = {name: read_flag(request, name) for name in FLAGS if name in request.query_params}
    texts = {name: given[name] for name in (*CHOICES, *TEXTS) if name in given}
    return msgspec.convert({**flags, **texts}, EntryFilter)
