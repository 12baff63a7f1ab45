"""Databases that are filled by SQL of a few statements, as fast as they can be: many lists, many entries."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import psycopg

from benchmarks.rig import Rig, Store

LISTS_A_STATEMENT = 100
_KEY = "'first.last' || x || '@firm-' || (x % 3000) || '.example'"
_LEAD = (
    f'\'{{"email":"\' || {_KEY} || \'","linkedin_url":"https://linkedin.com/in/first-last-\' || x || '
    '\'","title":"Head of Sales","company_name":"Nordwind GmbH","company_domain":"firm-\' || (x % 3000) || '
    '\'.example","first_name":"First","source":"spring","score":\' || (x % 100) || \'}\''
)
# 7,919 is a prime, so that the keys of a list come in no order, each once.
_ENTRIES = (
    "INSERT INTO lead_list_entries (list_id, sequence, key, lead, status, findings) "
    "SELECT list_id, sequence, {key}, {lead}, 'done', '{{}}' FROM "
    "(SELECT l.id AS list_id, s.i AS sequence, CAST(l.id AS BIGINT) * {size} + (s.i * 7919) % {size} AS x "
    "FROM (SELECT id FROM lead_lists WHERE id > {after} AND id <= {last} ORDER BY id) AS l "
    "CROSS JOIN {numbers}) AS made"
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
    with _open_sqlite(store) as connection:
        for after, last in _ranges(lists):
            connection.execute(_insert(size, after, last, _sqlite_numbers(size)))


def _fill_postgresql(url: str, lists: int, size: int) -> None:
    """By two connections at once, and the indexes afterwards."""

    def fill(part: tuple[int, int]) -> None:
        after, last = part
        _run(url, _insert(size, after, last, _series(size)))

    with psycopg.connect(url) as connection:
        keys = connection.execute(_KEYS.encode()).fetchall()
    for name, _ in keys:
        _run(url, f"ALTER TABLE lead_list_entries DROP CONSTRAINT {name}")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fill, _ranges(lists)))
    for name, definition in keys:
        _run(url, f"ALTER TABLE lead_list_entries ADD CONSTRAINT {name} {definition}")
    _run(url, "VACUUM (ANALYZE) lead_list_entries, lead_lists")
    _run(url, "CHECKPOINT")


def _insert(size: int, after: int, last: int, numbers: str) -> str:
    """The entries of the lists between two row ids."""
    return _ENTRIES.format(key=_KEY, lead=_LEAD, size=size, after=after, last=last, numbers=numbers)


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(statement.encode())


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


def _ranges(lists: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, lists, LISTS_A_STATEMENT), lists]))


def _sqlite_numbers(count: int) -> str:
    made = f"n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    return f"(WITH RECURSIVE {made} SELECT i FROM n) AS s"


def _series(count: int) -> str:
    return f"generate_series(1, {count}) AS s(i)"
