"""A connection of the server, with an end to its patience: uvicorn waits for a request for ever.

Whoever opens a connection and sends the head of a request byte by byte, or goes on sending a body that was
answered already, is cut off. While a body is read the API keeps the time itself (`api/admission.py`).
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection; the head of a request has a size and a time limit.

    `rest_seconds` is how long the rest of a body may come that nobody reads any more.
    """

    head_seconds = 10.0
    rest_seconds = 30.0
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_head = True
    _is_in_message = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is awaited."""
        super().connection_made(transport)
        self._arm(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Counts what comes before the head of a request is complete."""
        super().data_received(data)
        if self._is_in_head and self.parser is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._cut_off()

    def on_message_begin(self) -> None:
        """The first byte of a request: its head has to follow."""
        super().on_message_begin()
        self._is_in_head = self._is_in_message = True
        self._head_bytes = 0
        if self._timer is None:
            self._arm(self.head_seconds)

    def on_headers_complete(self) -> None:
        """The head is there; the application takes it from here."""
        self._disarm()
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._is_in_message = False
        if not self._is_in_head:
            self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is given, perhaps before all of the body came."""
        super().on_response_complete()
        if self._is_in_message and self._timer is None and not self.transport.is_closing():
            self._arm(self.rest_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._cut_off)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()


def allow_connections() -> None:
    """Lets the process have as many files open as it may: a connection is one, and 1,024 are soon used up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
