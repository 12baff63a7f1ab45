"""What every answer has, whoever made it: its id, rate limit and security headers, a log line, a span.

It wraps the whole application, so the framework's own errors and the 500s have them too.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, cast

import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Histogram

from leadyard.api.admission import ADMITTED
from leadyard.api.call import CALLER_KEY_ID, IS_HTTPS, ORIGIN, SERVICES, WHOLE, Services
from leadyard.api.errors import CANNOT_BE_UNDERSTOOD, IS_ENDING, RETRY_AFTER_SECONDS, STATUSES, error_item
from leadyard.api.schemas import Errors
from leadyard.api.wire import JSON, encode
from leadyard.domain.accounts import Origin

_METHODS = frozenset(method.value for method in HttpMethod)
_SANE_ID = re.compile(r"[A-Za-z0-9._:=+/-]{1,128}")
_REQUESTS = Counter(
    "leadyard_http_requests_total", "Requests by route and status.", ["method", "route", "status"]
)
_SECONDS = Histogram("leadyard_http_request_seconds", "Seconds to answer, by route.", ["route"])

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SET = (
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_OVER_HTTPS = (b"strict-transport-security", b"max-age=31536000")
_UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("leadyard")

log = structlog.get_logger()


class Envelope:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        if scope["method"] == HttpMethod.HEAD:
            # RFC 9110 §9.3.2: as GET, without the body, which the server leaves out.
            scope = cast(Scope, {**scope, "method": HttpMethod.GET.value})
        request_id = _request_id(scope)
        peer = self.services.proxies.find_peer(scope)
        state = scope["state"] = {
            **scope.get("state", {}),
            SERVICES: self.services,
            WHOLE: self,
            ORIGIN: Origin(peer.address, request_id),
            IS_HTTPS: peer.is_https,
        }
        begin = time.perf_counter()
        status = 500
        is_answered = False

        async def send_wrapped(message: Message) -> None:
            nonlocal status, is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                # The answer is there as a whole: who does not read it must keep nobody out.
                holder.close()
                status = message["status"]
                headers: list[tuple[bytes, bytes]] = list(message["headers"])
                headers.extend(self._own_headers(state, request_id))
                headers.extend(_security_headers(headers, is_https=peer.is_https))
                message["headers"] = headers
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id), _span(scope) as span:
            try:
                async with self.services.admission.open_pass() as holder:
                    state[ADMITTED] = holder
                    await self._app(scope, receive, send_wrapped)
            except asyncio.CancelledError:
                if not is_answered:
                    await _send_away(send_wrapped)
                raise
            finally:
                _observe(scope, status, time.perf_counter() - begin)
                _describe(span, scope, status)

    def _own_headers(self, state: Mapping[str, Any], request_id: str) -> list[tuple[bytes, bytes]]:
        headers = {
            "X-Request-Id": request_id,
            **self.services.limiter.headers(state.get(CALLER_KEY_ID)),
        }
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def refuse_unreadable() -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of the 400 for what is no request, which the application never sees."""
    request_id = str(uuid.uuid4())
    body = encode(Errors([error_item(CANNOT_BE_UNDERSTOOD)]))
    headers = [
        (b"content-type", JSON.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
    ]
    headers.extend(_security_headers(headers, is_https=False))
    _REQUESTS.labels("other", "unmatched", 400).inc()
    log.info("request_not_understood", request_id=request_id)
    return headers, body


async def _send_away(send: Send) -> None:
    """The answer to a request that the server, about to end, waits for no longer; it may have been done."""
    body = encode(Errors([error_item(IS_ENDING)]))
    headers = [
        (b"content-type", JSON.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(RETRY_AFTER_SECONDS[IS_ENDING.code]).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": STATUSES[IS_ENDING.code], "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _security_headers(headers: list[tuple[bytes, bytes]], *, is_https: bool) -> Iterator[tuple[bytes, bytes]]:
    """What keeps browsers from misusing an answer; a page may have its own policy and lifetime."""
    names = {name.lower() for name, _ in headers}
    yield from _ALWAYS
    yield from (header for header in _UNLESS_SET if header[0] not in names)
    if is_https:
        yield _OVER_HTTPS


def _request_id(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if _SANE_ID.fullmatch(text):
                return str(text)
    return str(uuid.uuid4())


@contextmanager
def _span(scope: Any) -> Iterator[Span]:
    """The request as part of a trace: the caller's, if it sent one. Health checks are in none."""
    if scope["path"] in _UNTRACED:
        yield trace.INVALID_SPAN
        return
    parents = [value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"]
    context = _propagator.extract({"traceparent": parents[0]}) if len(parents) == 1 else None
    with _tracer.start_as_current_span(
        scope["method"] if scope["method"] in _METHODS else "HTTP",
        context=context,
        kind=SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span


def _describe(span: Span, scope: Any, status: int) -> None:
    """What is known once it is answered. The path itself may name a person, so its template stands for it."""
    if not span.is_recording():
        return
    route = scope.get("path_template")
    if route is not None:
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.request.method", scope["method"])
    span.set_attribute("http.response.status_code", status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.set_status(Status(StatusCode.ERROR))


def _observe(scope: Any, status: int, seconds: float) -> None:
    route = scope.get("path_template") or "unmatched"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _REQUESTS.labels(method, route, status).inc()
    _SECONDS.labels(route).observe(seconds)
    log.info("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))
