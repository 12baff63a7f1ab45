"""The port that jobs go through; `embedded.py` and `distributed.py` are its two adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from leadyard.domain.additions import FewLeads
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.statistics import QueueState
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects.results import Statement

Handler = Callable[[Chunk, int], Awaitable[datetime | None]]
"""Runs a chunk; the number counts how often it has been begun, this time included. Returns when it
should run again, or None when it is finished. What it raises is retried after a delay."""


class Dispatcher(Protocol):
    """Takes chunks from transactions and brings them to workers, at least once each."""

    async def enqueue(
        self, tx: Tx, chunks: Sequence[Chunk], *, pending: int, due: datetime | None = None
    ) -> None:
        """Adds jobs to the caller's transaction (see storage.database.ChunkQueue)."""

    def find_open_job(self, few: FewLeads) -> Statement:
        """What finds a job that leads may join (see storage.database.ChunkQueue)."""

    def join(self, job_id: int, last_sequence: int) -> Statement:
        """What has it do more leads (see storage.database.ChunkQueue)."""

    async def drop(self, tx: Tx, list_row_id: int) -> None:
        """Removes jobs that have not begun (see storage.database.ChunkQueue)."""

    async def measure(self, tx: Tx) -> QueueState:
        """How many jobs there are (see storage.database.ChunkQueue)."""

    async def run(self, database: Database, handler: Handler, slots: int, stop: asyncio.Event) -> None:
        """Runs chunks, at most `slots` at once, until `stop` is set and the begun ones have ended.

        Raises DatabaseAway; then nothing of it runs any more, and it can be called again.
        """

    async def list_orphans(self, tx: Tx, unchanged_since: datetime) -> list[int]:
        """Row ids of lists that have work but no job."""

    async def list_strays(self, tx: Tx) -> list[int]:
        """Row ids of lists that are not there although there are jobs of them."""


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Waits, but not beyond `stop`."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def retry_seconds(attempts: int) -> float:
    """How long a chunk waits after its n-th attempt failed: 1, 2, 4, … at most 30 seconds."""
    return float(min(2 ** (attempts - 1), 30))
