"""Errors as pages that say what to mend."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from leadyard.api.admission import SlowBody
from leadyard.api.errors import CANNOT_BE_UNDERSTOOD, RETRY_AFTER_SECONDS, STATUSES
from leadyard.api.rate_limit import TooManyRequests
from leadyard.dashboard.call import SignInNeeded, is_part, redirect, render
from leadyard.dashboard.cookies import Notice
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError
from leadyard.domain.sign_in import TooManyTries

ADVICE = {
    ErrorCode.UNAUTHORIZED: "Sign in and try again.",
    ErrorCode.FORBIDDEN: "Your role does not allow this. Ask an admin to do it, or to change your role.",
    ErrorCode.NOT_FOUND: (
        "It may have been deleted, belong to the other data (live or test), or the address is mistyped."
    ),
    ErrorCode.METHOD_NOT_ALLOWED: "Go back, reload the page and try again.",
    ErrorCode.CONFLICT: "Somebody may have changed it meanwhile. Go back, reload the page and try again.",
    ErrorCode.GONE: "It was deleted.",
    ErrorCode.INSUFFICIENT_CREDITS: "Ask an admin to grant credits, or choose fewer leads.",
    ErrorCode.PAYLOAD_TOO_LARGE: "Send less at once.",
    ErrorCode.TOO_MANY_REQUESTS: "Wait a minute, then reload the page.",
    ErrorCode.SERVICE_UNAVAILABLE: "Nothing was changed. Wait a moment, then reload the page.",
    ErrorCode.INTERNAL_SERVER_ERROR: (
        "This is a defect of the service. The number below helps the operator to find it in the log."
    ),
}
TITLES = {
    ErrorCode.FORBIDDEN: "You cannot do this",
    ErrorCode.NOT_FOUND: "There is nothing here",
    ErrorCode.INTERNAL_SERVER_ERROR: "Something went wrong",
    ErrorCode.SERVICE_UNAVAILABLE: "Not available now",
    ErrorCode.TOO_MANY_REQUESTS: "Too many requests",
    ErrorCode.GONE: "It is gone",
}
CROSS_SITE = "This came from another site."

log = structlog.get_logger()

AnyRequest = Request[Any, Any, Any]


def error_page(request: AnyRequest, fault: Fault, headers: dict[str, str] | None = None) -> Response[str]:
    """A page, or a notice for the page that asked for a part of itself."""
    status = STATUSES[fault.code]
    shown: dict[str, Any] = {
        "title": TITLES.get(fault.code, fault.title),
        "detail": fault.detail if fault.code is not ErrorCode.FORBIDDEN or _is_own(fault) else None,
        "advice": None if _is_own(fault) else ADVICE.get(fault.code),
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    if is_part(request):
        response = render(request, "error_part.html", status=status, **shown)
        response.headers.update({"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"})
    else:
        response = render(request, "error.html", status=status, **shown)
    if fault.code in RETRY_AFTER_SECONDS:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS[fault.code])
    response.headers.update(headers or {})
    return response


def _is_own(fault: Fault) -> bool:
    return fault.detail.startswith(CROSS_SITE)


def handle_leadyard_error(request: AnyRequest, error: LeadyardError) -> Response[str]:
    """What an action or the reading of a request raised."""
    headers = {}
    if isinstance(error, (TooManyRequests, TooManyTries)):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, SlowBody):
        headers["Connection"] = "close"
    return error_page(request, error.faults[0], headers)


def handle_sign_in_needed(request: AnyRequest, _error: SignInNeeded) -> Response[str]:
    """Sends the browser to the page where one signs in, and back afterwards if it only wanted to read."""
    is_reading = request.method == "GET" and not is_part(request)
    query = request.scope["query_string"].decode("latin-1")
    target = request.url.path + (f"?{query}" if query else "")
    back = f"?next={quote(target, safe='/')}" if is_reading and target != "/" else ""
    notice = None if is_reading else Notice("You are signed out. Sign in and try again.", "warning")
    return redirect(request, f"/sign-in{back}", notice)


def handle_http_exception(request: AnyRequest, error: HTTPException) -> Response[str]:
    """The framework's own errors as pages."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return error_page(request, Fault(ErrorCode.NOT_FOUND, "There is no page at this address."))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        fault = Fault(ErrorCode.METHOD_NOT_ALLOWED, "This page does not support the method.")
        return error_page(request, fault, {"Allow": (error.headers or {}).get("allow", "")})
    if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return error_page(request, CANNOT_BE_UNDERSTOOD)
    return handle_unexpected(request, error)


def handle_unexpected(request: AnyRequest, error: Exception) -> Response[str]:
    """A defect of ours: logged with its trace, answered without it."""
    log.error("unexpected_error", exc_info=error)
    return error_page(request, Fault(ErrorCode.INTERNAL_SERVER_ERROR, "Something went wrong."))


PAGE_EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    SignInNeeded: handle_sign_in_needed,
    LeadyardError: handle_leadyard_error,
    HTTPException: handle_http_exception,
    Exception: handle_unexpected,
}
