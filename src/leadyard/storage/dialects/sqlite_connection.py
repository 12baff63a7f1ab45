"""A connection to SQLite in a thread of its own that goes there once a statement, or less.

SQLAlchemy drives an asynchronous cursor in four steps (open, execute, fetch, close), and with aiosqlite each
is a hand-over to the connection's thread and back: fifty of them to add leads. Beginning is none at all, and
neither is a rollback where nothing is open.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Self, TypeVar, cast

import aiosqlite

from leadyard.storage.dialects.processors import elsewhere
from leadyard.storage.dialects.results import Result, Statement

FIRST_ROWS = 2_000
_FETCH_SIZE = 1
_MOST_TO_BEGIN = 0.001
"""Seconds: it takes a tenth of that, unless the machine has much to do."""

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

    _begin: str | None = None
    _asked = 0
    _done = 0

    def begin_with_next(self, statement: str) -> None:
        """Begins a transaction with whatever is run next."""
        self._begin = statement

    async def commit(self) -> None:
        """Commits, if there is anything to. Raises sqlite3.Error."""
        if self._is_open():
            await super().commit()
        self._begin = None

    async def rollback(self) -> None:
        """Rolls back, if there is anything to: what was canceled may still be under way."""
        self._begin = None
        if self._is_open():
            await super().rollback()

    def _is_open(self) -> bool:
        return self._asked != self._done or self._conn.in_transaction

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        begin, self._begin = self._begin, None
        self._asked += 1

        def run() -> Any:
            try:
                if begin is not None:
                    self._conn.execute(begin).close()
                return fn(*args, **kwargs)
            finally:
                self._done += 1

        return await super()._execute(run)  # type: ignore[no-untyped-call]

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """A cursor; nothing is asked of the thread yet."""
        return OneHopCursor(self)

    async def execute_as_made(
        self, statements: Iterable[tuple[str, Parameters | Mapping[str, Any]] | None]
    ) -> list[list[Any]]:
        """The rows that each of these statements gives, which are run while others are made here.

        One that takes long to make may come after None, or several: each is a turn for others.
        Raises sqlite3.Error, and what making them raises once the last that was made has been run.
        """
        thread = self._thread.native_id
        assert thread is not None, "an open connection has a thread"
        with elsewhere(thread):
            return await self._execute_as_made(statements)

    async def _execute_as_made(
        self, statements: Iterable[tuple[str, Parameters | Mapping[str, Any]] | None]
    ) -> list[list[Any]]:
        """One statement is in line while another runs.

        It is bound before the event loop, which awaits the end of the other, gets the interpreter lock. If it
        came in line only then, each of the two threads would have to be woken up for it.
        """
        results: list[list[Any]] = []
        has_begun = threading.Event()
        running: asyncio.Task[None] | None = None
        last: asyncio.Task[None] | None = None
        number = 0
        try:
            for made in statements:
                if made is None:
                    await asyncio.sleep(0)
                    continue
                one = self._execute_one(number, *made, has_begun, results)
                running, last = last, asyncio.create_task(one)
                number += 1
                await asyncio.sleep(0)
                if running is not None:
                    await running
                else:
                    # The thread that wakes up gets the interpreter lock when this one waits, which could be
                    # only after the next statement is made.
                    has_begun.wait(_MOST_TO_BEGIN)
        finally:
            try:
                if last is not None:
                    await last
            finally:
                # What they raised would keep this frame, and the frame would keep it.
                del running, last
        return results

    async def _execute_one(
        self,
        number: int,
        statement: str,
        parameters: Parameters | Mapping[str, Any],
        has_begun: threading.Event,
        results: list[list[Any]],
    ) -> None:
        def run() -> None:
            has_begun.set()
            # What is in line after an error must not run: SQLite may have ended the transaction with it.
            if len(results) == number:
                results.append(self._conn.execute(statement, parameters).fetchall())

        await self._execute(run)

    async def run_each(self, statements: Sequence[Statement]) -> list[Result]:
        """What statements come to, all run in one turn of the thread. Raises sqlite3.Error."""

        def run() -> list[Result]:
            return [_run(self._conn, statement, parameters) for statement, parameters in statements]

        results: list[Result] = await self._execute(run)
        return results


def _run(connection: sqlite3.Connection, statement: str, parameters: Mapping[str, Any]) -> Result:
    cursor = connection.execute(statement, parameters)
    rows: list[Any] = []
    if cursor.description is not None:
        make_row = _row_type(tuple(column[0] for column in cursor.description))
        rows = [make_row(row) for row in cursor.fetchall()]
    count = cursor.rowcount
    cursor.close()
    return Result(rows, count)


@lru_cache(maxsize=512)
def _row_type(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


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
        result: ResultT = await self._connection._execute(act)
        return result
