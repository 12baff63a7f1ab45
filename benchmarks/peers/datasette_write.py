"""Datasette's JSON write API with `ignore`: a file with a table for it, and the rows that it is sent.

A column for each field: Datasette checks nothing and keeps no others. NOCASE stands for lower-cased keys.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from benchmarks.leads import Body
from benchmarks.rig import Store

ADDRESS = "/peer/leads/-/insert"
COMMAND = (
    *("-m", "datasette", "serve", "peer.db", "--port", "{port}"),
    *("--setting", "max_insert_rows", "10000", "--setting", "max_post_body_bytes", "33554432"),
    *("--setting", "permissions.insert-row", "true"),
)


def make_file(store: Store, body: Body) -> None:
    """A column for each field: Datasette checks nothing, and NOCASE stands for lower-cased keys."""
    fields = msgspec.json.decode(body.data)["leads"][0]
    columns = ", ".join(f"{name} TEXT" for name in fields if name != "email")
    with sqlite3.connect(store.folder / "peer.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            f"CREATE TABLE leads (list_id INTEGER NOT NULL, email TEXT NOT NULL COLLATE NOCASE, {columns}, "
            "UNIQUE (list_id, email))"
        )
    connection.close()


def make_body(body: Body, list_id: str) -> bytes:
    """The leads as rows."""
    rows = [{"list_id": int(list_id), **lead} for lead in msgspec.json.decode(body.data)["leads"]]
    return msgspec.json.encode({"rows": rows, "ignore": True})


def count_added(store: Store, list_id: str, _answer: Any) -> int:
    """How many were stored, which the answer does not tell."""
    with sqlite3.connect(store.folder / "peer.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM leads WHERE list_id = ?", (list_id,)).fetchone()
    connection.close()
    return int(count)
