"""An HTTP server on loopback that answers as it is told, also with what is no HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets: a status and a body, after a while; `raw` goes out in the place of all that."""

    body: Any = None
    status: int = 200
    delay_seconds: float = 0.0
    raw: bytes | None = None

    def encode(self) -> bytes:
        """As it goes over the wire."""
        if self.raw is not None:
            return self.raw
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        head = (
            f"HTTP/1.1 {self.status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        return f"{head}Connection: close\r\n\r\n".encode() + body


@dataclass(slots=True)
class HttpServer:
    """A server that asks `answer` what to say to a body, and keeps the requests."""

    answer: Callable[[Any], Answer]
    url: str = ""
    requests: list[tuple[str, Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on one connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.split(":")[1])
                for line in head.split("\r\n")
                if line.lower().startswith("content-length:")
            )
            body = json.loads(await reader.readexactly(length))
            self.requests.append((" ".join(head.split(" ")[:2]), body))
            answer = self.answer(body)
            await asyncio.sleep(answer.delay_seconds)
            writer.write(answer.encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serve_http(answer: Callable[[Any], Answer]) -> AsyncIterator[HttpServer]:
    """A server until the block ends."""
    server = HttpServer(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
