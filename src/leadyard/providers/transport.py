"""HTTP as every paid provider is called by: one session, bounded answers, and no request sent twice."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec
from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    TraceConfig,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from leadyard.domain.providers import CallFailed, Failure
from leadyard.providers.addresses import AllowedHosts, CheckedResolver

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 60.0
MAX_BODY_BYTES = 16 * 1024 * 1024
"""A hundred whole profiles take less than a tenth of it."""
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
DROP_SECONDS = 1.0

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXCERPT_BYTES = 4096
_THROTTLED_WORDS = re.compile(rb"rate.?limit|too many (?:requests|calls)|throttl", re.IGNORECASE)
_CREDIT_WORDS = re.compile(
    rb"(?:insufficient|not enough|out of|no more|ran out of)[ _](?:[a-z]+[ _])?credits?"
    rb"|credits?[ _](?:insufficient|exhausted)|payment.required",
    re.IGNORECASE,
)
_WORDS = (
    (_THROTTLED_WORDS, Failure.THROTTLED),
    (_CREDIT_WORDS, Failure.OUT_OF_CREDIT),
    (re.compile(rb"api.?key|unauthori[sz]ed|authenticat", re.IGNORECASE), Failure.UNAUTHORIZED),
    (re.compile(rb"internal.?(?:server.?)?error|unavailable|try again", re.IGNORECASE), Failure.DOWN),
)
_GATEWAY_TIMED_OUT = frozenset((504, 520, 522, 524))
"""Statuses of a proxy that lost sight of a request: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. `can_buy` says whether the question was one that costs."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    can_buy: bool
    now: float

    def json(self) -> Any:
        """The body's JSON, whatever type it was said to have. Raises CallFailed (GARBLED)."""
        failure = None
        try:
            return msgspec.json.decode(self.body.removeprefix(_BYTE_ORDER_MARK))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            failure = self.garbled()
        raise failure

    def json_or_none(self) -> Any:
        """The body's JSON, or None if it is none: for answers whose status says enough."""
        try:
            return self.json()
        except CallFailed:
            return None

    def garbled(self) -> CallFailed:
        """The failure of an answer that says nothing sensible."""
        return CallFailed(Failure.GARBLED, may_have_bought=self.can_buy and self.status < 300)

    @property
    def retry_after(self) -> float | None:
        """How long to wait before the next call, in seconds (RFC 9110 10.2.3); None if that is not said."""
        value = self.headers.get("Retry-After", "").strip()
        try:
            seconds = float(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - self.now
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)

    def failed(self, failure: Failure | None = None) -> CallFailed:
        """What this answer fails with: as told, else by its status.

        An answer of 500, 502 or 503 says that the service did not do it, and services charge for what they
        deliver: it can be asked again. One of a proxy that gave up waiting says nothing of the kind, and a
        success that is not understood may well have been one.
        """
        failure = failure or self._failure()
        is_success = failure is Failure.GARBLED and 200 <= self.status < 300
        may_have_bought = self.can_buy and (is_success or self.status in _GATEWAY_TIMED_OUT)
        return CallFailed(failure, retry_after=self.retry_after, may_have_bought=may_have_bought)

    def failed_in_words(self) -> CallFailed:
        """What an answer of status 200 fails with that has an error inside: what its words say.

        Words that say nothing known are GARBLED, and then it may have been paid for.
        """
        excerpt = self.body[:_EXCERPT_BYTES]
        for words, failure in _WORDS:
            if words.search(excerpt):
                return CallFailed(failure, retry_after=self.retry_after)
        return self.garbled()

    @property
    def is_no_match(self) -> bool:
        """Whether a 404 speaks of the person, not of the address: it has no body, or JSON."""
        return self.status == 404 and (not self.body.strip() or self.json_or_none() is not None)

    def _failure(self) -> Failure:
        """The status says it, except where services refuse in words that they have a status for."""
        excerpt = self.body[:_EXCERPT_BYTES]
        if self.status == 403 and (self.retry_after is not None or _THROTTLED_WORDS.search(excerpt)):
            return Failure.THROTTLED
        if self.status in (400, 403, 409, 422) and _CREDIT_WORDS.search(excerpt):
            return Failure.OUT_OF_CREDIT
        return failure_of_status(self.status)


def failure_of_status(status: int) -> Failure:
    """What a status that is no success stands for."""
    if status in (401, 403, 407):
        return Failure.UNAUTHORIZED
    if status == 402:
        return Failure.OUT_OF_CREDIT
    if status == 429:
        return Failure.THROTTLED
    if status == 408 or status in _GATEWAY_TIMED_OUT:
        return Failure.TIMED_OUT
    return Failure.DOWN if status >= 500 else Failure.GARBLED


class Transport:
    """Sends requests. It serves one event loop, where it is to be closed.

    No redirects, no cookies, no proxy of the environment. Each request has a connection of its own: one
    that was kept could be closed by the other side just as it is used, and nobody could tell whether
    the request was carried out.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str] = (),
        *,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_body_bytes: int = MAX_BODY_BYTES,
        reads_answers: bool = True,
        clock: Callable[[], float] = time.time,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """`allowed_hosts` are names, addresses and networks that may be called although not public.

        `clock` gives seconds since 1970, `resolver` replaces the system's. With `reads_answers` off, what
        counts is the status: the body is taken in for a second, up to its bound, and dropped.
        """
        self._allowed = AllowedHosts(allowed_hosts)
        self._timeout = ClientTimeout(total=total_seconds, connect=connect_seconds)
        self._max_body_bytes = max_body_bytes
        self._reads_answers = reads_answers
        self._clock = clock
        self._resolver = resolver
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Ends the session; requests under way fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Any = None,
        can_buy: bool = True,
    ) -> Reply:
        """Sends a request once; `body` goes as JSON, None is no body. Any status is an answer.

        Raises CallFailed if there was no answer, or a longer one than is read.
        """
        progress = SimpleNamespace(is_sent=False)
        failure = None
        try:
            return await self._exchange(method, url, headers, params, body, can_buy, progress)
        except CallFailed as error:
            failure = error
        except TimeoutError:
            failure = CallFailed(Failure.TIMED_OUT, may_have_bought=can_buy and progress.is_sent)
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
            failure = CallFailed(Failure.GARBLED, may_have_bought=can_buy)
        except (_ConnectionLost, aiohttp.ClientError, OSError, ValueError):
            # ValueError: an address or a header that is none.
            failure = CallFailed(Failure.DOWN, may_have_bought=can_buy and progress.is_sent)
        # Raised here, so that it does not carry the address and what stands in it along.
        raise failure

    async def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        body: Any,
        can_buy: bool,
        progress: SimpleNamespace,
    ) -> Reply:
        session = self._open_session()
        data = None if body is None else msgspec.json.encode(body)
        sent_headers = {"Accept": "application/json", **headers}
        if data is not None:
            sent_headers["Content-Type"] = "application/json"
        target = URL(url)
        self._allowed.require_host(target.host or "")
        async with session.request(
            method,
            target,
            params=params,
            data=data,
            headers=sent_headers,
            allow_redirects=False,
            trace_request_ctx=progress,
        ) as response:
            content = await self._read(response, can_buy) if self._reads_answers else b""
            if not self._reads_answers:
                await self._drop(response)
            return Reply(response.status, response.headers, content, can_buy, self._clock())

    async def _read(self, response: ClientResponse, can_buy: bool) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._max_body_bytes:
                raise CallFailed(Failure.GARBLED, may_have_bought=can_buy and response.status < 300)
            parts.append(part)
        return b"".join(parts)

    async def _drop(self, response: ClientResponse) -> None:
        """Takes in what comes at once: closing on an unread answer looks like a fault to who sent it."""
        size = 0
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(DROP_SECONDS):
                async for part in response.content.iter_any():
                    size += len(part)
                    if size > self._max_body_bytes:
                        return

    def _open_session(self) -> ClientSession:
        if self._session is None:
            trace = TraceConfig()
            trace.on_request_headers_sent.append(_note_sent)
            self._session = ClientSession(
                connector=TCPConnector(
                    resolver=CheckedResolver(self._allowed, self._resolver),
                    force_close=True,
                    use_dns_cache=False,
                    limit=0,
                ),
                cookie_jar=DummyCookieJar(),
                auto_decompress=self._reads_answers,
                timeout=self._timeout,
                trust_env=False,
                trace_configs=[trace],
                middlewares=[_send_once],
                headers={"User-Agent": "Leadyard"},
            )
        return self._session


class _ConnectionLost(Exception):
    """The other side closed the connection before it answered."""


async def _send_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Hides a lost connection from aiohttp, which would send GET and the like again: they may buy."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        pass
    raise _ConnectionLost


async def _note_sent(_session: ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.is_sent = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service as it is called: where it is and with which headers, the key among them."""

    transport: Transport
    base_url: str
    headers: Mapping[str, str]

    async def get(self, path: str, params: Mapping[str, str] | None = None, *, can_buy: bool) -> Reply:
        """Asks with the question in the address. Raises CallFailed if there is no answer."""
        return await self._send("GET", path, params, None, can_buy)

    async def post(
        self, path: str, body: Any, params: Mapping[str, str] | None = None, *, can_buy: bool
    ) -> Reply:
        """Asks with JSON. Raises CallFailed if there is no answer."""
        return await self._send("POST", path, params, body, can_buy)

    async def _send(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Any, can_buy: bool
    ) -> Reply:
        return await self.transport.send(
            method,
            self.base_url.rstrip("/") + path,
            headers=self.headers,
            params=params,
            body=body,
            can_buy=can_buy,
        )
