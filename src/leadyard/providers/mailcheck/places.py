"""How many connections there are at once: to a mail host, from all processes, and in all from this one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from leadyard.domain.mail_hosts import MailHostPlaces
from leadyard.providers.fair import FairSlots

CONNECTIONS_A_HOST = 2
MAX_CONNECTIONS = 512
HELD_SECONDS = 30.0
"""For how long a place at a host is taken at a stretch: that of a process that dies is free after it."""

RENEWED_SECONDS = 8.0
MARGIN_SECONDS = 5.0
"""A conversation ends so long before others may have its place."""

POLL_SECONDS = 0.25


class Places:
    """Places at mail hosts. A host is counted by its name and by its address, for either leads to it.

    `shared` knows the places of all processes; None if this is the only one. It serves one event loop.
    """

    def __init__(self, shared: MailHostPlaces | None) -> None:
        self._shared = shared
        self._slots: WeakValueDictionary[str, FairSlots] = WeakValueDictionary()
        self._all = FairSlots(MAX_CONNECTIONS, leaves_room=True)

    @asynccontextmanager
    async def place(self, host: str, address: str, line: int) -> AsyncIterator[None]:
        """A place at a mail host for as long as the block lasts. Raises TimeoutError when it is lost."""
        by_name, by_address = self._slots_of(host), self._slots_of(address)
        async with by_name.slot(line), by_address.slot(line):
            while True:
                async with self._all.slot(line):
                    token = await self._take(host, address)
                    if token is not None:
                        async with self._hold(token):
                            yield
                        return
                await asyncio.sleep(POLL_SECONDS)

    def _slots_of(self, host: str) -> FairSlots:
        return self._slots.setdefault(host, FairSlots(CONNECTIONS_A_HOST))

    async def _take(self, host: str, address: str) -> str | None:
        if self._shared is None:
            return ""
        hosts = list(dict.fromkeys((host, address)))
        return await self._shared.take(hosts, CONNECTIONS_A_HOST, HELD_SECONDS)

    @asynccontextmanager
    async def _hold(self, token: str) -> AsyncIterator[None]:
        if self._shared is None:
            yield
            return
        try:
            async with asyncio.timeout(HELD_SECONDS - MARGIN_SECONDS) as until:
                renewing = asyncio.create_task(self._renew(self._shared, token, until))
                try:
                    yield
                finally:
                    renewing.cancel()
                    await asyncio.wait([renewing])
        finally:
            await self._shared.give_back(token)

    async def _renew(self, shared: MailHostPlaces, token: str, until: asyncio.Timeout) -> None:
        """Moves the end of a conversation on for as long as its place can be kept."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RENEWED_SECONDS)
            asked_at = loop.time()
            if await shared.keep(token, HELD_SECONDS):
                until.reschedule(asked_at + HELD_SECONDS - MARGIN_SECONDS)
