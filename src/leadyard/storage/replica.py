"""A streaming replica that reads in place of the primary, as long as nobody can tell the difference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leadyard.storage.dialects import postgresql

PATIENCE_SECONDS = 0.3
POLL_SECONDS = 0.02
LEFT_ASIDE_SECONDS = 10.0
CONNECT_SECONDS = 3

# What was acknowledged is in the log up to here.
_POSITION = text("SELECT pg_current_wal_flush_lsn()")
_HAS_REPLAYED = text(
    "SELECT pg_is_in_recovery() AS is_replica, "
    "pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn) AS is_abreast"
)

log = structlog.get_logger()


class Replica:
    """The connections to it. One that is away, or no replica any more, is left aside for ten seconds."""

    def __init__(
        self, url: str, statement_seconds: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("not the URL of a database") from None
        if "connect_timeout" not in parsed.query:
            parsed = parsed.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
        self.engine: AsyncEngine = postgresql.make_writer(parsed, statement_seconds)
        self._reader: AsyncEngine = postgresql.make_reader(parsed, self.engine)
        self._clock = clock
        self._left_aside_until = 0.0

    @property
    def is_left_aside(self) -> bool:
        """Whether it is not to be asked now."""
        return self._clock() < self._left_aside_until

    async def read_position(self, primary: AsyncConnection) -> str:
        """How far the log of the primary goes, of which this is a connection."""
        position: str = (await primary.execute(_POSITION)).scalar_one()
        return position

    @asynccontextmanager
    async def connect(self, position: str) -> AsyncIterator[AsyncConnection | None]:
        """A connection in a transaction that sees all that the log has up to a position of the primary's.

        None if it cannot be had soon; the next one who asks does not wait for that.
        """
        conn = self._reader.connect()
        try:
            yield conn if await self._begin(conn, position) else None
        finally:
            if conn.sync_connection is not None:
                await conn.close()

    async def _begin(self, conn: AsyncConnection, position: str) -> bool:
        """Waits, then begins: what is seen must be of after the wait, which has transactions of its own."""
        try:
            await conn.start()
            failure = await self._wait(conn, position)
            if failure is None:
                await conn.begin()
        except (SQLAlchemyError, psycopg.Error, OSError):
            failure = "away"
        if failure is not None:
            self._leave_aside(failure)
        return failure is None

    async def _wait(self, conn: AsyncConnection, position: str) -> str | None:
        """None as soon as it has the position; else what keeps it from being asked."""
        deadline = self._clock() + PATIENCE_SECONDS
        while True:
            row = (await conn.execute(_HAS_REPLAYED, {"position": position})).one()
            await conn.rollback()
            if not row.is_replica:
                return "promoted"
            if row.is_abreast:
                return None
            if self._clock() > deadline:
                return "behind"
            await asyncio.sleep(POLL_SECONDS)

    def _leave_aside(self, reason: str) -> None:
        self._left_aside_until = self._clock() + LEFT_ASIDE_SECONDS
        log.warning("replica_left_aside", reason=reason)

    async def close(self) -> None:
        """Closes all connections."""
        await self.engine.dispose()
