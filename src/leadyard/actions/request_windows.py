"""Sharing out the requests of a key among the processes that serve."""

from __future__ import annotations

from datetime import timedelta

from leadyard.domain.request_windows import Lease
from leadyard.storage import request_windows as window_rows
from leadyard.storage.database import Database


async def lease_requests(database: Database, key_id: int, limit: int, seconds: float) -> Lease:
    """Some requests that this process may answer. Raises DatabaseAway."""
    async with database.write() as tx:
        return await window_rows.lease_requests(tx, key_id, limit, timedelta(seconds=seconds))
