"""Balances, the ledger, and when a person was last charged for."""

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

credit_balances = Table(
    "credit_balances",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("balance", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("kind IN ('email', 'phone')", name="kind"),
    CheckConstraint("balance >= 0 AND held >= 0 AND held <= balance", name="balance"),
)

# No foreign keys from the ledger: a lead adds up to four lines, each would be looked up five times, and that
# was a third of what PostgreSQL did for it. Accounts, users, keys and lists are never deleted.

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("workspace_id", RowId, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text),
    Column("admin_id", RowId, nullable=False),
    Column("key_id", RowId),
    Column("user_id", RowId),
    Column("list_id", RowId),
    Column("sequence", Integer),
    Column("charge_key", KeyText, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "charge_key"),
    CheckConstraint("kind IN ('email', 'phone')", name="kind"),
    Index("ix_credit_entries_workspace", "workspace_id", "id"),
)

person_charges = Table(
    "person_charges",
    metadata,
    Column("workspace_id", RowId, primary_key=True, autoincrement=False),
    Column("person_id", KeyText, primary_key=True),
    Column("charged_at", BigInteger, nullable=False),
)
