"""Who is to be left alone, and who was erased."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from leadyard.storage.tables.metadata import KeyText, RowId, metadata

exclusions = Table(
    "exclusions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", KeyText, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "kind", "value"),
    CheckConstraint("kind IN ('email', 'domain')", name="kind"),
    Index("ix_exclusions_workspace", "workspace_id", "kind", "id"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", ForeignKey("api_keys.id")),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("directory_people", Integer, nullable=False),
    Column("exclusions", Integer, nullable=False),
    Column("credit_entries", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_erasures_workspace", "workspace_id", "id"),
)

# Who was erased, as digests only: enough to know them again, not enough to tell who they are.

tombstones = Table(
    "tombstones",
    metadata,
    Column("digest", KeyText, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_tombstones_workspace", "workspace_id"),
)

# On SQLite only: PostgreSQL keeps its jobs in Procrastinate's tables.
