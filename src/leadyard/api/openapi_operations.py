"""The table of operations that the document is made from. A test compares it with the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from leadyard.api import openapi_bodies as bodies
from leadyard.api import schemas
from leadyard.api.call import MAX_IDEMPOTENCY_KEY_LENGTH
from leadyard.api.docs import ASSETS, HTML
from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.leads import LIST_TYPES
from leadyard.api.paging import COLLECTION_PAGE_SIZE, ENTRIES_PAGE_SIZE, MAX_CURSOR_LENGTH
from leadyard.api.wire import JSON, VENDOR_JSON
from leadyard.domain.errors import ErrorCode
from leadyard.domain.lead_lists import ListStatus
from leadyard.domain.pages import MAX_PAGE_SIZE

Parameter = dict[str, Any]

CLEAN = "^[^\\x00-\\x1f\\x7f]*$"
REPLAYED = "Idempotent-Replayed"
SERVICE = "Service"


@dataclass(frozen=True, slots=True)
class Success:
    """One answer that is no error. Without a shape its body is text, without a media type it has none."""

    description: str
    shape: type[msgspec.Struct] | None = None
    headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = (JSON, VENDOR_JSON)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a caller can do with one method of one path.

    `errors` are the codes beyond those that `error_codes` knows from the rest. `reads_database` is false
    for what is answered by the process alone; `needs_key` is false for what anybody may ask. `needs_body` is
    false where no body at all is as good as an empty object.
    """

    method: str
    path: str
    id: str
    summary: str
    tags: tuple[str, ...]
    successes: dict[int, Success]
    parameters: tuple[Parameter, ...] = ()
    body: type[msgspec.Struct] | None = None
    needs_body: bool = True
    errors: tuple[ErrorCode, ...] = ()
    needs_key: bool = True
    reads_database: bool = True

    @property
    def takes_idempotency_key(self) -> bool:
        """Whether an Idempotency-Key makes it happen once."""
        return self.method == "post"


def error_codes(operation: Operation) -> set[ErrorCode]:
    """Every code that an operation can answer with."""
    codes = {ErrorCode.INTERNAL_SERVER_ERROR, *operation.errors}
    if operation.reads_database:
        codes.add(ErrorCode.SERVICE_UNAVAILABLE)
    if operation.needs_key:
        codes |= {ErrorCode.UNAUTHORIZED, ErrorCode.TOO_MANY_REQUESTS}
    if any(parameter["in"] == "query" for parameter in operation.parameters):
        codes.add(ErrorCode.UNSUPPORTED_VALUE)
    if any(parameter["in"] == "path" for parameter in operation.parameters):
        codes.add(ErrorCode.NOT_FOUND)
    if operation.body is not None:
        codes |= {ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA_TYPE, ErrorCode.UNSUPPORTED_VALUE}
        if any(field.required for field in msgspec.structs.fields(operation.body)):
            codes.add(ErrorCode.MISSING_FIELD)
    if operation.takes_idempotency_key:
        codes |= {ErrorCode.IDEMPOTENCY_KEY_IN_USE, ErrorCode.IDEMPOTENCY_KEY_REUSED}
    return codes


def path_parameter(name: str, description: str, **schema: Any) -> Parameter:
    """A part of the path; text unless the schema says otherwise."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def query_parameter(name: str, description: str, **schema: Any) -> Parameter:
    """A query parameter that may be left out; text unless the schema says otherwise."""
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string", **schema}}


def page_parameters(default_size: int) -> tuple[Parameter, ...]:
    """The parameters of a page (contract §1)."""
    cursor = {"minLength": 1, "maxLength": MAX_CURSOR_LENGTH, "pattern": CLEAN}
    size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": default_size}
    return (
        query_parameter("page[size]", "Items on a page.", **size),
        query_parameter("page[after]", "The items after this one: the id of an item.", **cursor),
        query_parameter(
            "page[before]", "The items before this one. Not together with `page[after]`.", **cursor
        ),
    )


LIST_ID = path_parameter("id", "Lead List id")
IDEMPOTENCY_KEY: Parameter = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a repeated request happen once: it gets the first answer again for 24 hours.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_IDEMPOTENCY_KEY_LENGTH,
        "pattern": "^[ -~]*$",
    },
}
_DRY_RUN = query_parameter(
    "dry_run", "Only tell what the addition would come to.", type="boolean", default=False
)
_TEXT: dict[str, Any] = {"maxLength": MAX_TEXT_LENGTH, "pattern": CLEAN}
_FILTERS = (
    query_parameter("status", "Only lists in this state.", enum=[status.value for status in ListStatus]),
    query_parameter("type", "Only lists of this type.", enum=list(LIST_TYPES)),
    query_parameter("owner_email", "Only lists of the owner with this e-mail.", **_TEXT),
    query_parameter("owner_id", "Only lists of the owner with this id.", **_TEXT),
    query_parameter("name", "Only lists whose name contains this text.", **_TEXT),
    query_parameter("shared", "Only lists that are shared, or only those that are not.", type="boolean"),
)
_FILE_TYPES = tuple(sorted({asset.media_type for asset in ASSETS.values()}))
_CHANGED_LIST = (ErrorCode.GONE, ErrorCode.CONFLICT)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/lead-lists",
        "createLeadList",
        "Create a list with its first leads",
        ("Lead List",),
        {202: Success("The list, queued", schemas.LeadListView, ("Location", "Retry-After", REPLAYED))},
        body=bodies.CreateListBody,
        errors=(ErrorCode.INSUFFICIENT_CREDITS,),
    ),
    Operation(
        "get",
        "/lead-lists",
        "listLeadLists",
        "Find lists, newest first",
        ("Lead List",),
        {200: Success("A page of lists, without their leads", schemas.LeadListsView)},
        (*_FILTERS, *page_parameters(COLLECTION_PAGE_SIZE)),
    ),
    Operation(
        "get",
        "/lead-lists/{id}",
        "getLeadList",
        "Read a list and a page of its leads",
        ("Lead List",),
        {200: Success("The list and a page of its leads", schemas.LeadListView, ("Retry-After",))},
        (LIST_ID, *page_parameters(ENTRIES_PAGE_SIZE)),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "patch",
        "/lead-lists/{id}",
        "updateLeadList",
        "Change a list's settings, or cancel it",
        ("Lead List",),
        {200: Success("The list as it is now", schemas.LeadListView)},
        (LIST_ID,),
        body=bodies.UpdateListBody,
        errors=_CHANGED_LIST,
    ),
    Operation(
        "delete",
        "/lead-lists/{id}",
        "deleteLeadList",
        "Delete a list",
        ("Lead List",),
        {204: Success("Deleted; from now on every call on the list answers 410", media_types=())},
        (LIST_ID,),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/leads",
        "addLeads",
        "Add Leads to a List",
        ("Lead List", "Leads"),
        {
            202: Success("Lead List Leads accepted", schemas.AddedView, ("Location", REPLAYED)),
            200: Success("With `dry_run=true`: what it would come to; nothing stored", schemas.PreviewView),
        },
        (LIST_ID, _DRY_RUN),
        body=bodies.AddLeadsBody,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/pause",
        "pauseLeadList",
        "Begin nothing more of a list until it is resumed",
        ("Lead List",),
        {200: Success("The list, paused", schemas.LeadListView, (REPLAYED,))},
        (LIST_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=_CHANGED_LIST,
    ),
    Operation(
        "post",
        "/lead-lists/{id}/resume",
        "resumeLeadList",
        "Go on with a paused list",
        ("Lead List",),
        {200: Success("The list as it is now", schemas.LeadListView, (REPLAYED,))},
        (LIST_ID,),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/retry",
        "retryLeads",
        "Take up again the leads that failed",
        ("Leads",),
        {
            202: Success("They are queued", schemas.ReopeningView, (REPLAYED,)),
            200: Success("With `dry_run=true`: what it would come to", schemas.ReopeningView),
        },
        (LIST_ID, _DRY_RUN),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/refresh",
        "refreshLeads",
        "Enrich stale leads again",
        ("Leads",),
        {
            202: Success("They are queued", schemas.ReopeningView, (REPLAYED,)),
            200: Success("With `dry_run=true`: what it would come to", schemas.ReopeningView),
        },
        (LIST_ID, _DRY_RUN),
        body=bodies.RefreshBody,
        needs_body=False,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "get",
        "/lead-lists/{id}/entries/{entry_id}",
        "getLeadListEntry",
        "Read one lead, and where each of its values came from",
        ("Leads",),
        {200: Success("The lead", schemas.EntryDetailView)},
        (LIST_ID, path_parameter("entry_id", "The id of the lead in the list")),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "get",
        "/lead-lists/{id}/additions/{addition_id}",
        "getAddition",
        "Read what became of the leads of one request",
        ("Leads",),
        {200: Success("The addition, and every lead that was not added", schemas.AdditionView)},
        (
            LIST_ID,
            path_parameter("addition_id", "The last part of the `Location` that adding leads answered"),
        ),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "post",
        "/normalize",
        "normalizeLeads",
        "Ask for the identity of leads before adding them",
        ("Identity",),
        {200: Success("One result a lead, in the order sent", schemas.NormalizedView, (REPLAYED,))},
        body=bodies.NormalizeBody,
    ),
    Operation(
        "get",
        "/credits",
        "getCredits",
        "Read both balances",
        ("Credits",),
        {200: Success("Both balances", schemas.CreditsView)},
    ),
    Operation(
        "get",
        "/credits/entries",
        "listCreditEntries",
        "Read the ledger, newest first",
        ("Credits",),
        {200: Success("A page of the ledger", schemas.CreditEntriesView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "post",
        "/credits/grants",
        "grantCredits",
        "Add credits to a balance (admin keys only)",
        ("Credits",),
        {201: Success("The entry in the ledger", schemas.CreditEntryView, (REPLAYED,))},
        body=bodies.GrantBody,
        errors=(ErrorCode.FORBIDDEN,),
    ),
    Operation(
        "get",
        "/account-info",
        "getAccount",
        "Read the account that the key is of",
        ("Account",),
        {200: Success("The account", schemas.AccountView)},
    ),
    Operation(
        "get",
        "/users",
        "listUsers",
        "List the users of the account, oldest first",
        ("Account",),
        {200: Success("A page of users", schemas.UsersView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "get",
        "/healthz",
        "checkProcess",
        "Ask whether the process lives",
        (SERVICE,),
        {200: Success("It does", schemas.HealthView)},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/readyz",
        "checkReady",
        "Ask whether the database is reachable and migrated",
        (SERVICE,),
        {200: Success("It is", schemas.HealthView)},
        needs_key=False,
    ),
    Operation(
        "get",
        "/metrics",
        "getMetrics",
        "Read the metrics of the process, for Prometheus",
        (SERVICE,),
        {200: Success("Prometheus text", media_types=("text/plain",))},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/openapi.json",
        "getOpenapi",
        "Read this document",
        (SERVICE,),
        {200: Success("This document", media_types=(JSON,))},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs",
        "getDocs",
        "Open the reference page",
        (SERVICE,),
        {200: Success("The page", media_types=(HTML,)), 304: Success("Not changed", media_types=())},
        needs_key=False,
        reads_database=False,
    ),
    Operation(
        "get",
        "/docs/{file}",
        "getDocsFile",
        "Load a file of the reference page",
        (SERVICE,),
        {
            200: Success("The file", media_types=_FILE_TYPES),
            304: Success("Not changed", media_types=()),
        },
        (path_parameter("file", "Its name", enum=list(ASSETS)),),
        needs_key=False,
        reads_database=False,
    ),
)
