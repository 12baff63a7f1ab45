"""A connection to SQLite in a thread of its own that goes there once a statement.

SQLAlchemy drives an asynchronous cursor in four steps (open, execute, fetch, close), and with aiosqlite each
is a hand-over to the connection's thread and back: fifty of them to add leads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self, cast

import aiosqlite

_FETCH_SIZE = 1

Parameters = Sequence[Any]


def connect(database: str, **options: Any) -> OneHopConnection:
    """What SQLAlchemy opens a connection with; the options are those of `sqlite3.connect`."""

    def open_here() -> sqlite3.Connection:
        return cast(sqlite3.Connection, sqlite3.connect(database, **options))

    connection = OneHopConnection(open_here, _FETCH_SIZE)
    connection._thread.daemon = True
    return connection


class OneHopConnection(aiosqlite.Connection):
    """aiosqlite's connection, but a cursor is a matter of this side."""

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """A cursor; nothing is asked of the thread yet."""
        return OneHopCursor(self)


class OneHopCursor:
    """A cursor whose rows come along with the execution. It has no more than SQLAlchemy asks for."""

    arraysize = 1

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Parameters = ()) -> Self:
        """Runs a statement and fetches all that it gives. Raises sqlite3.Error."""
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Parameters]) -> Self:
        """Runs a statement once for each set of parameters. Raises sqlite3.Error."""
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        """The rows of the last execution."""
        return self._rows

    async def close(self) -> None:
        """Nothing is left open."""

    async def _run(self, act: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> Self:
        def run() -> tuple[Any, list[Any], int, int | None]:
            cursor = act(self._connection._conn.cursor())
            rows = cursor.fetchall() if cursor.description else []
            cursor.close()
            return cursor.description, rows, cursor.rowcount, cursor.lastrowid

        told = await self._connection._execute(run)  # type: ignore[no-untyped-call]
        self.description, self._rows, self.rowcount, self.lastrowid = told
        return self
