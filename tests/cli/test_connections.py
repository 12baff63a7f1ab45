"""Connections that send little or too much before a request is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from tests.support.processes import free_port

from leadyard.cli.connections import MAX_HEAD_BYTES, BoundedConnection
from leadyard.cli.serve import _QuietServer

ANSWER = b"HTTP/1.1 200 OK"


class Impatient(BoundedConnection):
    head_seconds = 0.2
    rest_seconds = 0.2


async def answer_at_once(scope: Any, _receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that gives nobody much time."""
    port = free_port()
    config = uvicorn.Config(
        answer_at_once, port=port, http=Impatient, lifespan="off", log_config=None, access_log=False
    )
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await serving


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """What comes before the server closes the connection, which it must."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


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
