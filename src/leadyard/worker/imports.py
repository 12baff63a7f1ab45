"""Checking and adding the rows of imports, whoever received the file: one process an import at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
import structlog

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.imports import IMPORT_LEASE, Import
from leadyard.storage import imports as import_rows
from leadyard.storage.database import Database
from leadyard.worker.beginning import run_all
from leadyard.worker.dispatcher import pause

SMALL_BATCHES = 50
"""A file of no more batches, 100,000 rows, is small."""
PLACES = (2**31 - 1, SMALL_BATCHES)
"""The most batches that an import in each place has: small ones never wait behind large ones alone."""
POLL_SECONDS = 0.5

WorkOn = Callable[[Import, asyncio.Event], Awaitable[None]]

log = structlog.get_logger()


class Importer(msgspec.Struct, frozen=True):
    """Works on imports that wait. What a dead process had in hand is free when its lease is over.

    `work_on` goes on with one that is in our hands, until it can go no further or the event is set.
    """

    database: Database
    work_on: WorkOn

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; a batch that has begun is finished."""
        places = [
            partial(self._work, most_batches=most_batches, frees_turns=number == 0)
            for number, most_batches in enumerate(PLACES)
        ]
        await run_all(places, stop)

    async def _work(self, stop: asyncio.Event, *, most_batches: int, frees_turns: bool) -> None:
        # The one process of an embedded database takes up at once what it was killed at.
        must_free = frees_turns and self.database.is_sqlite
        while not stop.is_set():
            is_idle = True
            try:
                if must_free:
                    async with self.database.write() as tx:
                        await import_rows.free_turns(tx)
                    must_free = False
                is_idle = not await self.take_turn(stop, most_batches)
            except DatabaseAway:
                log.warning("imports_postponed")
            except Exception:
                log.exception("import_failed")
            if is_idle:
                await pause(POLL_SECONDS, stop)

    async def take_turn(self, stop: asyncio.Event, most_batches: int = PLACES[0]) -> bool:
        """Works on one import of so many batches at most as far as it can; False if none waits."""
        imported = await self._claim(most_batches)
        if imported is None:
            return False
        with structlog.contextvars.bound_contextvars(import_id=imported.id):
            await self.work_on(imported, stop)
        if stop.is_set():
            async with self.database.write() as tx:
                await import_rows.hand_back(tx, imported)
        return True

    async def _claim(self, most_batches: int) -> Import | None:
        async with self.database.read() as tx:
            if not await import_rows.is_any_due(tx, most_batches):
                return None
        async with self.database.write() as tx:
            return await import_rows.claim_import(tx, IMPORT_LEASE, most_batches)
