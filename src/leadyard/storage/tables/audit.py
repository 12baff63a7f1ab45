"""Who changed what. Triggers, which migrations make, let rows in and nothing else happen to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from leadyard.storage.tables.metadata import RowId, metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("workspace_id", ForeignKey("workspaces.id")),
    Column("user_id", ForeignKey("users.id")),
    Column("key_id", ForeignKey("api_keys.id")),
    Column("action", Text, nullable=False),
    Column("subject", Text),
    Column("detail", Text, nullable=False),
    Column("address", Text),
    Column("request_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_audit_entries_account", "account_id", "id"),
)
