"""GET /lead-lists/{id}/entries/{entry_id}: one lead, and where each of its values came from."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from leadyard.actions import lead_lists as list_actions
from leadyard.api.call import open_call
from leadyard.api.views import entry_detail_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope


@get("/lead-lists/{list_id:str}/entries/{entry_id:str}")
async def get_entry(request: ApiRequest, list_id: FromPath[str], entry_id: FromPath[str]) -> Response[bytes]:
    """One lead of a list with the outcome of each step and the provenance of each value."""
    call = await open_call(request, Scope.LISTS_READ)
    async with call.services.database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
        entry = await list_actions.get_entry(tx, found, entry_id)
    return json_response(request, entry_detail_view(found, entry))
