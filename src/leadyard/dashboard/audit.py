"""/account/audit: who changed what."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response, get

from leadyard.actions.audit import list_audit_entries
from leadyard.api.paging import read_page
from leadyard.api.parameters import read_texts
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import open_page
from leadyard.domain.accounts import Scope
from leadyard.domain.audit import AuditAction

PAGE_SIZE = 50


@get("/account/audit")
async def get_audit(request: ApiRequest) -> Response[str]:
    """The log of the workspace and of the account as a whole, newest first."""
    call = await open_page(request, Scope.AUDIT_READ)
    filters = read_texts(request, ("action", "user"))
    page_request = read_page(request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await list_audit_entries(tx, call.caller, filters, page_request)
    return call.page(
        "audit.html",
        page=page,
        filters={name: filters.get(name, "") for name in ("action", "user")},
        query=urlencode(filters),
        actions=list(AuditAction),
    )
