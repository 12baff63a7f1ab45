"""What a row of the table of operations says. A test compares the table with the routes."""

from __future__ import annotations

from typing import Any

import msgspec

from leadyard.api.call import MAX_IDEMPOTENCY_KEY_LENGTH
from leadyard.api.estimate_schemas import PreviewView, WorkEstimateView
from leadyard.api.paging import MAX_CURSOR_LENGTH
from leadyard.api.wire import JSON, VENDOR_JSON
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode
from leadyard.domain.estimates import ESTIMATE_HEADER
from leadyard.domain.pages import MAX_PAGE_SIZE

Parameter = dict[str, Any]

CLEAN = "^[^\\x00-\\x1f\\x7f]*$"
REPLAYED = "Idempotent-Replayed"


class Success(msgspec.Struct, frozen=True):
    """One answer that is no error. Without a shape its body is text, without a media type it has none.

    `other_shape` is what it has instead when a parameter asks for something else.
    """

    description: str
    shape: type[msgspec.Struct] | None = None
    headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = (JSON, VENDOR_JSON)
    other_shape: type[msgspec.Struct] | None = None


class Operation(msgspec.Struct, frozen=True):
    """What a caller can do with one method of one path.

    `scope` is what the key must have; without one anybody may ask. `errors` are the codes beyond those that
    `error_codes` knows from the rest. `reads_database` is false for what is answered by the process alone.
    `needs_body` is false where no body at all is as good as an empty object. `file_types` are the media types
    of a body that is a file; it can be the one file of a form as well.
    """

    method: str
    path: str
    id: str
    scope: Scope | None
    summary: str
    tags: tuple[str, ...]
    successes: dict[int, Success]
    parameters: tuple[Parameter, ...] = ()
    body: type[msgspec.Struct] | None = None
    needs_body: bool = True
    errors: tuple[ErrorCode, ...] = ()
    reads_database: bool = True
    file_types: tuple[str, ...] = ()

    @property
    def takes_idempotency_key(self) -> bool:
        """Whether an Idempotency-Key makes it happen once."""
        return self.method == "post"


def error_codes(operation: Operation) -> set[ErrorCode]:
    """Every code that an operation can answer with."""
    codes = {ErrorCode.INTERNAL_SERVER_ERROR, *operation.errors}
    if operation.reads_database:
        codes.add(ErrorCode.SERVICE_UNAVAILABLE)
    if operation.scope is not None:
        codes |= {ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, ErrorCode.TOO_MANY_REQUESTS}
    if any(parameter["in"] == "query" for parameter in operation.parameters):
        codes.add(ErrorCode.UNSUPPORTED_VALUE)
    if any(parameter["in"] == "path" for parameter in operation.parameters):
        codes.add(ErrorCode.NOT_FOUND)
    if operation.body is not None:
        codes |= {ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA_TYPE, ErrorCode.UNSUPPORTED_VALUE}
        if any(field.required for field in msgspec.structs.fields(operation.body)):
            codes.add(ErrorCode.MISSING_FIELD)
    if operation.file_types:
        codes |= {ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA_TYPE, ErrorCode.MISSING_FIELD}
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
DRY_RUN = query_parameter(
    "dry_run",
    "Only tell what the request would come to: nothing is stored, and nothing is spent.",
    type="boolean",
    default=False,
)
ESTIMATE_TOKEN: Parameter = {
    "name": ESTIMATE_HEADER,
    "in": "header",
    "description": "The token of a dry run of the same request, which then costs no more or is refused.",
    "schema": {"type": "string"},
}
SPENDING = (DRY_RUN, ESTIMATE_TOKEN)
"""What requests that spend take beside the rest."""
ESTIMATED_WORK = Success("With `dry_run=true`: what it would come to; nothing done", WorkEstimateView)
ESTIMATED = Success("With `dry_run=true`: what it would come to; nothing stored", PreviewView)
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
