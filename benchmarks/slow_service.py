"""A service on loopback that knows everybody, and takes its time for each answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec


class _Connection(asyncio.Protocol):
    """One request after the other on a connection that is kept."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of uvloop is no asyncio.Transport, though it is like one.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            answer = _encode(head.split(b" ", 2)[1].decode())
            asyncio.get_running_loop().call_later(self._seconds, self._send, answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _encode(target: str) -> bytes:
    email = parse_qs(urlsplit(target).query)["email"][0]
    person = {"id": email, "email": email, "first": "First", "last": "Last", "title": "Head of Sales"}
    body = msgspec.json.encode({"person": person})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def serve(seconds: float, at_once: int) -> AsyncIterator[dict[str, Any]]:
    """Serves until the block ends; the options of the `http` provider that asks it."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(seconds), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield {
            "url": f"http://127.0.0.1:{port}/person?email={{email}}",
            "needs": [["email"]],
            "found": "$.person",
            "fields": {
                "id": "$.id",
                "email": "$.email",
                "first_name": "$.first",
                "last_name": "$.last",
                "title": "$.title",
            },
            "rate": 2 * at_once / seconds,
            "concurrency": at_once,
        }
    finally:
        server.close()
