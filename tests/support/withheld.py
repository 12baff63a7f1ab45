"""A way to a service on which an answer can be kept back for good."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60.0


class Way:
    """Passes bytes on, until a request that begins so has come so often: that one gets no answer."""

    def __init__(self, url: str, start: bytes, times: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._start, self._left = start, times
        self._answered = threading.Event()
        self.url = ""

    def wait(self) -> None:
        """Until the service has given the answer that is kept back."""
        assert self._answered.wait(PATIENCE_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        there, back = await asyncio.open_connection(self._host, self._port)
        is_withheld = asyncio.Event()

        async def ask() -> None:
            while data := await reader.read(65_536):
                if data.startswith(self._start) and b"/leads HTTP" in data.partition(b"\r\n")[0]:
                    self._left -= 1
                    if self._left == 0:
                        is_withheld.set()
                back.write(data)
                await back.drain()

        async def answer() -> None:
            while data := await there.read(65_536):
                if is_withheld.is_set():
                    self._answered.set()
                else:
                    writer.write(data)
                    await writer.drain()

        await asyncio.gather(ask(), answer(), return_exceptions=True)
        back.close()
        writer.close()


@contextmanager
def withhold_answer(url: str, start: bytes, times: int) -> Iterator[Way]:
    """A way to the service at this address, in a thread, until the block ends."""
    way, loop = Way(url, start, times), asyncio.new_event_loop()

    async def listen() -> None:
        server = await asyncio.start_server(way.serve, "127.0.0.1", 0)
        way.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield way
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
