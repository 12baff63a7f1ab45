"""The one table from errors to statuses, and how an error is rendered (contract §1)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from leadyard.api.admission import SlowBody
from leadyard.api.rate_limit import TooManyRequests
from leadyard.api.schemas import ErrorItem, Errors, ErrorSource
from leadyard.api.wire import json_response
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, unsupported_body

STATUSES: dict[ErrorCode, int] = {
    ErrorCode.MISSING_FIELD: 400,
    ErrorCode.UNSUPPORTED_VALUE: 400,
    ErrorCode.UNAUTHORIZED: 401,
    ErrorCode.INSUFFICIENT_CREDITS: 402,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.PERSON_NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.GONE: 410,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.IDEMPOTENCY_KEY_IN_USE: 409,
    ErrorCode.IDEMPOTENCY_KEY_REUSED: 422,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.UNAVAILABLE_FOR_LEGAL_REASONS: 451,
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
}
CANNOT_BE_UNDERSTOOD = Fault(ErrorCode.UNSUPPORTED_VALUE, "The request cannot be understood.")
IS_ENDING = Fault(ErrorCode.SERVICE_UNAVAILABLE, "The service ends. Try again shortly.")
RETRY_AFTER_SECONDS = {
    ErrorCode.IDEMPOTENCY_KEY_IN_USE: 1,
    ErrorCode.SERVICE_UNAVAILABLE: 5,
}

log = structlog.get_logger()


def error_item(fault: Fault) -> ErrorItem:
    """One fault in the wire's shape; `source` only where there is one."""
    places = {"pointer": fault.pointer, "parameter": fault.parameter, "header": fault.header}
    named = {name: value for name, value in places.items() if value is not None}
    item = ErrorItem(fault.code, fault.title, fault.detail)
    return msgspec.structs.replace(item, source=ErrorSource(**named)) if named else item


def error_response(
    request: Request[Any, Any, Any], faults: Sequence[Fault], headers: dict[str, str] | None = None
) -> Response[bytes]:
    """An answer with these faults; the first decides the status."""
    code = faults[0].code
    own = {"Retry-After": str(RETRY_AFTER_SECONDS[code])} if code in RETRY_AFTER_SECONDS else {}
    if code is ErrorCode.UNAUTHORIZED:
        own["WWW-Authenticate"] = "Bearer"
    body = Errors([error_item(fault) for fault in faults])
    return json_response(request, body, status=STATUSES[code], headers={**own, **(headers or {})})


def handle_leadyard_error(request: Request[Any, Any, Any], error: LeadyardError) -> Response[bytes]:
    """What an action or the reading of a request raised."""
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, SlowBody):
        headers["Connection"] = "close"
    return error_response(request, error.faults, headers)


def handle_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The framework's own errors in the contract's shape."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        fault = Fault(ErrorCode.NOT_FOUND, "Could not find this resource.")
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        fault = Fault(ErrorCode.METHOD_NOT_ALLOWED, "This resource does not support the method.")
        return error_response(request, [fault], {"Allow": (error.headers or {}).get("allow", "")})
    elif error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        fault = CANNOT_BE_UNDERSTOOD
    else:
        return handle_unexpected(request, error)
    return error_response(request, [fault])


def handle_too_deep(request: Request[Any, Any, Any], _error: RecursionError) -> Response[bytes]:
    """Nothing but the JSON decoder recurses, and how deep it gets depends on where it is called."""
    return error_response(request, [unsupported_body("is nested too deep")])


def handle_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A defect of ours: logged with its trace, answered without it."""
    log.error("unexpected_error", exc_info=error)
    return error_response(request, [Fault(ErrorCode.INTERNAL_SERVER_ERROR, "Something went wrong.")])


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    LeadyardError: handle_leadyard_error,
    HTTPException: handle_http_exception,
    RecursionError: handle_too_deep,
    Exception: handle_unexpected,
}
