"""A connection to SQLite in a thread of its own that goes there once a statement.

SQLAlchemy drives an asynchronous cursor in four steps (open, execute, fetch, close), and with aiosqlite each
is a hand-over to the connection's thread and back: fifty of them to add leads.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self, TypeVar, cast

import aiosqlite

FIRST_ROWS = 2_000
_FETCH_SIZE = 1

ResultT = TypeVar("ResultT")
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

    async def execute_each(self, statements: Sequence[tuple[str, Parameters]]) -> None:
        """Runs statements that give no rows, all in one turn of the thread. Raises sqlite3.Error."""

        def run() -> None:
            for statement, parameters in statements:
                self._conn.execute(statement, parameters).close()

        await self._execute(run)  # type: ignore[no-untyped-call]


class OneHopCursor:
    """A cursor whose first rows come along with the execution, which for most statements are all.

    It has no more than SQLAlchemy asks for.
    """

    arraysize = 1

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self._rest: sqlite3.Cursor | None = None
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Parameters = ()) -> Self:
        """Runs a statement and fetches the first rows that it gives. Raises sqlite3.Error."""
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Parameters]) -> Self:
        """Runs a statement once for each set of parameters. Raises sqlite3.Error."""
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        """The rows that have not been fetched yet."""
        rows = list(self._rows)
        self._rows.clear()
        if self._rest is not None:
            rows += await self._call(self._rest.fetchall)
            await self.close()
        return rows

    async def fetchmany(self, size: int) -> list[Any]:
        """The next rows, at most so many."""
        if not self._rows and self._rest is not None:
            self._rows.extend(await self._call(partial(self._rest.fetchmany, max(size, FIRST_ROWS))))
            if not self._rows:
                await self.close()
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Forgets the rows that have not been fetched."""
        rest, self._rest = self._rest, None
        if rest is not None:
            await self._call(rest.close)

    async def _run(self, act: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> Self:
        def run() -> tuple[sqlite3.Cursor, list[Any]]:
            cursor = act(self._connection._conn.cursor())
            rows = cursor.fetchmany(FIRST_ROWS) if cursor.description else []
            if len(rows) < FIRST_ROWS:
                cursor.close()
            return cursor, rows

        cursor, rows = await self._call(run)
        self._rows = deque(rows)
        self._rest = cursor if len(rows) == FIRST_ROWS else None
        self.description, self.rowcount = cursor.description, cursor.rowcount
        self.lastrowid = cursor.lastrowid
        return self

    async def _call(self, act: Callable[[], ResultT]) -> ResultT:
        """Runs something in the connection's thread."""
        result: ResultT = await self._connection._execute(act)  # type: ignore[no-untyped-call]
        return result
