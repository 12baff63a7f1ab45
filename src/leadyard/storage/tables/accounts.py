"""Who there is: accounts, their workspaces, users and keys."""

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

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("mode", Text, nullable=False),
    Column("waterfall", Text),
    Column("spending_limits", Text),
    Column("webhook_events", Text),
    UniqueConstraint("account_id", "mode"),
    CheckConstraint("mode IN ('live', 'test')", name="mode"),
)

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", KeyText, nullable=False),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="active"),
    Column("created_at", BigInteger, nullable=False),
    Column("password_hash", Text),
    UniqueConstraint("account_id", "email"),
    CheckConstraint("role IN ('admin', 'member', 'read_only')", name="role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("digest", KeyText, nullable=False, unique=True),
    Column("mode", Text, nullable=False),
    Column("address", Text),
    Column("browser", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    CheckConstraint("mode IN ('live', 'test')", name="mode"),
    Index("ix_sessions_user", "user_id"),
)

# Whose they are is told by digests only.

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("digest", KeyText, primary_key=True),
    Column("full_at", BigInteger, nullable=False),
    Index("ix_sign_in_tries_full_at", "full_at"),
)

password_links = Table(
    "password_links",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("digest", KeyText, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    CheckConstraint("purpose IN ('first_start', 'invitation', 'reset')", name="purpose"),
    Index("ix_password_links_user", "user_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", KeyText, nullable=False, unique=True),
    Column("last_four", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("scopes", Text),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("rotated_at", BigInteger),
    CheckConstraint("role IN ('admin', 'member', 'read_only')", name="role"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("key", KeyText, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
