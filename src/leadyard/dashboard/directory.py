"""/account/directory: your own people and companies: load a file, look for somebody, see who is stale."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from litestar import Response, get, post

from leadyard.actions.directory_browsing import MAX_FOUND, browse_directory, count_directory, list_stale
from leadyard.actions.directory_loads import DirectoryLoads
from leadyard.api.call import pass_of
from leadyard.api.errors import STATUSES
from leadyard.api.parameters import read_texts
from leadyard.api.uploads import receive_file
from leadyard.api.wire import ApiRequest, PayloadTooLarge, UnsupportedMediaType
from leadyard.dashboard.call import PageCall, open_page
from leadyard.dashboard.csrf import require_own_page
from leadyard.domain.accounts import Scope
from leadyard.domain.directory import COLUMNS
from leadyard.domain.errors import Conflict, LeadyardError, Refused

PATH = "/account/directory"
AGES = {"30": "a month", "90": "three months", "180": "half a year", "365": "a year"}
MAX_BAD_ROWS_SHOWN = 20


@get(PATH)
async def get_directory(request: ApiRequest) -> Response[str]:
    """What there is, and who is looked for."""
    return await _directory_page(await open_page(request, Scope.PROVIDERS_WRITE))


@get(f"{PATH}/load")
async def get_load(request: ApiRequest) -> Response[str]:
    """How far the load is, as a part of the page."""
    call = await open_page(request, Scope.PROVIDERS_WRITE)
    return call.page("directory_load.html", load=_loads(call).find_last(call.caller), bad=MAX_BAD_ROWS_SHOWN)


@post(f"{PATH}/load", status_code=200)
async def load_file(request: ApiRequest) -> Response[str]:
    """Takes a file in, and loads it in the background."""
    require_own_page(request)
    call = await open_page(request, Scope.PROVIDERS_WRITE)
    loads, intake = _loads(call), call.services.intake
    try:
        loads.require_free(call.caller)
        async with AsyncExitStack() as stack:
            drop = await stack.enter_async_context(intake.open_drop(call.caller))
            upload = await receive_file(request, drop, intake.max_bytes, pass_of(request))
            name = (upload.file_name or "file")[:200]
            loads.begin(call.caller, drop.path, name, stack.pop_all())
    except (Refused, Conflict, PayloadTooLarge, UnsupportedMediaType) as error:
        return await _directory_page(call, error)
    return call.go(PATH)


async def _directory_page(call: PageCall, error: LeadyardError | None = None) -> Response[str]:
    told = read_texts(call.request, ("q", "stale")) if call.request.method == "GET" else {}
    query = told.get("q", "").strip()
    days = told.get("stale", "")
    age = timedelta(days=int(days) if days in AGES else 90)
    async with call.services.database.read() as tx:
        counts = await count_directory(tx, call.caller, age)
        if days in AGES:
            found = await list_stale(tx, call.caller, age)
        else:
            found = await browse_directory(tx, call.caller, query)
    shown: dict[str, Any] = {
        "counts": counts,
        "found": found,
        "most": MAX_FOUND,
        "query": query,
        "days": days if days in AGES else "",
        "ages": AGES,
        "load": _loads(call).find_last(call.caller),
        "bad": MAX_BAD_ROWS_SHOWN,
        "columns": COLUMNS,
    }
    status = 200 if error is None else STATUSES[error.faults[0].code]
    faults = None if error is None else {"": error.faults[0].detail}
    return call.page("directory.html", status=status, faults=faults, **shown)


def _loads(call: PageCall) -> DirectoryLoads:
    return call.services.directory_loads
