"""The floor: decode the body once and store the same rows in one go, with the same indexes.

Nothing is checked, normalized, locked or answered, and duplicates are not handled. Whoever stores leads
durably pays at least this much.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from pathlib import Path

import msgspec
import psycopg

_SQLITE_TABLE = (
    "CREATE TABLE floor (list_id INTEGER NOT NULL, sequence INTEGER NOT NULL, key TEXT NOT NULL, "
    "lead TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'queued', attempts INTEGER NOT NULL DEFAULT 0, "
    "not_before BIGINT, findings TEXT, PRIMARY KEY (list_id, sequence), UNIQUE (list_id, key)) WITHOUT ROWID"
)
_POSTGRESQL_TABLE = (
    'CREATE TABLE floor (list_id bigint NOT NULL, sequence integer NOT NULL, key text COLLATE "C" NOT NULL, '
    "lead text NOT NULL, status text NOT NULL DEFAULT 'queued', attempts integer NOT NULL DEFAULT 0, "
    "not_before bigint, findings text, PRIMARY KEY (list_id, sequence), UNIQUE (list_id, key))"
)


class _Body(msgspec.Struct):
    type: str
    leads: list[msgspec.Raw]


class _Lead(msgspec.Struct):
    email: str


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_lead = msgspec.json.Decoder(_Lead).decode

# The largest statement that stays under SQLite's limit of 32,766 parameters; it measures fastest.
ROWS_A_STATEMENT = 1_000

Store = Callable[[bytes, int], float]


@lru_cache
def _insert_statement(count: int) -> str:
    rows = ", ".join(["(?, ?, ?, ?)"] * count)
    return f"INSERT INTO floor (list_id, sequence, key, lead) VALUES {rows}"


def _rows(body: bytes, list_id: int) -> list[tuple[int, int, str, str]]:
    leads = _decode_body(body).leads
    return [
        (list_id, sequence, _decode_lead(raw).email, str(raw, "utf-8"))
        for sequence, raw in enumerate(leads, 1)
    ]


def sqlite_floor(folder: Path) -> Store:
    """A function that stores a body as a new list in SQLite and returns the seconds it took."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for pragma in ("page_size = 8192", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(_SQLITE_TABLE)

    def store(body: bytes, list_id: int) -> float:
        begin = time.perf_counter()
        rows = _rows(body, list_id)
        connection.execute("BEGIN IMMEDIATE")
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            connection.execute(_insert_statement(len(part)), tuple(chain.from_iterable(part)))
        connection.execute("COMMIT")
        seconds = time.perf_counter() - begin
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return seconds

    return store


def postgresql_floor(conninfo: str) -> Store:
    """A function that stores a body as a new list in PostgreSQL and returns the seconds it took."""
    connection = psycopg.connect(conninfo)
    connection.execute(_POSTGRESQL_TABLE)
    connection.commit()
    copy_statement = "COPY floor (list_id, sequence, key, lead) FROM STDIN (FORMAT BINARY)"

    def store(body: bytes, list_id: int) -> float:
        begin = time.perf_counter()
        rows = _rows(body, list_id)
        with connection.cursor() as cursor, cursor.copy(copy_statement) as copy:
            copy.set_types(["int8", "int4", "text", "text"])
            for row in rows:
                copy.write_row(row)
        connection.commit()
        return time.perf_counter() - begin

    return store
