"""How many requests of each key were given out in its minute."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from leadyard.storage.tables.metadata import metadata

request_windows = Table(
    "request_windows",
    metadata,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
)
