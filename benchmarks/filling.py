"""Databases that are filled by SQL of a few statements, as fast as they can be: many lists, many entries."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from benchmarks.rig import Rig, Store

_KEY = "'first.last' || x || '@firm-' || (x % 3000) || '.example'"
_LEAD = (
    f'\'{{"email":"\' || {_KEY} || \'","linkedin_url":"https://linkedin.com/in/first-last-\' || x || '
    '\'","title":"Head of Sales","company_name":"Nordwind GmbH","company_domain":"firm-\' || '
    '(x % 3000) || \'.example","first_name":"First","source":"spring","score":\' || (x % 100) || \'}\''
)
# 7,919 is a prime, so that the keys of a list come in no order, each once.
_LEADS = (
    "CREATE {kind} TABLE made_leads AS SELECT sequence, {key} AS key, {lead} AS lead FROM "
    "(SELECT s.i AS sequence, (s.i * 7919) % {size} AS x FROM {numbers}) AS numbered ORDER BY sequence"
)
_ENTRIES = (
    "INSERT INTO lead_list_entries (list_id, sequence, key, lead, status, findings) "
    "SELECT {list_id}, sequence, key, lead, 'done', '{{}}' FROM made_leads"
)
_LISTS = (
    "INSERT INTO lead_lists (public_id, workspace_id, owner_id, name, type, status, shared, visible, "
    "enrich, validate_email, reveal_phone_numbers, capacity, entry_count, last_sequence, done, created_at, "
    "updated_at) SELECT {public_id}, w.id, (SELECT min(id) FROM users), 'List ' || s.i, 'email', "
    "'completed', true, true, false, false, false, 60000, {size}, {size}, {size}, {now}, {now} "
    "FROM {numbers} CROSS JOIN (SELECT id FROM workspaces WHERE mode = 'test') AS w"
)
_KEYS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid = 'lead_list_entries'::regclass AND contype IN ('p', 'u') ORDER BY contype"
)


async def migrate(rig: Rig, store: Store) -> None:
    """Lets the service make its tables and its account."""
    async with rig.serve(store, "--no-worker"):
        pass


def add_lists(store: Store, count: int, size: int) -> None:
    """Completed lists of so many entries, which `add_entries` makes."""
    values = {"size": size, "now": time.time_ns() // 1_000_000}
    if store.url is None:
        public_id = "printf('01900000-0000-7000-8000-%012x', s.i)"
        statement = _LISTS.format(public_id=public_id, numbers=_sqlite_numbers(count), **values)
        with _open_sqlite(store) as connection:
            connection.execute(statement)
    else:
        public_id = "'01900000-0000-7000-8000-' || lpad(to_hex(s.i), 12, '0')"
        statement = _LISTS.format(public_id=public_id, numbers=_series(count), **values)
        with psycopg.connect(store.url, autocommit=True) as connection:
            connection.execute(statement.encode())


def add_entries(store: Store, lists: int, size: int) -> None:
    """All entries of the lists that `add_lists` made, and statistics of them."""
    if store.url is None:
        _fill_sqlite(store, lists, size)
    else:
        _fill_postgresql(store.url, lists, size)
    os.sync()


def _fill_sqlite(store: Store, lists: int, size: int) -> None:
    leads = _LEADS.format(kind="TEMP", key=_KEY, lead=_LEAD, size=size, numbers=_sqlite_numbers(size))
    with _open_sqlite(store) as connection:
        connection.execute(leads)
        for list_id in range(1, lists + 1):
            connection.execute(_ENTRIES.format(list_id=list_id))


def _fill_postgresql(url: str, lists: int, size: int) -> None:
    """By two connections at once, and the indexes afterwards."""

    def fill(first: int) -> None:
        with _connect(url) as connection:
            for list_id in range(first, lists + 1, 2):
                connection.execute(_ENTRIES.format(list_id=list_id).encode())

    def run(statement: str) -> None:
        with _connect(url) as connection:
            connection.execute(statement.encode())

    with psycopg.connect(url) as connection:
        keys = connection.execute(_KEYS.encode()).fetchall()
    for name, _ in keys:
        run(f"ALTER TABLE lead_list_entries DROP CONSTRAINT {name}")
    run(_LEADS.format(kind="UNLOGGED", key=_KEY, lead=_LEAD, size=size, numbers=_series(size)))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fill, (1, 2)))
    run("DROP TABLE made_leads")
    for name, definition in keys:
        run(f"ALTER TABLE lead_list_entries ADD CONSTRAINT {name} {definition}")
    run("VACUUM (ANALYZE) lead_list_entries, lead_lists")
    run("CHECKPOINT")


def _connect(url: str) -> psycopg.Connection:
    """A connection that waits for nothing it need not wait for."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET maintenance_work_mem = '512MB'")
    return connection


@contextmanager
def _open_sqlite(store: Store) -> Iterator[sqlite3.Connection]:
    """Without a log and without waiting for the disk; the service turns both on again."""
    connection = sqlite3.connect(store.folder / "leadyard.db", isolation_level=None)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -256000"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        yield connection
    finally:
        connection.close()


def _sqlite_numbers(count: int) -> str:
    made = f"n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    return f"(WITH RECURSIVE {made} SELECT i FROM n) AS s"


def _series(count: int) -> str:
    return f"generate_series(1, {count}) AS s(i)"
