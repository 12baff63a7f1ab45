"""/openapi.json: the OpenAPI 3.1 document, made from the table of operations and the shapes on the wire.

To document a new route, add a row to the table of operations in the file of its noun, its shapes to
`NAMES` in `schemas.py` and, for a new error code, a fault to `code_faults` in `examples.py`.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from litestar import Response, get

from leadyard import __version__
from leadyard.api.call import services_of
from leadyard.api.errors import STATUSES
from leadyard.api.openapi.access import ACCESS_OPERATIONS
from leadyard.api.openapi.account import ACCOUNT_OPERATIONS
from leadyard.api.openapi.examples import (
    add_leads_faults,
    added_examples,
    body_examples,
    code_faults,
    error_examples,
    group_by_status,
)
from leadyard.api.openapi.imports import IMPORT_OPERATIONS
from leadyard.api.openapi.lead_lists import LEAD_LIST_OPERATIONS
from leadyard.api.openapi.operations import (
    IDEMPOTENCY_KEY,
    Operation,
    Success,
    error_codes,
)
from leadyard.api.openapi.people import PEOPLE_OPERATIONS
from leadyard.api.openapi.privacy import PRIVACY_OPERATIONS
from leadyard.api.openapi.providers import PROVIDER_OPERATIONS
from leadyard.api.openapi.schemas import reference, schema_components
from leadyard.api.openapi.service import SERVICE_OPERATIONS
from leadyard.api.openapi.texts import COMPRESSION, HEADERS, TAGS, introduction
from leadyard.api.openapi.webhooks import WEBHOOK_OPERATIONS
from leadyard.api.schemas import Errors
from leadyard.api.uploads import FORM
from leadyard.api.wire import JSON, VENDOR_JSON, ApiRequest, encode
from leadyard.domain.capacity import Limits
from leadyard.domain.errors import ErrorCode, Fault

Json = dict[str, Any]

OPERATIONS = (
    *LEAD_LIST_OPERATIONS,
    *IMPORT_OPERATIONS,
    *ACCOUNT_OPERATIONS,
    *ACCESS_OPERATIONS,
    *PEOPLE_OPERATIONS,
    *PRIVACY_OPERATIONS,
    *PROVIDER_OPERATIONS,
    *WEBHOOK_OPERATIONS,
    *SERVICE_OPERATIONS,
)
ADD_LEADS = "addLeads"
EVERY_ANSWER = ("X-Request-Id", "RateLimit", "RateLimit-Policy")
_STATUS_HEADERS = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


@get("/openapi.json")
async def get_openapi(request: ApiRequest) -> Response[bytes]:
    """The document, with the limits in force."""
    services = services_of(request)
    body = encoded_document(services.rules.limits, services.max_body_bytes)
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-cache"})


@cache
def encoded_document(limits: Limits, max_body_bytes: int) -> bytes:
    """The document as JSON; made once for an application."""
    return encode(Document(limits, max_body_bytes).build())


class Document:
    """Builds the document for the limits in force."""

    def __init__(self, limits: Limits, max_body_bytes: int) -> None:
        self._max_body_bytes = max_body_bytes
        self._limits = limits
        self._faults = code_faults(max_body_bytes)
        self._page_faults = {ADD_LEADS: add_leads_faults(limits)}
        self._bodies = body_examples()

    def build(self) -> Json:
        """The whole document."""
        paths: dict[str, Json] = {}
        for operation in OPERATIONS:
            paths.setdefault(operation.path, {})[operation.method] = self._operation(operation)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Leadyard",
                "version": __version__,
                "description": introduction(self._faults.values(), self._max_body_bytes),
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "security": [{"bearerAuth": []}],
            "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
            "paths": paths,
            "components": {
                "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
                "headers": HEADERS,
                "parameters": {"IdempotencyKey": IDEMPOTENCY_KEY},
                "responses": {code: self._errors([code], STATUSES[code]) for code in self._faults},
                "schemas": schema_components(self._limits),
            },
        }

    def _operation(self, operation: Operation) -> Json:
        parameters: list[Json] = list(operation.parameters)
        if operation.takes_idempotency_key:
            parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
        documented: Json = {
            "tags": list(operation.tags),
            "operationId": operation.id,
            "summary": operation.summary,
            "responses": self._responses(operation),
        }
        if parameters:
            documented["parameters"] = parameters
        if operation.body is not None:
            documented["requestBody"] = self._body(operation)
        if operation.file_types:
            documented["requestBody"] = _file_body(operation)
        if operation.scope is None:
            documented["security"] = []
        else:
            documented["description"] = f"Needs the scope `{operation.scope}`."
            documented["security"] = [{"bearerAuth": [operation.scope]}]
        return documented

    def _body(self, operation: Operation) -> Json:
        assert operation.body is not None
        content = {kind: {"schema": reference(operation.body)} for kind in (JSON, VENDOR_JSON)}
        content[JSON]["examples"] = self._bodies[operation.id]
        return {"required": operation.needs_body, "description": COMPRESSION, "content": content}

    def _responses(self, operation: Operation) -> Json:
        responses = {str(status): _success(answer) for status, answer in operation.successes.items()}
        if operation.id == ADD_LEADS:
            responses["202"]["content"][JSON]["examples"] = added_examples()
        documented = self._page_faults.get(operation.id, {})
        for status, codes in group_by_status(error_codes(operation)).items():
            faults = documented.get(status)
            if faults is None and len(codes) == 1:
                responses[str(status)] = {"$ref": f"#/components/responses/{codes[0]}"}
            else:
                responses[str(status)] = self._errors(codes, status, faults)
        return dict(sorted(responses.items()))

    def _errors(self, codes: list[ErrorCode], status: int, named: dict[str, Fault] | None = None) -> Json:
        """An answer with one of some codes: the examples given, and one for each code that these lack."""
        faults = dict(named or {})
        shown = {fault.code for fault in faults.values()}
        faults.update({self._faults[code].title: self._faults[code] for code in codes if code not in shown})
        content: Json = {kind: {"schema": reference(Errors)} for kind in (JSON, VENDOR_JSON)}
        content[JSON]["examples"] = error_examples(faults)
        headers = _STATUS_HEADERS.get(status, ())
        if ErrorCode.IDEMPOTENCY_KEY_IN_USE in codes:
            headers = ("Retry-After",)
        return {
            "description": _describe(status),
            "headers": _headers(headers),
            "content": content,
        }


def _file_body(operation: Operation) -> Json:
    raw: Json = {"schema": {"type": "string", "format": "binary"}}
    form: Json = {"type": "object", "properties": {"file": raw["schema"]}, "required": ["file"]}
    content = {**dict.fromkeys(operation.file_types, raw), FORM: {"schema": form}}
    return {
        "required": True,
        "description": "The file itself, by this media type or its own (`text/csv`), or a form with it.",
        "content": content,
    }


def _describe(status: int) -> str:
    """A status in words, as the compatible documentation has it."""
    return "Insufficient credits" if status == 402 else HTTPStatus(status).phrase.capitalize()


def _success(answer: Success) -> Json:
    documented: Json = {"description": answer.description, "headers": _headers(answer.headers)}
    if answer.shape is not None and answer.other_shape is not None:
        schema: Json = {"oneOf": [reference(answer.shape), reference(answer.other_shape)]}
    elif answer.shape is not None:
        schema = reference(answer.shape)
    else:
        schema = {"type": "object"} if JSON in answer.media_types else {"type": "string"}
    content = {kind: {"schema": schema} for kind in answer.media_types}
    return {**documented, "content": content} if content else documented


def _headers(names: tuple[str, ...]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*EVERY_ANSWER, *names)}
