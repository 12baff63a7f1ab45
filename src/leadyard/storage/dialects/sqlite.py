"""SQLite 3.37 or newer: one file, one process, one writer at a time."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only, greenlet_spawn

from leadyard.domain.directory import Position
from leadyard.domain.leads import LeadDraft
from leadyard.storage.dialects.results import COMMIT, Result, Statement
from leadyard.storage.dialects.sqlite_connection import OneHopConnection, connect
from leadyard.storage.dialects.sqlite_entries import insert_statements

MIN_VERSION = (3, 37, 0)
READERS = 4
BUSY_TIMEOUT_MS = 15_000
PAGE_BYTES = 16_384
"""More than leads take, for a row of more has pages of its own. Larger ones are slower for few rows."""
# The upkeep task checkpoints once a second; this many pages are only the safety line, so that a request
# hardly ever pays for a checkpoint.
AUTO_CHECKPOINT_PAGES = 8_000

_PRIMARY_CODE = 0xFF
_AWAY_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)

_CACHE_KIB = 16_000
_LOADING = (64_000, 32_000)
"""KiB of cache, and pages in the log that make a checkpoint, while a directory is loaded."""

_PRAGMAS = (
    f"PRAGMA page_size = {PAGE_BYTES}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    f"PRAGMA wal_autocheckpoint = {AUTO_CHECKPOINT_PAGES}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA cache_size = -{_CACHE_KIB}",
)

_BEGIN: Statement = ("BEGIN", {})
_NAMED = re.compile(r":(\w+)")
_decode_positions = msgspec.json.Decoder(list[Position]).decode


def make_writer(url: URL, statement_seconds: float | None = None) -> AsyncEngine:
    """One connection; each transaction takes the write lock as it begins. Nobody ends a statement."""
    return _make_engine(url, size=1, begin="BEGIN IMMEDIATE")


def make_reader(url: URL, writer: AsyncEngine) -> AsyncEngine:
    """A few connections that read beside the writer (WAL)."""
    return _make_engine(url, size=READERS, begin="BEGIN")


def _make_engine(url: URL, *, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        pool_use_lifo=True,
        connect_args={
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "cached_statements": 256,
            "async_creator_fn": connect,
        },
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(conn: Connection) -> None:
        cast(OneHopConnection, conn.connection.driver_connection).begin_with_next(begin)

    return engine


def is_away(error: BaseException | None) -> bool:
    """By SQLite's result code: locked, full, read-only, or its file cannot be read or opened."""
    return isinstance(error, sqlite3.Error) and _code_of(error) in _AWAY_CODES


def _code_of(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & _PRIMARY_CODE


def has_given_up(error: BaseException | None) -> bool:
    """Whether the lock of another process was waited for in vain."""
    return isinstance(error, sqlite3.OperationalError) and _code_of(error) == sqlite3.SQLITE_BUSY


def is_full(error: BaseException | None) -> bool:
    """By SQLite's result code."""
    return isinstance(error, sqlite3.Error) and _code_of(error) == sqlite3.SQLITE_FULL


def is_duplicate(error: BaseException | None) -> bool:
    """By SQLite's extended result code."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


def find_broken_check(error: BaseException) -> str | None:
    """By SQLite's extended result code; only the message has the name."""
    if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) != sqlite3.SQLITE_CONSTRAINT_CHECK:
        return None
    return str(error).rpartition(": ")[2]


async def checkpoint(conn: AsyncConnection) -> int:
    """Moves the write-ahead log into the file, as far as no reader needs it; returns the pages left in it.

    Outside of SQLAlchemy's transactions: inside one SQLite refuses.
    """
    driver = driver_connection(conn)
    ((_, in_log, moved),) = await driver.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
    return int(in_log - moved)


def rows_from(parameter: str, columns: dict[str, str]) -> str:
    """The JSON array in a parameter as rows."""
    fields = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {fields} FROM json_each(:{parameter}))"


def numbers_from(parameter: str) -> str:
    """The JSON array in a parameter as rows, without looking into each as `rows_from` does."""
    return f"(SELECT value AS number FROM json_each(:{parameter}))"


def texts_from(parameter: str) -> str:
    """The JSON array in a parameter as rows."""
    return f"(SELECT value AS text FROM json_each(:{parameter}))"


def utf8(text: str) -> str:
    """Texts are kept as that, and given as they are."""
    return f"CAST({text} AS blob)"


def has_heard_since(findings: str, moment: str) -> str:
    """Two looks into the JSON, each ended by the first that is so late."""
    return (
        f"(EXISTS (SELECT 1 FROM json_each({findings}, '$.provenance') "
        f"WHERE json_extract(value, '$.fetched_at') >= :{moment}) "
        f"OR EXISTS (SELECT 1 FROM json_each({findings}, '$.history') "
        f"WHERE json_extract(value, '$.step') = 'enrich' AND json_extract(value, '$.at') >= :{moment}))"
    )


def contains(column: str, parameter: str) -> str:
    """Letter for letter: neither LIKE nor a collation has a say."""
    return f"instr({column}, :{parameter}) > 0"


def lower_ascii(text: str) -> str:
    """SQLite knows no other letters."""
    return f"lower({text})"


def is_plain_ascii(text: str) -> str:
    """As many bytes as characters."""
    return f"length(CAST({text} AS blob)) = length({text})"


async def fetch_rows(
    conn: AsyncConnection, statement: str, parameters: dict[str, Any]
) -> Sequence[Sequence[Any]]:
    """One turn of the driver's thread, where SQLAlchemy takes four."""
    driver = driver_connection(conn)
    return list(await driver.execute_fetchall(statement, parameters))


async def run_each(conn: AsyncConnection, statements: Sequence[Statement]) -> list[Result]:
    """One turn of the driver's thread for all of them."""
    return await driver_connection(conn).run_each(statements)


async def read_at_once(reader: AsyncEngine, statements: Sequence[Statement]) -> list[Result]:
    """One turn of the driver's thread for the whole transaction."""

    def read() -> list[Result]:
        lent = reader.sync_engine.pool.connect()
        try:
            driver = cast(OneHopConnection, lent.driver_connection)
            results: list[Result] = await_only(driver.run_each([_BEGIN, *statements, COMMIT]))
        finally:
            lent.close()
        return results[1:-1]

    return await greenlet_spawn(read)


async def run_with_rows(
    conn: AsyncConnection,
    statement: str,
    columns: Mapping[str, str],
    rows: Sequence[tuple[Any, ...]],
    parameters: Mapping[str, Any],
) -> Sequence[Sequence[Any]]:
    """The rows are bound value by value, which takes half of the time of reading them from JSON.

    Materialized, they come first and each finds what it is joined with in an index. Otherwise SQLite would
    join from the other side and go through them again and again. There are as many places for them as the
    next power of two, so that few statements are ever read and all are kept.
    """
    places = 1 << (len(rows) - 1).bit_length()
    padding = (None,) * (places - len(rows)) * len(columns)
    named = (parameters[name] for name in _NAMED.findall(statement))
    values = (*chain.from_iterable(rows), *padding, len(rows), *named)
    driver = driver_connection(conn)
    return list(await driver.execute_fetchall(_with_places(statement, tuple(columns), places), values))


@lru_cache(maxsize=128)
def _with_places(statement: str, columns: Sequence[str], places: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    rows = f"SELECT * FROM (VALUES {', '.join([row] * places)}) LIMIT ?"
    return f"WITH r({', '.join(columns)}) AS MATERIALIZED ({rows}) {_NAMED.sub('?', statement)}"


async def list_positions(
    conn: AsyncConnection, company_row_ids: Collection[int]
) -> Mapping[int, Sequence[Position]]:
    """One row a company: the driver gives up the interpreter lock once a row."""
    statement = (
        "SELECT r.number, (SELECT json_group_array(json_array(p.id, p.title_key)) "
        f"FROM directory_people AS p WHERE p.company_id = r.number) FROM {numbers_from('rows')} AS r"
    )
    rows = await fetch_rows(conn, statement, {"rows": msgspec.json.encode(company_row_ids).decode()})
    return {company: _decode_positions(positions) for company, positions in rows}


async def tune_for_loading(conn: AsyncConnection, *, on: bool) -> None:
    """Room for the pages that a batch changes, and seldom a checkpoint: half of the time of a large load.

    Rows come in no order, so a batch changes pages all over the indexes. What does not fit the cache is
    written and read again within the batch, and each checkpoint writes the same pages anew.
    """
    cache, checkpoint_pages = _LOADING if on else (_CACHE_KIB, AUTO_CHECKPOINT_PAGES)
    await conn.exec_driver_sql(f"PRAGMA cache_size = -{cache}")
    await conn.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")


def lock_clause() -> str:
    """Nothing: the transaction has the only write lock there is."""
    return ""


def lock_leads_statements(list_id: int) -> list[Statement]:
    """Nothing: the transaction has the only write lock already."""
    return []


def removal_clause() -> str:
    """Nothing: who writes has the only write lock."""
    return ""


def keep_clause() -> str:
    """Nothing: who writes has the only write lock."""
    return ""


async def insert_entries(
    conn: AsyncConnection,
    list_id: int,
    first_sequence: int,
    parts: Iterable[Sequence[LeadDraft]],
) -> None:
    """Statements of many rows, each run while the drafts for the next are made."""
    statements = insert_statements(list_id, first_sequence, parts)
    await driver_connection(conn).execute_as_made(statements)


_FIND_SEQUENCES = (
    "SELECT json_group_array((SELECT e.sequence FROM lead_list_entries AS e "
    "WHERE e.list_id = :list_id AND e.key = r.value)) FROM json_each(:keys) AS r"
)
_decode_sequences = msgspec.json.Decoder(list[int | None]).decode


async def find_sequences(
    conn: AsyncConnection, list_id: int, parts: Iterable[Sequence[str]]
) -> dict[str, int]:
    """A look in the unique index for each key, in its order, one row a part, while the next part is made.

    Of `key IN (…)` with three keys or more SQLite would make a look at every entry of the list.
    """
    asked: list[str] = []

    def make() -> Iterator[tuple[str, Mapping[str, Any]]]:
        for keys in filter(None, parts):
            in_order = sorted(keys)
            asked.extend(in_order)
            yield _FIND_SEQUENCES, {"list_id": list_id, "keys": msgspec.json.encode(in_order).decode()}

    results = await driver_connection(conn).execute_as_made(make())
    sequences = chain.from_iterable(_decode_sequences(found) for ((found,),) in results)
    return {key: sequence for key, sequence in zip(asked, sequences, strict=True) if sequence is not None}


async def try_lock_key(conn: AsyncConnection, workspace_id: int, key: str) -> bool:
    """Always: there is one process, and it has the write lock."""
    return True


def driver_connection(conn: AsyncConnection) -> OneHopConnection:
    """The driver's connection under a SQLAlchemy one, inside the same transaction."""
    assert conn.sync_connection is not None
    return cast(OneHopConnection, conn.sync_connection.connection.driver_connection)


def check_version() -> None:
    """Raises RuntimeError when Python's SQLite is too old for what the statements use."""
    if sqlite3.sqlite_version_info < MIN_VERSION:
        needed = ".".join(map(str, MIN_VERSION))
        raise RuntimeError(f"SQLite {needed} or newer is needed; this is {sqlite3.sqlite_version}.")
