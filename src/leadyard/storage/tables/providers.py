"""Paid providers: settings, pace, calls, answers, and who is who."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from leadyard.storage.tables.metadata import KeyText, RowId, metadata

provider_settings = Table(
    "provider_settings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("name", KeyText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sealed_key", Text),
    Column("last_four", Text),
    Column("options", Text, nullable=False),
    Column("credit_price", Float, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

# One row for each provider of a workspace, whoever calls it: its pace and its circuit breaker.

provider_gates = Table(
    "provider_gates",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("provider", KeyText, primary_key=True),
    Column("next_call_at", BigInteger, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("closed_until", BigInteger, nullable=False, server_default="0"),
    Column("last_failure", Text),
    Column("failing_since", BigInteger),
    Column("failed_at", BigInteger),
)

provider_shares = Table(
    "provider_shares",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("provider", KeyText, primary_key=True),
    Column("holder", KeyText, primary_key=True),
    Column("slots", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("renewed_at", BigInteger, nullable=False),
)

provider_calls = Table(
    "provider_calls",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("provider", KeyText, nullable=False),
    Column("list_id", ForeignKey("lead_lists.id")),
    Column("groups", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("found", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("order_id", Text),
    Column("reserved", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Column("milliseconds", Integer),
    Column("settings", Text),
    CheckConstraint("state IN ('reserved', 'ordered', 'settled', 'failed', 'lost')", name="state"),
    CheckConstraint("reserved >= 0 AND cost >= 0", name="cost"),
    Index("ix_provider_calls_workspace", "workspace_id", "created_at"),
    Index("ix_provider_calls_list", "list_id"),
)

provider_answers = Table(
    "provider_answers",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("provider", KeyText, primary_key=True),
    Column("key", KeyText, primary_key=True),
    Column("call_id", ForeignKey("provider_calls.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("answer", Text),
    Column("cost", BigInteger, nullable=False, server_default="0"),
    Column("fetched_at", BigInteger, nullable=False),
    CheckConstraint("state IN ('asked', 'found', 'missing', 'ambiguous', 'erased', 'lost')", name="state"),
    Index("ix_provider_answers_call", "call_id", "place"),
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("key", KeyText, primary_key=True),
    Column("person_id", KeyText, nullable=False),
    Index("ix_person_keys_person", "workspace_id", "person_id"),
)
