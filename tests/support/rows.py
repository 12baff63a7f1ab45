"""Every row of every table of an installation, for comparing two of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

from leadyard.settings import Settings

Rows = dict[str, list[tuple[Any, ...]]]


def read_all_rows(settings: Settings) -> Rows:
    """The rows of each table, jobs included, in an order that is the same for the same rows."""
    if settings.is_sqlite:
        with closing(sqlite3.connect(settings.sqlite_path)) as connection:
            names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
                for (name,) in connection.execute(names).fetchall()
            }
    with psycopg.connect(settings.libpq_url) as server:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return {
            name: sorted(server.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in server.execute(names).fetchall()
        }
