"""/lists: the lead lists of the workspace."""

from __future__ import annotations

from litestar import Response, get

from leadyard.actions.lead_lists import list_lists
from leadyard.api.paging import read_page
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import open_page
from leadyard.domain.accounts import Scope

PAGE_SIZE = 50


@get("/lists")
async def get_lists(request: ApiRequest) -> Response[str]:
    """All lists, newest first."""
    call = await open_page(request, Scope.LISTS_READ)
    page_request = read_page(request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await list_lists(tx, call.caller, {}, page_request)
    return call.page("lists.html", page=page)
