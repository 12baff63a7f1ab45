"""The rows of an import that were refused, as a file."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions.import_rows import write_refused
from leadyard.actions.imports import get_import
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import open_page
from leadyard.domain.accounts import Scope


@get("/import/{import_id:str}/refused")
async def get_refused(request: ApiRequest, import_id: FromPath[str]) -> Stream:
    """The rows that were not imported, with the reason of each."""
    call = await open_page(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        imported = await get_import(tx, call.caller, import_id)
    return Stream(
        write_refused(call.services.database, imported),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="refused.csv"'},
    )
