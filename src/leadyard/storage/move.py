"""Copies every row from SQLite to PostgreSQL, and makes sure that the copy is the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    Integer,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from leadyard.storage.database import Tx
from leadyard.storage.dialects.postgresql import driver_connection
from leadyard.storage.tables import metadata

BATCH_ROWS = 2_000
MIN_POSTGRESQL = 15

TABLES = tuple(table for table in metadata.sorted_tables if table.info.get("dialect") != "sqlite")
"""What is copied, each table after those it refers to."""

COPY_TYPES = {
    BigInteger: "int8",
    Integer: "int4",
    Text: "text",
    Boolean: "bool",
    Float: "float8",
    LargeBinary: "bytea",
}

OnRows = Callable[[int], None]

_TABLES_THERE = text("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
_JOBS = "procrastinate_jobs"
_MIGRATED = "alembic_version"


class NotMoved(Exception):
    """The data cannot be moved, and nothing has changed; the text says why and what to do."""


@asynccontextmanager
async def explain_faults() -> AsyncIterator[None]:
    """Turns what PostgreSQL says against a statement into NotMoved, without the values it quotes."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        fault = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(fault, psycopg.Error):
            raise
        if isinstance(fault, psycopg.errors.InsufficientPrivilege):
            raise NotMoved(
                "The user of the PostgreSQL database may not make tables in it: "
                "make this user the owner of the database."
            ) from error
        raise NotMoved(f"PostgreSQL refused a statement ({type(fault).__name__}).") from error


async def require_suitable(tx: Tx) -> None:
    """Raises NotMoved for a server that is too old or has another encoding."""
    version = int((await tx.conn.execute(text("SHOW server_version_num"))).scalar_one()) // 10_000
    if version < MIN_POSTGRESQL:
        raise NotMoved(f"PostgreSQL {MIN_POSTGRESQL} or newer is needed; this is {version}.")
    encoding = (await tx.conn.execute(text("SHOW server_encoding"))).scalar_one()
    if encoding != "UTF8":
        raise NotMoved(f"The database's encoding must be UTF8; it is {encoding}. Make a new one.")


async def require_empty(tx: Tx) -> None:
    """Raises NotMoved unless the database has no tables, or those of a Leadyard that was never set up."""
    there = set((await tx.conn.execute(_TABLES_THERE)).scalars())
    if there and _MIGRATED not in there:
        raise NotMoved("The PostgreSQL database has tables of another program: name an empty database.")
    for name in [table.name for table in TABLES] + [_JOBS]:
        if name in there and (await tx.conn.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1'))).first():
            raise NotMoved("The PostgreSQL database has data of Leadyard already: name an empty database.")


async def count_rows(tx: Tx) -> dict[str, int]:
    """How many rows each table has."""
    counts = {}
    for table in TABLES:
        counts[table.name] = (await tx.conn.execute(select(func.count()).select_from(table))).scalar_one()
    return counts


async def copy_rows(source: Tx, target: Tx, on_rows: OnRows) -> None:
    """Copies every table; ids and counters stay what they are."""
    driver = driver_connection(target.conn)
    for table in TABLES:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        statement = f'COPY "{table.name}" ({columns}) FROM STDIN (FORMAT BINARY)'
        try:
            async with driver.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types([COPY_TYPES[type(column.type)] for column in table.columns])
                async for rows in _read_batches(source.conn, table):
                    for row in rows:
                        await copy.write_row(row)
                    on_rows(len(rows))
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            kind = type(error).__name__
            raise NotMoved(f"PostgreSQL does not take a row of {table.name} ({kind}).") from error


async def require_same_rows(source: Tx, target: Tx, on_rows: OnRows) -> None:
    """Compares every column of every row; raises NotMoved at the first table that differs."""
    for table in TABLES:
        ours, theirs = _read_batches(source.conn, table), _read_batches(target.conn, table)
        while True:
            expected, found = await _take_batch(ours), await _take_batch(theirs)
            if expected != found:
                raise NotMoved(
                    f"The rows of {table.name} did not arrive as they were sent, so nothing was kept. "
                    "Does a trigger or a rule of that database change them?"
                )
            if not expected:
                break
            on_rows(len(expected))


async def finish_tables(tx: Tx) -> None:
    """Lets each sequence go on behind the highest id, and PostgreSQL know how the tables have grown."""
    for table in TABLES:
        column = table.autoincrement_column
        if column is not None and not column.foreign_keys:
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            await tx.conn.execute(text(f'SELECT setval({sequence}, max({column.name})) FROM "{table.name}"'))
        await tx.conn.execute(text(f'ANALYZE "{table.name}"'))


async def _read_batches(conn: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[tuple[object]]]]:
    """A table's rows in the order of its primary key, which is the same in both databases."""
    result = await conn.stream(_in_order(table, is_sqlite=conn.dialect.name == "sqlite"))
    async for rows in result.partitions(BATCH_ROWS):
        yield rows


async def _take_batch(batches: AsyncIterator[Sequence[Row[tuple[object]]]]) -> list[tuple[object, ...]]:
    """The next rows, none at the end."""
    async for rows in batches:
        return [tuple(row) for row in rows]
    return []


def _in_order(table: Table, *, is_sqlite: bool) -> Select[tuple[object]]:
    keys = [
        column if is_sqlite or not isinstance(column.type, Text) else column.collate("C")
        for column in table.primary_key
    ]
    return select(*table.columns).order_by(*keys)
