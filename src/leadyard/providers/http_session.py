"""The session of a transport. It is loaded with the first request, and aiohttp with it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
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
    ThreadedResolver,
    TraceConfig,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from leadyard.domain.providers import CallFailed, Failure
from leadyard.providers.addresses import AllowedHosts
from leadyard.providers.reply import Reply

DROP_SECONDS = 1.0


class HttpSession:
    """Sends requests as `Transport` promises. It serves one event loop, and begins in it."""

    def __init__(
        self,
        allowed: AllowedHosts,
        resolver: AbstractResolver | None,
        clock: Callable[[], float],
        *,
        connect_seconds: float,
        total_seconds: float,
        max_body_bytes: int,
        reads_answers: bool,
    ) -> None:
        self._allowed = allowed
        self._max_body_bytes = max_body_bytes
        self._reads_answers = reads_answers
        self._clock = clock
        self._session = ClientSession(
            connector=TCPConnector(
                resolver=CheckedResolver(allowed, resolver),
                force_close=True,
                use_dns_cache=False,
                limit=0,
            ),
            cookie_jar=DummyCookieJar(),
            auto_decompress=reads_answers,
            timeout=ClientTimeout(total=total_seconds, connect=connect_seconds),
            trust_env=False,
            trace_configs=[_watch_sending()],
            middlewares=[_send_once],
            headers={"User-Agent": "Leadyard"},
        )

    async def close(self) -> None:
        """Ends it; requests under way fail."""
        await self._session.close()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        body: Any,
        can_buy: bool,
    ) -> Reply:
        """As `Transport.send`."""
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
        data = None if body is None else msgspec.json.encode(body)
        sent_headers = {"Accept": "application/json", **headers}
        if data is not None:
            sent_headers["Content-Type"] = "application/json"
        target = URL(url)
        self._allowed.require_host(target.host or "")
        async with self._session.request(
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


def _watch_sending() -> TraceConfig:
    trace = TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    return trace


async def _note_sent(_session: ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.is_sent = True


class CheckedResolver(AbstractResolver):
    """Resolves names and refuses one that has any address which must not be called."""

    def __init__(self, allowed: AllowedHosts, resolver: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises ForbiddenAddress, or OSError for a name that has none."""
        results = await self._resolver.resolve(host, port, family)
        if not self._allowed.allow_name(host):
            for result in results:
                self._allowed.require_host(result["host"])
        return results

    async def close(self) -> None:
        """Ends the resolver that is asked."""
        await self._resolver.close()
