"""Connections to PostgreSQL, directly and behind a pooler: how they are made, set up and tried."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import AsyncConnection as PsycopgConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

FRESH_SECONDS = 1.0
LIMIT = "leadyard_statement_limit"
"""Where a connection behind a pooler has the statement that limits the time of others."""

CONNECTION = {
    "connect_timeout": "10",
    # A server that is gone without a word, with its machine or its network, is noticed after 20 seconds.
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}

_IS_POOLED = "leadyard_is_pooled"
_USED_AT = "leadyard_used_at"
# A pooler invents the number that a connection is told when it begins.
_BACKEND = "SELECT pg_backend_pid()"

# The same for the server: it frees what a machine that is gone had locked.
_NOTICE_THE_GONE = (
    "SELECT set_config('tcp_keepalives_idle', '5', false), "
    "set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '20000', false)"
)


def try_connections(engine: AsyncEngine) -> None:
    """Has connections tried before use that have rested for FRESH_SECONDS, and replaced if they broke."""

    @event.listens_for(engine.sync_engine, "checkin")
    def _note(_dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _try(dbapi_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        used_at = record.info.get(_USED_AT)
        is_fresh = used_at is None or time.monotonic() - used_at < FRESH_SECONDS
        if is_fresh and not dbapi_connection.driver_connection.closed:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except psycopg.Error as error:
            raise InvalidatePoolError from error


def suit_connections(engine: AsyncEngine, milliseconds: int | None) -> None:
    """Sets connections up; behind a pooler each transaction may be on another one of the server's."""

    @event.listens_for(engine.sync_engine, "connect")
    def _look(dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        driver: PsycopgConnection = dbapi_connection.driver_connection
        cursor = dbapi_connection.cursor()
        cursor.execute(_BACKEND)
        is_pooled = cursor.fetchone()[0] != driver.info.backend_pid
        record.info[_IS_POOLED] = is_pooled
        if is_pooled:
            driver.prepare_threshold = None
            if milliseconds is not None:
                record.info[LIMIT] = (f"SET LOCAL statement_timeout = {milliseconds}", {})
        else:
            # Not as options of the connection: poolers refuse those.
            cursor.execute(_NOTICE_THE_GONE)
            if milliseconds is not None:
                cursor.execute(f"SET statement_timeout = {milliseconds}")
        cursor.close()
        dbapi_connection.commit()

    @event.listens_for(engine.sync_engine, "begin")
    def _limit(connection: Connection) -> None:
        if limit := connection.info.get(LIMIT):
            connection.exec_driver_sql(limit[0])


async def is_pooled(conn: AsyncConnection) -> bool:
    """Whether a pooler is between here and the server."""
    raw = await conn.get_raw_connection()
    return bool(raw.info[_IS_POOLED])


async def suit_connection(connection: PsycopgConnection) -> None:
    """Does the same for a connection of another pool than ours."""
    cursor = await connection.execute(_BACKEND)
    found = await cursor.fetchone()
    if found is None or found[0] != connection.info.backend_pid:
        connection.prepare_threshold = None
    else:
        await connection.execute(_NOTICE_THE_GONE)
    await connection.commit()


def with_defaults(conninfo: str) -> str:
    """What libpq is told, with what we have connections do where it says nothing of that."""
    return make_conninfo("", **{**CONNECTION, **conninfo_to_dict(conninfo)})
