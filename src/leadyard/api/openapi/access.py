"""The operations on API keys, and the audit log."""

from __future__ import annotations

from leadyard.api import access_schemas as shapes
from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.openapi.operations import (
    CLEAN,
    REPLAYED,
    Operation,
    Success,
    page_parameters,
    path_parameter,
    query_parameter,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE
from leadyard.domain.accounts import Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import ErrorCode

_TAGS = ("API Keys",)
_ID = path_parameter("id", "The id of the key")

ACCESS_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api-keys",
        "listApiKeys",
        Scope.ADMIN,
        "List the keys of the workspace, newest first",
        _TAGS,
        {200: Success("A page of keys", shapes.ApiKeysView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "post",
        "/api-keys",
        "createApiKey",
        Scope.ADMIN,
        "Make a key, which is shown once",
        _TAGS,
        {201: Success("The key", shapes.NewApiKeyView, (REPLAYED,))},
        body=shapes.NewApiKeyBody,
    ),
    Operation(
        "delete",
        "/api-keys/{id}",
        "revokeApiKey",
        Scope.ADMIN,
        "End a key at once",
        _TAGS,
        {204: Success("It is let in no more, after two seconds at the latest", media_types=())},
        (_ID,),
    ),
    Operation(
        "post",
        "/api-keys/{id}/rotate",
        "rotateApiKey",
        Scope.ADMIN,
        "Make a key that can do the same, and let this one end after a while",
        _TAGS,
        {201: Success("The new key, shown once", shapes.NewApiKeyView, (REPLAYED,))},
        (_ID,),
        body=shapes.RotateApiKeyBody,
        needs_body=False,
        errors=(ErrorCode.CONFLICT,),
    ),
    Operation(
        "get",
        "/audit-entries",
        "listAuditEntries",
        Scope.AUDIT_READ,
        "Read who changed what, newest first",
        ("Audit Log",),
        {200: Success("A page of the log", shapes.AuditEntriesView)},
        (
            query_parameter("action", "Only this.", enum=[action.value for action in AuditAction]),
            query_parameter(
                "user", "Only of the user with this e-mail.", maxLength=MAX_TEXT_LENGTH, pattern=CLEAN
            ),
            *page_parameters(COLLECTION_PAGE_SIZE),
        ),
    ),
)
