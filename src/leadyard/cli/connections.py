"""A connection of the server, with an end to its patience: uvicorn waits for ever, in both directions.

Whoever opens a connection and sends the head of a request byte by byte, goes on sending a body that was
answered already, or does not read the answers, is cut off. While a body is read the API keeps the time itself
(`api/admission.py`).
"""

from __future__ import annotations

import asyncio
import resource
from typing import Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from leadyard.api.envelope import refuse_unreadable

MAX_HEAD_BYTES = 64 * 1024


class _Received(Protocol):
    """What came of a body and is not read yet: uvicorn adds to it, measures it and makes bytes of it."""

    body: bytes | bytearray


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection; what is no body has a size limit, and everything a time limit.

    `rest_seconds` is how long the rest of a body may come that nobody reads any more, `unread_seconds` how
    long the caller may read nothing of an answer that waits for it.
    """

    head_seconds = 10.0
    rest_seconds = 30.0
    unread_seconds = 30.0
    _timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _unread_bytes = 0
    _bytes_without_body = 0
    _has_body_come = False
    _is_in_head = True
    _is_in_message = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is awaited."""
        super().connection_made(transport)
        self._arm(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Counts what comes and is no body: a head, what is said beside chunks, trailers."""
        self._has_body_come = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if (self._is_in_head or self._is_in_message) and not self._has_body_come:
            self._bytes_without_body += len(data)
            if self._bytes_without_body > MAX_HEAD_BYTES:
                self._cut_off()
        elif not self._is_in_message and self._timer is None and self._is_answered():
            # uvicorn has given up its own patience for these bytes, which may be no more than blank lines.
            self._arm(self.head_seconds)

    def send_400_response(self, msg: str) -> None:
        """Answers what is no request, and closes; never in the place of another request's answer."""
        is_others_turn = bool(self.pipeline) or (
            not self._is_answered() and (self._is_in_head or self.cycle.response_started)
        )
        if not is_others_turn:
            headers, body = refuse_unreadable()
            lines = [b"HTTP/1.1 400 Bad Request"]
            lines += [name + b": " + value for name, value in (*self.server_state.default_headers, *headers)]
            self.transport.write(b"\r\n".join([*lines, b"", body]))
        self._close()

    def on_message_begin(self) -> None:
        """The first byte of a request: its head has to follow."""
        super().on_message_begin()
        self._is_in_head = self._is_in_message = True
        self._bytes_without_body = 0
        if self._timer is None:
            self._arm(self.head_seconds)

    def on_headers_complete(self) -> None:
        """The head is there; the application takes it from here."""
        self._disarm()
        super().on_headers_complete()
        self._is_in_head = False
        self._bytes_without_body = 0

    def on_body(self, body: bytes) -> None:
        """The API counts a body; what comes besides is counted from here anew."""
        self._has_body_come = True
        self._bytes_without_body = 0
        # uvicorn adds what comes to a bytearray, which is copied for who reads it. A part that finds nothing
        # there becomes the sum itself, uncopied, if it is added to bytes.
        received = cast(_Received, self.cycle)
        if not received.body:
            received.body = b""
        elif isinstance(received.body, bytes):
            received.body = bytearray(received.body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._is_in_message = False
        if not self._is_in_head:
            self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is given, perhaps before all of the body came."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_reader()
        elif self._is_in_message and self._timer is None:
            self._arm(self.rest_seconds)

    def pause_writing(self) -> None:
        """More of an answer is there than the caller has read."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """Most of it is read."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_awaiting_reader()

    def timeout_keep_alive_handler(self) -> None:
        """No other request came."""
        self._close()

    def shutdown(self) -> None:
        """The server ends."""
        super().shutdown()
        if self.transport.is_closing():
            self._await_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._disarm()
        self._stop_awaiting_reader()
        super().connection_lost(exc)

    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close(self) -> None:
        """Closes the connection once what was written is read, if it is read."""
        self.transport.close()
        self._await_reader()

    def _await_reader(self) -> None:
        if self._unread_timer is None:
            self._unread_bytes = self.transport.get_write_buffer_size()
            self._unread_timer = self.loop.call_later(self.unread_seconds, self._require_reader)

    def _require_reader(self) -> None:
        self._unread_timer = None
        if self.transport.get_write_buffer_size() < self._unread_bytes:
            self._await_reader()
        else:
            self.transport.abort()

    def _stop_awaiting_reader(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _arm(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._cut_off)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        """At once: an orderly end waits until everything is read."""
        self._timer = None
        self.transport.abort()


def allow_connections() -> None:
    """Lets the process have as many files open as it may: a connection is one, and 1,024 are soon used up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
