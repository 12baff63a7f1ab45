"""What every answer has, whoever made it: request id, rate limit and security headers, a log line, metrics.

It wraps the whole application, so the framework's own errors and the 500s have them too.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from typing import Any, cast

import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from leadyard.api.call import CALLER_KEY_ID, ORIGIN
from leadyard.api.proxies import TrustedProxies
from leadyard.api.rate_limit import RateLimiter
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
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SET = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_OVER_HTTPS = (b"strict-transport-security", b"max-age=31536000")

log = structlog.get_logger()


class Envelope:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter, proxies: TrustedProxies) -> None:
        self._app = app
        self._limiter = limiter
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        if scope["method"] == HttpMethod.HEAD:
            # RFC 9110 §9.3.2: as GET, without the body, which the server leaves out.
            scope = cast(Scope, {**scope, "method": HttpMethod.GET.value})
        request_id = _request_id(scope)
        peer = self._proxies.find_peer(scope)
        scope[ORIGIN] = Origin(peer.address, request_id)  # type: ignore[literal-required]
        begin = time.perf_counter()
        status = 500

        async def send_wrapped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[tuple[bytes, bytes]] = list(message["headers"])
                headers.extend(self._own_headers(scope, request_id))
                headers.extend(_security_headers(headers, is_https=peer.is_https))
                message["headers"] = headers
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_wrapped)
            finally:
                _observe(scope, status, time.perf_counter() - begin)

    def _own_headers(self, scope: Any, request_id: str) -> list[tuple[bytes, bytes]]:
        headers = {
            "X-Request-Id": request_id,
            **self._limiter.headers(scope.get(CALLER_KEY_ID)),
        }
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


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


def _observe(scope: Any, status: int, seconds: float) -> None:
    route = scope.get("path_template") or "unmatched"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _REQUESTS.labels(method, route, status).inc()
    _SECONDS.labels(route).observe(seconds)
    log.info("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))
