"""HTTP as every paid provider is called by: one session, bounded answers, and no request sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from leadyard.providers.addresses import AllowedHosts
from leadyard.providers.reply import Reply

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

    from leadyard.providers.http_session import HttpSession

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 60.0
MAX_BODY_BYTES = 16 * 1024 * 1024
"""A hundred whole profiles take less than a tenth of it."""


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
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._max_body_bytes = max_body_bytes
        self._reads_answers = reads_answers
        self._clock = clock
        self._resolver = resolver
        self._session: HttpSession | None = None

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
        if self._session is None:
            self._session = self._open_session()
        return await self._session.send(
            method, url, headers=headers, params=params, body=body, can_buy=can_buy
        )

    def _open_session(self) -> HttpSession:
        # A service whose accounts call nobody spares aiohttp, its memory and a part of its start.
        from leadyard.providers.http_session import HttpSession  # noqa: PLC0415

        return HttpSession(
            self._allowed,
            self._resolver,
            self._clock,
            connect_seconds=self._connect_seconds,
            total_seconds=self._total_seconds,
            max_body_bytes=self._max_body_bytes,
            reads_answers=self._reads_answers,
        )


class Endpoint(msgspec.Struct, frozen=True):
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
