"""The floor: decode the body once and store the same rows in one go, in a table like the service's own.

Nothing is checked, normalized, locked or answered, and duplicates are not handled: which leads are to be
stored is told beforehand. Whoever stores leads durably pays at least this much. The table is the service's,
by its definition, and the rows go in by the quickest way that was found: statements of 10,000 rows that take
the leads as bytes, short ones as bytearrays, and a binary COPY that is put together here.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from struct import Struct
from typing import Any

import msgspec
import psycopg
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from benchmarks.leads import Body
from leadyard.storage.dialects.sqlite import PAGE_BYTES
from leadyard.storage.tables.lead_lists import lead_list_entries

Store = Callable[[Body, int], float]
ROWS_A_STATEMENT = 10_000
SHORT_BYTES = 1_024


class _Body(msgspec.Struct):
    type: str
    leads: list[msgspec.Raw]


class _Lead(msgspec.Struct, gc=False):
    email: str


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_lead = msgspec.json.Decoder(_Lead).decode
_copy_row = Struct("!hiqiii").pack
_copy_length = Struct("!i").pack


def _table(dialect: Dialect) -> list[str]:
    table = lead_list_entries
    statements: list[ExecutableDDLElement] = [CreateTable(table), *map(CreateIndex, table.indexes)]
    return [str(statement.compile(dialect=dialect)) for statement in statements]


def _read(body: Body) -> list[tuple[str, msgspec.Raw]]:
    """The key and the JSON of each lead that is to be stored."""
    leads = _decode_body(body.data).leads
    if len(body.new) < len(leads):
        leads = [leads[place] for place in body.new]
    return [(_decode_lead(raw).email, raw) for raw in leads]


@lru_cache
def _insert_statement(count: int) -> str:
    rows = ", ".join(f"({row}, ?, ?)" for row in range(count))
    return (
        f"INSERT INTO {lead_list_entries.name} (list_id, sequence, key, lead) "
        f"SELECT ?1, ?2 + column1, column2, CAST(column3 AS TEXT) FROM (VALUES {rows})"
    )


def sqlite_floor(folder: Path) -> Store:
    """A function that stores a body as a new list in SQLite and returns the seconds it took."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    pragmas = (
        f"page_size = {PAGE_BYTES}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "wal_autocheckpoint = 0",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    for statement in _table(make_url("sqlite://").get_dialect()()):
        connection.execute(statement)

    def store(body: Body, list_id: int) -> float:
        begin = time.perf_counter()
        rows = _read(body)
        connection.execute("BEGIN IMMEDIATE")
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            values: list[Any] = [list_id, start + 1, *chain.from_iterable(part)]
            if len(body.data) <= SHORT_BYTES * body.total:
                # Of these the driver takes less time than the copy does; not so of long leads.
                values[3::2] = map(bytearray, values[3::2])
            connection.execute(_insert_statement(len(part)), values)
        connection.execute("COMMIT")
        seconds = time.perf_counter() - begin
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return seconds

    return store


def postgresql_floor(conninfo: str) -> Store:
    """A function that stores a body as a new list in PostgreSQL and returns the seconds it took."""
    connection = psycopg.connect(conninfo)
    for statement in _table(make_url("postgresql+psycopg://").get_dialect()()):
        connection.execute(statement.encode())
    connection.execute(f"ALTER TABLE {lead_list_entries.name} ALTER lead SET COMPRESSION lz4".encode())
    connection.commit()
    copy_statement = (
        f"COPY {lead_list_entries.name} (list_id, sequence, key, lead) FROM STDIN (FORMAT BINARY)"
    )

    def store(body: Body, list_id: int) -> float:
        begin = time.perf_counter()
        data = _copy_data(list_id, _read(body))
        with connection.cursor() as cursor, cursor.copy(copy_statement.encode()) as copy:
            copy.write(data)
        connection.commit()
        return time.perf_counter() - begin

    return store


def _copy_data(list_id: int, rows: Sequence[tuple[str, msgspec.Raw]]) -> bytes:
    parts: list[bytes | msgspec.Raw] = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for sequence, (key, raw) in enumerate(rows, 1):
        name = key.encode()
        head = _copy_row(4, 8, list_id, 4, sequence, len(name))
        parts += (head, name, _copy_length(len(memoryview(raw))), raw)
    parts.append(b"\xff\xff")
    return b"".join(parts)
