"""PostgreSQL 15 to 18: any number of processes and machines."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, cast

import msgspec
import psycopg
from psycopg import AsyncConnection as PsycopgConnection
from psycopg import AsyncCursor
from psycopg.rows import namedtuple_row
from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only, greenlet_spawn

from leadyard.domain.directory import Position
from leadyard.domain.leads import LeadDraft
from leadyard.storage.dialects.postgresql_binary import (
    COPY_END,
    COPY_HEADER,
    array_values,
    copy_rows,
    select_arrays,
)
from leadyard.storage.dialects.postgresql_connections import (
    CONNECTION,
    LIMIT,
    suit_connections,
    try_connections,
)
from leadyard.storage.dialects.results import COMMIT, Result, Statement

POOL_SIZE = 10
MAX_OVERFLOW = 10
POOL_SECONDS = 10
# Connection exceptions, insufficient resources, operator intervention, a server that only reads since it is
# a standby, and a standby that cannot wait any longer for who reads there (PostgreSQL, Appendix A).
_AWAY_STATES = ("08", "53", "57", "25006", "40001")

_READ_ONLY = "25006"
_SEES_ONE_STATE: Statement = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", {})
_FIND_KEYS = "SELECT key, sequence FROM lead_list_entries WHERE list_id = %(list_id)b AND key = ANY(%(keys)b)"
# As long as PostgreSQL knows nothing of a list it reads all of it rather than to look for each key, however
# few they are. What has an OFFSET it does for each row.
_FIND_FEW_KEYS = (
    "SELECT r.key, e.sequence FROM unnest(CAST(%(keys)b AS text[])) AS r (key) CROSS JOIN LATERAL "
    "(SELECT sequence FROM lead_list_entries WHERE list_id = %(list_id)b AND key = r.key OFFSET 0) AS e"
)
_FEW_KEYS = 100
_PARAMETER = re.compile(r"(?<!:):(\w+)")


def make_writer(url: URL, statement_seconds: float | None = None) -> AsyncEngine:
    """A pool whose connections are tried before use, so that a restart of the database is survived.

    One that was in use a moment ago is not: that would cost each request a round trip. What a URL says of its
    connections holds.
    """
    known = {"application_name": "leadyard", "client_encoding": "utf8", **CONNECTION}
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=POOL_SECONDS,
        pool_use_lifo=True,
        connect_args={name: value for name, value in known.items() if name not in url.query},
    )
    suit_connections(engine, None if statement_seconds is None else round(statement_seconds * 1000))
    try_connections(engine)

    @event.listens_for(engine.sync_engine, "handle_error")
    def _leave_demoted(context: ExceptionContext) -> None:
        # All connections lead to a server that is no primary any more: none of them is used again.
        if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
            context.is_disconnect = True

    return engine


def make_reader(url: URL, writer: AsyncEngine) -> AsyncEngine:
    """The same pool, but a transaction sees one state of the database and cannot change it."""
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def is_away(error: BaseException | None) -> bool:
    """By SQLSTATE; a connection that broke or was refused has none."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
    return error.sqlstate.startswith(_AWAY_STATES)


def has_given_up(error: BaseException | None) -> bool:
    """The state of statements that waited or worked too long, or were canceled by hand."""
    return isinstance(error, psycopg.errors.QueryCanceled)


def is_full(error: BaseException | None) -> bool:
    """By SQLSTATE 53100."""
    return isinstance(error, psycopg.errors.DiskFull)


def is_duplicate(error: BaseException | None) -> bool:
    """By SQLSTATE 23505."""
    return isinstance(error, psycopg.errors.UniqueViolation)


def find_broken_check(error: BaseException) -> str | None:
    """By SQLSTATE 23514."""
    return error.diag.constraint_name if isinstance(error, psycopg.errors.CheckViolation) else None


def rows_from(parameter: str, columns: dict[str, str]) -> str:
    """The JSON array in a parameter as rows."""
    fields = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(CAST(:{parameter} AS json)) AS _rows({fields})"


def numbers_from(parameter: str) -> str:
    """The JSON array in a parameter as rows."""
    elements = f"json_array_elements_text(CAST(:{parameter} AS json))"
    return f"(SELECT CAST(_numbers.value AS bigint) AS number FROM {elements} AS _numbers(value))"


def texts_from(parameter: str) -> str:
    """The JSON array in a parameter as rows."""
    return f"(SELECT value AS text FROM json_array_elements_text(CAST(:{parameter} AS json)) AS _texts)"


def utf8(text: str) -> str:
    """Texts are kept as that. Results in binary are given as they are."""
    return f"convert_to({text}, 'UTF8')"


def has_heard_since(findings: str, moment: str) -> str:
    """Most often the first source answers it, and the JSON need not be read."""
    first = f'substring({findings} from \'"fetched_at":"([^"]+)"\') COLLATE "C"'
    path = (
        "$ ? (exists(@.provenance.*.fetched_at ? (@ >= $moment)) "
        '|| exists(@.history[*] ? (@.step == "enrich").at ? (@ >= $moment)))'
    )
    variables = f"jsonb_build_object('moment', CAST(:{moment} AS text))"
    found = f"jsonb_path_exists(CAST({findings} AS jsonb), '{path}', {variables})"
    return f"(coalesce({first} >= :{moment}, false) OR {found})"


def contains(column: str, parameter: str) -> str:
    """Letter for letter: neither LIKE nor a collation has a say."""
    return f"strpos({column}, CAST(:{parameter} AS text)) > 0"


def lower_ascii(text: str) -> str:
    """By no language: in Turkish the lower case of I is another letter."""
    return f'lower({text} COLLATE "C")'


def is_plain_ascii(text: str) -> str:
    """As many bytes as characters, for the database is in UTF-8."""
    return f"octet_length({text}) = length({text})"


@lru_cache(maxsize=256)
def _to_driver(statement: str) -> bytes:
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%")).encode()


async def fetch_rows(
    conn: AsyncConnection, statement: str, parameters: dict[str, Any]
) -> Sequence[Sequence[Any]]:
    """Straight from the driver, which spares a sixth of what a look-up takes of this process's time.

    It prepares a statement by itself when it comes again.
    """
    driver = driver_connection(conn)
    async with driver.cursor() as cursor:
        await cursor.execute(_to_driver(statement), parameters)
        return await cursor.fetchall() if _gives_rows(cursor) else []


async def run_each(conn: AsyncConnection, statements: Sequence[Statement]) -> list[Result]:
    """One round trip for all of them (libpq's pipeline mode)."""
    try:
        return await _run_each(driver_connection(conn), statements)
    except psycopg.errors.ReadOnlySqlTransaction:
        await conn.invalidate()
        await conn.engine.dispose()
        raise


async def _run_each(driver: PsycopgConnection, statements: Sequence[Statement]) -> list[Result]:
    cursors = [driver.cursor(binary=True, row_factory=namedtuple_row) for _ in statements]
    async with driver.pipeline() if len(statements) > 1 else nullcontext():
        for cursor, (statement, parameters) in zip(cursors, statements, strict=True):
            await cursor.execute(_to_driver(statement), parameters)
    return [
        Result(await cursor.fetchall() if _gives_rows(cursor) else (), cursor.rowcount) for cursor in cursors
    ]


async def read_at_once(reader: AsyncEngine, statements: Sequence[Statement]) -> list[Result]:
    """One round trip for the whole transaction, which the driver begins by itself."""

    def read() -> list[Result]:
        lent = reader.sync_engine.pool.connect()
        try:
            limit = lent.info.get(LIMIT)
            first = [_SEES_ONE_STATE] if limit is None else [_SEES_ONE_STATE, limit]
            driver = cast(PsycopgConnection, lent.driver_connection)
            results: list[Result] = await_only(_run_each(driver, [*first, *statements, COMMIT]))
        finally:
            lent.close()
        return results[len(first) : -1]

    return await greenlet_spawn(read)


def _gives_rows(cursor: AsyncCursor[Any]) -> bool:
    """As whether it has a description, without making one."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


async def run_with_rows(
    conn: AsyncConnection,
    statement: str,
    columns: Mapping[str, str],
    rows: Sequence[tuple[Any, ...]],
    parameters: Mapping[str, Any],
) -> Sequence[Sequence[Any]]:
    """The rows are arrays in binary, one a column: a fifth of what the server takes to read them as JSON.

    Not prepared: a plan that is kept counts on ten rows, and goes through hundreds again and again.
    """
    driver = driver_connection(conn)
    async with driver.cursor(binary=True) as cursor:
        whole = _with_arrays(statement, tuple(columns.items()))
        await cursor.execute(whole, {**parameters, **array_values(columns, rows)}, prepare=False)
        return await cursor.fetchall() if _gives_rows(cursor) else []


@lru_cache(maxsize=128)
def _with_arrays(statement: str, columns: Sequence[tuple[str, str]]) -> bytes:
    return f"WITH r AS MATERIALIZED ({select_arrays(dict(columns))}) ".encode() + _to_driver(statement)


async def list_positions(
    conn: AsyncConnection, company_row_ids: Collection[int]
) -> Mapping[int, Sequence[Position]]:
    """One row a person: an aggregate costs the server more than it spares here."""
    statement = (
        f"SELECT p.company_id, p.id, p.title_key FROM {numbers_from('rows')} AS r "
        "JOIN directory_people AS p ON p.company_id = r.number"
    )
    found: defaultdict[int, list[Position]] = defaultdict(list)
    rows = await fetch_rows(conn, statement, {"rows": msgspec.json.encode(company_row_ids).decode()})
    for company, person, title_key in rows:
        found[company].append((person, title_key))
    return found


async def tune_for_loading(conn: AsyncConnection, *, on: bool) -> None:
    """Nothing: how much memory there is, the server's own settings tell."""


def lock_clause() -> str:
    """A lock that lets foreign keys to the row still be checked."""
    return "FOR NO KEY UPDATE"


def lock_leads_statements(list_id: int) -> list[Statement]:
    """An advisory lock, which those who wait get in order, and the table, as all have who write to it."""
    turn = "SELECT pg_advisory_xact_lock(hashtextextended('leads', :list_id))"
    return [(turn, {"list_id": list_id}), ("LOCK TABLE lead_lists IN ROW SHARE MODE", {})]


def removal_clause() -> str:
    """A lock that waits for everybody who has the row kept."""
    return "FOR UPDATE"


def keep_clause() -> str:
    """The lock that a foreign key to the row takes, before a row refers to it."""
    return "FOR KEY SHARE"


async def insert_entries(
    conn: AsyncConnection,
    list_id: int,
    first_sequence: int,
    parts: Iterable[Sequence[LeadDraft]],
) -> None:
    """One binary COPY straight into the table, of bytes that are put together here (PostgreSQL, COPY).

    They go out by parts: sockets hold little, and the server must not wait for more than the next of them.
    """
    driver = driver_connection(conn)
    statement = "COPY lead_list_entries (list_id, sequence, key, lead) FROM STDIN (FORMAT BINARY)"
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(COPY_HEADER)
        for part in parts:
            await copy.write(copy_rows(list_id, first_sequence, part))
            first_sequence += len(part)
            # As long as the socket takes all, nobody else would have a turn.
            await asyncio.sleep(0)
        await copy.write(COPY_END)


async def find_sequences(
    conn: AsyncConnection, list_id: int, parts: Iterable[Sequence[str]]
) -> dict[str, int]:
    """One statement over an array; binary parameters, three times faster than text for large arrays."""
    keys: list[str] = []
    for part in parts:
        keys += part
        await asyncio.sleep(0)
    driver = driver_connection(conn)
    async with driver.cursor(binary=True) as cursor:
        statement = _FIND_FEW_KEYS if len(keys) <= _FEW_KEYS else _FIND_KEYS
        await cursor.execute(statement, {"list_id": list_id, "keys": keys})
        return dict(await cursor.fetchall())


async def try_lock_key(conn: AsyncConnection, workspace_id: int, key: str) -> bool:
    """An advisory lock on a hash of the key, held until the transaction ends."""
    statement = "SELECT pg_try_advisory_xact_lock(hashtextextended(:key, :workspace_id))"
    ((is_taken,),) = await fetch_rows(conn, statement, {"key": key, "workspace_id": workspace_id})
    return bool(is_taken)


def driver_connection(conn: AsyncConnection) -> PsycopgConnection:
    """The psycopg connection under a SQLAlchemy one, inside the same transaction."""
    assert conn.sync_connection is not None
    return cast(PsycopgConnection, conn.sync_connection.connection.driver_connection)
