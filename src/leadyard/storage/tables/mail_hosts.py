"""Which places at mail hosts are taken."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from leadyard.storage.tables.metadata import KeyText, metadata

mail_host_places = Table(
    "mail_host_places",
    metadata,
    Column("host", KeyText, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("token", Text, nullable=False),
    Column("held_until", BigInteger, nullable=False),
)
