"""An HTTP server on loopback, down to the bytes, so that it can misbehave in every way there is."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from leadyard.providers.transport import Transport


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON; None without a body."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `body` is JSON, or bytes as they are; `hangs` and `is_cut` are about what does not come."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    is_cut: bool = False
    sent_share: float = 1.0

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Handler = Callable[[Request], Response]
Fault = Callable[[Request, Handler], Response]
"""What happens to a request in place of the handler, which it may call: then the service has sold."""


def refuse(status: int, body: Any = b"", **headers: str) -> Fault:
    """The service does nothing and answers this."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, handler: Response(status, body, named)


def sound(request: Request, handler: Handler) -> Response:
    """Nothing happens to this one."""
    return handler(request)


def cut(request: Request, handler: Handler) -> Response:
    """The service sells, and the connection is closed before the answer."""
    handler(request)
    return Response(is_cut=True)


def hang(request: Request, handler: Handler) -> Response:
    """The service sells, and the answer never comes."""
    handler(request)
    return Response(hangs=True)


def half(request: Request, handler: Handler) -> Response:
    """The service sells, and the connection is closed in the middle of the answer."""
    response = handler(request)
    return Response(response.status, response.content, response.headers, sent_share=0.5)


def half_json(request: Request, handler: Handler) -> Response:
    """The service sells, and answers with the first half of the JSON, as if that were all."""
    response = handler(request)
    return Response(response.status, response.content[: len(response.content) // 2], response.headers)


def mistyped(request: Request, handler: Handler) -> Response:
    """The right answer, said to be HTML."""
    response = handler(request)
    return Response(response.status, response.body, {**response.headers, "Content-Type": "text/html"})


def instead(body: Any, status: int = 200) -> Fault:
    """The service sells, and answers something else."""

    def fault(request: Request, handler: Handler) -> Response:
        handler(request)
        return Response(status, body)

    return fault


def zipped(share: float) -> Fault:
    """The service sells, and answers in gzip, of which so much comes, as if that were all."""

    def fault(request: Request, handler: Handler) -> Response:
        response = handler(request)
        content = gzip.compress(response.content)
        headers = {**response.headers, "Content-Encoding": "gzip"}
        return Response(response.status, content[: int(len(content) * share)], headers)

    return fault


def encoded(coding: str) -> Fault:
    """The service sells, and says that its answer is encoded so, which it is not."""

    def fault(request: Request, handler: Handler) -> Response:
        response = handler(request)
        return Response(response.status, response.body, {**response.headers, "Content-Encoding": coding})

    return fault


def changed(change: Callable[[Any], Any]) -> Fault:
    """The service sells, and its answer is changed on the way."""

    def fault(request: Request, handler: Handler) -> Response:
        response = handler(request)
        return Response(response.status, change(response.body), response.headers)

    return fault


@dataclass(slots=True)
class VendorServer:
    """A service that runs. `faults` befall the next requests, one each; `requests` are those that came."""

    handler: Handler
    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Response:
        """What the service answers."""
        self.requests.append(request)
        if self.faults:
            return self.faults.popleft()(request, self.handler)
        return self.handler(request)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method, unquote(parts.path), params, headers, body)


async def _write(writer: asyncio.StreamWriter, response: Response) -> None:
    content = response.content
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **response.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {response.status} Whatever\r\n{head}Connection: close\r\n\r\n".encode("latin-1"))
    writer.write(content[: int(len(content) * response.sent_share)])
    await writer.drain()


@asynccontextmanager
async def serve_vendor(handler: Handler) -> AsyncIterator[VendorServer]:
    """A service on a free port of 127.0.0.1, until the block ends."""
    server = VendorServer(handler)
    broken: list[Exception] = []
    hanging: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            response = server.answer(await _read_request(reader))
            if response.hangs:
                hanging.add(writer)
                return
            if not response.is_cut:
                await _write(writer, response)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except Exception as error:
            broken.append(error)
        writer.close()

    streams = await asyncio.start_server(talk, "127.0.0.1", 0)
    server.port = streams.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        streams.close()
        for writer in hanging:
            writer.close()
    if broken:
        pytest.fail(f"the stand-in broke: {broken[0]!r}")


@asynccontextmanager
async def open_transport(allowed_hosts: Iterable[str] = (), **options: Any) -> AsyncIterator[Transport]:
    """A transport that is closed when the block ends."""
    transport = Transport(allowed_hosts, **options)
    try:
        yield transport
    finally:
        await transport.close()
