"""GET /audit-entries: who changed what."""

from __future__ import annotations

from litestar import Response, get

from leadyard.actions.audit import list_audit_entries
from leadyard.api.access_schemas import AuditEntriesView, AuditEntryView, AuditKeyView
from leadyard.api.call import open_call
from leadyard.api.fields import MAX_TEXT_LENGTH, is_clean
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.audit import AuditAction, AuditEntry
from leadyard.domain.errors import Refused, unsupported_parameter
from leadyard.domain.leads import sent_email


@get("/audit-entries")
async def list_entries(request: ApiRequest) -> Response[bytes]:
    """What was done to the workspace and to the account as a whole, newest first."""
    call = await open_call(request, Scope.AUDIT_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    given = _read_filters(request)
    filters = {**given, "user": sent_email(given["user"]) or given["user"]} if "user" in given else given
    async with call.services.database.read() as tx:
        page = await list_audit_entries(tx, call.caller, filters, page_request)
    views = [entry_view(entry) for entry in page.items]
    links = page_links("/audit-entries", page_request, page, [view.id for view in views], given)
    return json_response(request, AuditEntriesView(views, links))


def entry_view(entry: AuditEntry) -> AuditEntryView:
    """An entry of the log."""
    has_key = entry.key_id is not None
    return AuditEntryView(
        id=str(entry.id),
        action=entry.action.value,
        subject=entry.subject,
        detail=dict(entry.detail),
        via=entry.via,
        user=entry.user_email,
        api_key=AuditKeyView(entry.key_id or "", entry.key_name or "") if has_key else None,
        address=entry.address,
        request_id=entry.request_id,
        created_at=entry.created_at,
    )


def _read_filters(request: ApiRequest) -> dict[str, str]:
    """Raises Refused for values that cannot be."""
    given: dict[str, str] = {}
    faults = []
    for name in ("action", "user"):
        value = request.query_params.get(name)
        if value is None:
            continue
        is_text = len(value) <= MAX_TEXT_LENGTH and is_clean(value)
        if not is_text or (name == "action" and value not in set(AuditAction)):
            faults.append(unsupported_parameter(name))
        given[name] = value
    if faults:
        raise Refused(*faults)
    return given
