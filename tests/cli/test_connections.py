"""Connections that send little or too much where no body is, or read nothing of what they are answered."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

import pytest
import uvicorn
from tests.api.support import error_body
from tests.support.processes import free_port

from leadyard.cli.connections import MAX_HEAD_BYTES, BoundedConnection
from leadyard.cli.serve import _QUIET_SERVER, _QuietServer

ANSWER = b"HTTP/1.1 200 OK"
MEBIBYTE = 1024 * 1024
LARGE_BYTES = 16 * MEBIBYTE
"""More than the system keeps on the way to somebody who does not read."""


class Impatient(BoundedConnection):
    head_seconds = 0.2
    rest_seconds = 0.2
    unread_seconds = 0.5


class Credulous(Impatient):
    """Takes any answer whole, so that the request is done with before anything is read."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(2 * LARGE_BYTES)


async def answer_at_once(scope: Any, _receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    body = b"x" * LARGE_BYTES if scope["path"] == "/large" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(
    app: Any = answer_at_once, http: type[BoundedConnection] = Impatient
) -> AsyncIterator[uvicorn.Server]:
    """A server that gives nobody much time."""
    options = {**_QUIET_SERVER, "lifespan": "off", "timeout_keep_alive": 1}
    server = _QuietServer(uvicorn.Config(app, port=free_port(), http=http, **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def connected(
    app: Any = answer_at_once,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to such a server."""
    async with serving(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
        try:
            yield reader, writer
        finally:
            writer.close()


@asynccontextmanager
async def deaf(server: uvicorn.Server, request: bytes) -> AsyncIterator[socket.socket]:
    """A connection that sends a request and reads nothing."""
    with socket.create_connection(("127.0.0.1", server.config.port)) as connection:
        connection.sendall(request)
        connection.setblocking(False)
        async with asyncio.timeout(5):
            while server.server_state.total_requests == 0 and not server.server_state.tasks:
                await asyncio.sleep(0.01)
        yield connection


async def until_nobody_is_connected(server: uvicorn.Server) -> None:
    async with asyncio.timeout(5):
        while server.server_state.connections or server.server_state.tasks:
            await asyncio.sleep(0.02)


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """What comes before the server closes the connection, which it must."""
    seen = b""
    async with asyncio.timeout(10):
        with suppress(ConnectionResetError):
            while block := await reader.read(2**16):
                seen += block
    return seen


async def test_silent_connection_is_closed() -> None:
    async with connected() as (reader, _):
        assert await until_closed(reader) == b""


async def test_head_that_trickles_in_is_cut_off() -> None:
    async with connected() as (reader, writer):
        closed = asyncio.create_task(until_closed(reader))
        for byte in b"GET /healthz HTTP/1.1\r\n" * 100:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if closed.done():
                break
        assert await closed == b""


async def test_head_without_end_is_cut_off() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + b"x-filler: " + b"x" * (MAX_HEAD_BYTES + 1))
        assert ANSWER not in await until_closed(reader)


async def test_rest_of_an_answered_body_may_not_trickle_in_for_ever() -> None:
    async with connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
        closed = asyncio.create_task(until_closed(reader))
        for _ in range(1000):
            if closed.done():
                break
            writer.write(b"x")
            await asyncio.sleep(0.02)
        assert (await closed).startswith(ANSWER)


async def test_requests_that_follow_each_other_are_answered() -> None:
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi")
            assert (await reader.readuntil(b"\r\n\r\nok")).startswith(ANSWER)


async def test_who_reads_nothing_of_an_answer_is_cut_off() -> None:
    async with (
        serving() as server,
        deaf(server, b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n"),
    ):
        await until_nobody_is_connected(server)


@pytest.mark.parametrize("header", [b"connection: keep-alive", b"connection: close"])
async def test_connection_that_is_to_be_closed_does_not_wait_for_ever_to_be_read(header: bytes) -> None:
    async with (
        serving(http=Credulous) as server,
        deaf(server, b"GET /large HTTP/1.1\r\nhost: x\r\n" + header + b"\r\n\r\n"),
    ):
        await until_nobody_is_connected(server)


async def test_head_without_end_is_cut_off_while_an_answer_is_not_read() -> None:
    request = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\n"
    async with serving(http=Credulous) as server, deaf(server, request):
        await until_nobody_is_connected(server)


async def test_who_reads_slowly_gets_all_of_it() -> None:
    async with serving() as server:
        request = b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        async with deaf(server, request) as connection:
            loop = asyncio.get_running_loop()
            count = 0
            while part := await loop.sock_recv(connection, MEBIBYTE):
                count += len(part)
                await asyncio.sleep(len(part) / LARGE_BYTES)
            assert count > LARGE_BYTES


@pytest.mark.parametrize("part", [b"x-trailer: " + b"x" * 1000 + b"\r\n", b"1;" + b"x" * 2000])
async def test_trailers_and_extensions_of_chunks_have_a_limit(part: bytes) -> None:
    """The application waits for the end of the body, without a limit of its own."""
    ended = asyncio.Event()

    async def read_all(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    async with connected(read_all) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n")
        writer.write(b"0\r\n" if part.endswith(b"\n") else b"")
        closed = asyncio.create_task(until_closed(reader))
        for _ in range(10_000):
            writer.write(part)
            await asyncio.sleep(0)
            if closed.done():
                break
        assert await closed == b""
        await asyncio.wait_for(ended.wait(), 5)


async def test_body_in_many_chunks_is_no_trailer() -> None:
    async def count(_scope: Any, receive: Any, send: Any) -> None:
        length, is_more = 0, True
        while is_more:
            message = await receive()
            length, is_more = length + len(message["body"]), message["more_body"]
        body = str(length).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with connected(count) as (reader, writer):
        for chunk in (b"x", b"x" * 100_000):
            writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(MEBIBYTE // len(chunk)) if len(chunk) > 1 else range(50_000):
                writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            writer.write(b"0\r\nx-trailer: 1\r\n\r\n")
            length = 50_000 if len(chunk) == 1 else MEBIBYTE // len(chunk) * len(chunk)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
            assert await reader.readexactly(len(str(length))) == str(length).encode()


async def test_part_of_a_body_that_finds_none_waiting_is_passed_on_uncopied() -> None:
    passed_on = []

    class Watched(Impatient):
        def on_body(self, body: bytes) -> None:
            super().on_body(body)
            passed_on.append(self.cycle.body is body)

    async with serving(http=Watched) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000)
        async with asyncio.timeout(5):
            while not passed_on:
                await asyncio.sleep(0.01)
        writer.close()
    assert passed_on[0]


@pytest.mark.parametrize("size", [1, 7, 300, 70_000, 500_000])
async def test_body_comes_as_it_was_sent_however_it_is_cut(size: int) -> None:
    async def digest(_scope: Any, receive: Any, send: Any) -> None:
        whole, is_more = hashlib.sha256(), True
        while is_more:
            message = await receive()
            whole.update(message["body"])
            is_more = message["more_body"]
        headers = [(b"content-length", b"32")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": whole.digest()})

    body = Random(size).randbytes(min(size * 20_000, 4 * MEBIBYTE))
    cut = [body[start : start + size] for start in range(0, len(body), size)]
    async with connected(digest) as (reader, writer):
        for head, parts in (
            (
                b"transfer-encoding: chunked",
                [*(b"%x\r\n%s\r\n" % (len(part), part) for part in cut), b"0\r\n\r\n"],
            ),
            (b"content-length: %d" % len(body), cut),
        ):
            writer.writelines([b"POST / HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n", *parts])
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
            assert await reader.readexactly(32) == hashlib.sha256(body).digest()


@pytest.mark.parametrize("request_bytes", [b"", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx"])
async def test_blank_lines_are_no_reason_to_wait(request_bytes: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(request_bytes)
        if request_bytes:
            await reader.readuntil(b"\r\n\r\nok")
        writer.write(b"\r\n")
        assert await until_closed(reader) == b""


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01 hello\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header line\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    ],
)
async def test_what_is_no_request_gets_an_error_of_the_contract(request_bytes: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(request_bytes)
        head, _, body = (await until_closed(reader)).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert status == "HTTP/1.1 400 Bad Request"
    assert json.loads(body) == error_body("unsupported_value", "The request cannot be understood.")
    assert str(uuid.UUID(headers.pop("x-request-id")))
    assert headers.pop("date")
    assert headers == {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        "x-content-type-options": "nosniff",
        "x-frame-options": "deny",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }


async def test_answer_of_one_request_is_never_that_of_another() -> None:
    """A request that is at work is not told that what follows it cannot be understood."""
    is_told = asyncio.Event()

    async def wait(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass
        is_told.set()

    async with connected(wait) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx\x00\x00\r\n\r\n")
        assert await until_closed(reader) == b""
        await asyncio.wait_for(is_told.wait(), 5)


def test_server_speaks_http_alone() -> None:
    assert uvicorn.Config(answer_at_once, **_QUIET_SERVER).ws == "none"
