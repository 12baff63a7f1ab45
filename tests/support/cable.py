"""A cable between a browser and a server, which breaks in the middle of what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

READ_BYTES = 64 * 1024


@dataclass(slots=True)
class Cable:
    """Where it ends, and how many bytes of a connection get through before it breaks; None is all."""

    url: str = ""
    breaks_after: int | None = None


@asynccontextmanager
async def lay_cable(target_port: int) -> AsyncIterator[Cable]:
    """A port of its own that leads to the other, until the block ends."""
    cable = Cable()
    ends: set[asyncio.StreamWriter] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target_port)
        both = {writer, far_writer}
        ends.update(both)
        back = asyncio.create_task(_pump(far_reader, writer))
        await _pump(reader, far_writer, cable)
        for end in both:
            end.transport.abort()
        ends.difference_update(both)
        await back

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    cable.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield cable
    finally:
        server.close()
        for end in ends:
            end.transport.abort()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cable: Cable | None = None
) -> None:
    sent = 0
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            sent += len(data)
            if cable is not None and cable.breaks_after is not None and sent > cable.breaks_after:
                return
            writer.write(data)
            await writer.drain()
