"""The operations on lists, their leads and additions."""

from __future__ import annotations

from typing import Any

from leadyard.actions.export_files import MEDIA_TYPES, ExportFormat
from leadyard.api import estimate_schemas, exports, schemas
from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.leads import LIST_TYPES
from leadyard.api.openapi import bodies
from leadyard.api.openapi.operations import (
    CLEAN,
    ESTIMATED,
    ESTIMATED_WORK,
    LIST_ID,
    REPLAYED,
    SPENDING,
    Operation,
    Success,
    page_parameters,
    path_parameter,
    query_parameter,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE, ENTRIES_PAGE_SIZE
from leadyard.api.parameters import MAX_PARAMETER_LENGTH
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode
from leadyard.domain.export_columns import COLUMNS
from leadyard.domain.lead_lists import ListStatus
from leadyard.domain.list_view import MAX_SEARCH_LENGTH

_TEXT: dict[str, Any] = {"maxLength": MAX_TEXT_LENGTH, "pattern": CLEAN}
_SEARCH: dict[str, Any] = {"maxLength": MAX_SEARCH_LENGTH, "pattern": CLEAN}
_FILTERS = (
    query_parameter("status", "Only lists in this state.", enum=[status.value for status in ListStatus]),
    query_parameter("type", "Only lists of this type.", enum=list(LIST_TYPES)),
    query_parameter("owner_email", "Only lists of the owner with this e-mail.", **_TEXT),
    query_parameter("owner_id", "Only lists of the owner with this id.", **_TEXT),
    query_parameter("name", "Only lists whose name contains this text.", **_TEXT),
    query_parameter("shared", "Only lists that are shared, or only those that are not.", type="boolean"),
)
_EXPORT_PARAMETERS = (
    {
        **query_parameter("format", "The kind of file.", enum=[kind.value for kind in ExportFormat]),
        "required": True,
    },
    query_parameter(
        "columns",
        "Columns, parted by commas: of those that every list has, and `data.<name>` for another member that "
        "was sent. All that every list has unless it is given.",
        maxLength=MAX_PARAMETER_LENGTH,
        pattern=CLEAN,
        example=",".join(COLUMNS),
    ),
    query_parameter(
        "raw", "In a CSV: cells that begin like a formula stay as they are.", type="boolean", default=False
    ),
    *(
        query_parameter(name, f"Only leads with this {name}.", enum=list(choices))
        for name, choices in exports.CHOICES.items()
    ),
    query_parameter("has_email", "Only leads with an e-mail, or without one.", type="boolean"),
    query_parameter("has_phone", "Only leads with a phone number, or without one.", type="boolean"),
    query_parameter(
        "trouble", "Only leads that a provider of this name could not be asked for; `any` for all.", **_SEARCH
    ),
    query_parameter("search", "Only leads with this in their name, e-mail, company or title.", **_SEARCH),
)
_CHANGED_LIST = (ErrorCode.GONE, ErrorCode.CONFLICT)

LEAD_LIST_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/lead-lists",
        "createLeadList",
        Scope.LISTS_WRITE,
        "Create a list with its first leads",
        ("Lead List",),
        {
            202: Success("The list, queued", schemas.LeadListView, ("Location", "Retry-After", REPLAYED)),
            200: ESTIMATED,
        },
        SPENDING,
        body=bodies.CreateListBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "get",
        "/lead-lists",
        "listLeadLists",
        Scope.LISTS_READ,
        "Find lists, newest first",
        ("Lead List",),
        {200: Success("A page of lists, without their leads", schemas.LeadListsView)},
        (*_FILTERS, *page_parameters(COLLECTION_PAGE_SIZE)),
    ),
    Operation(
        "get",
        "/lead-lists/{id}",
        "getLeadList",
        Scope.LISTS_READ,
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
        Scope.LISTS_WRITE,
        "Change a list's settings, or cancel it",
        ("Lead List",),
        {200: Success("The list as it is now", schemas.LeadListView)},
        (LIST_ID,),
        body=bodies.UpdateListBody,
        errors=_CHANGED_LIST,
    ),
    Operation(
        "get",
        "/lead-lists/{id}/export",
        "exportLeadList",
        Scope.LISTS_READ,
        "Export the leads of a list as a file",
        ("Lead List",),
        {
            200: Success(
                "The file, as it is written; nothing tells its length before",
                headers=("Content-Disposition",),
                media_types=tuple(MEDIA_TYPES.values()),
            )
        },
        (LIST_ID, *_EXPORT_PARAMETERS),
        errors=(ErrorCode.GONE, ErrorCode.MISSING_FIELD),
    ),
    Operation(
        "delete",
        "/lead-lists/{id}",
        "deleteLeadList",
        Scope.LISTS_WRITE,
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
        Scope.LISTS_WRITE,
        "Add Leads to a List",
        ("Lead List", "Leads"),
        {
            202: Success("Lead List Leads accepted", schemas.AddedView, ("Location", REPLAYED)),
            200: ESTIMATED,
        },
        (LIST_ID, *SPENDING),
        body=bodies.AddLeadsBody,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/pause",
        "pauseLeadList",
        Scope.LISTS_WRITE,
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
        Scope.LISTS_WRITE,
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
        Scope.LISTS_WRITE,
        "Take up again the leads that failed",
        ("Leads",),
        {
            202: Success("They are queued", estimate_schemas.ReopeningView, (REPLAYED,)),
            200: ESTIMATED_WORK,
        },
        (LIST_ID, *SPENDING),
        body=bodies.NothingBody,
        needs_body=False,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "post",
        "/lead-lists/{id}/refresh",
        "refreshLeads",
        Scope.LISTS_WRITE,
        "Enrich stale leads again",
        ("Leads",),
        {
            202: Success("They are queued", estimate_schemas.ReopeningView, (REPLAYED,)),
            200: ESTIMATED_WORK,
        },
        (LIST_ID, *SPENDING),
        body=bodies.RefreshBody,
        needs_body=False,
        errors=(*_CHANGED_LIST, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "get",
        "/lead-lists/{id}/entries/{entry_id}",
        "getLeadListEntry",
        Scope.LISTS_READ,
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
        Scope.LISTS_READ,
        "Read what became of the leads of one request",
        ("Leads",),
        {200: Success("The addition, and every lead that was not added", schemas.AdditionView)},
        (
            LIST_ID,
            path_parameter("addition_id", "The last part of the `Location` that adding leads answered"),
        ),
        errors=(ErrorCode.GONE,),
    ),
)
