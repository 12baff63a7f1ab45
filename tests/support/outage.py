"""A database that does not let anything be written, as when its disk hangs, without stopping it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from tests.support.workbench import Workbench

PATIENCE_MS = 300
"""How long the workbench waits for a lock, instead of the 15 seconds and more of an installation."""


async def make_impatient(bench: Workbench) -> None:
    """Lets statements of this workbench fail soon when they must wait."""
    if bench.database.is_sqlite:
        await bench.write(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        return
    name = bench.database.url.database
    await bench.write(f"ALTER DATABASE {name} SET statement_timeout = {PATIENCE_MS}")
    await bench.database.close()


@contextmanager
def nothing_can_be_written(bench: Workbench, table: str = "lead_lists") -> Iterator[None]:
    """Holds the locks that writing into a table needs: a list's, unless told."""
    if bench.database.is_sqlite:
        connection = sqlite3.connect(bench.database.url.database or "", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()
        return
    conninfo = bench.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo) as blocker:
        blocker.execute("SET statement_timeout = 0")
        blocker.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        yield
        blocker.rollback()


def refuse_to_cancel(*, is_sqlite: bool) -> list[str]:
    """Statements after which no lead can be written down as canceled."""
    trigger = "CREATE TRIGGER refuse BEFORE UPDATE ON lead_list_entries"
    if is_sqlite:
        return [f"{trigger} WHEN NEW.status = 'canceled' BEGIN SELECT RAISE(ABORT, 'refused'); END"]
    raising = "'BEGIN RAISE EXCEPTION USING ERRCODE = ''data_exception''; END'"
    return [
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS {raising}",
        f"{trigger} FOR EACH ROW WHEN (NEW.status = 'canceled') EXECUTE FUNCTION refuse()",
    ]


def allow_to_cancel(*, is_sqlite: bool) -> str:
    """The statement after which leads can be canceled again."""
    return "DROP TRIGGER refuse" if is_sqlite else "DROP FUNCTION refuse CASCADE"


async def until_threads_have_answered() -> None:
    """After connections that could not be opened: threads of SQLite's driver answer the loop once more."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
