"""Files of leads on their way into lists, and what their columns were said to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)

from leadyard.storage.tables.metadata import KeyText, RowId, metadata

_AT_WORK = text("status IN ('mapped', 'importing')")

imports = Table(
    "imports",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("key_id", ForeignKey("api_keys.id")),
    Column("role", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False, server_default="csv"),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("row_count", Integer, nullable=False, server_default="0"),
    Column("batch_count", Integer, nullable=False, server_default="0"),
    Column("header_row", Integer, nullable=False, server_default="0"),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("columns", Text, nullable=False, server_default="[]"),
    Column("fingerprint", Text),
    Column("type", Text),
    Column("list_id", ForeignKey("lead_lists.id")),
    Column("new_list", Text, nullable=False),
    Column("made_list", Boolean, nullable=False, server_default=false()),
    Column("status", Text, nullable=False, server_default="receiving"),
    Column("reason", Text),
    Column("next_batch", Integer, nullable=False, server_default="0"),
    # Whoever raises the turn has the import to itself until `next_turn_at`.
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("next_turn_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("undone_at", BigInteger),
    Column("emptied_at", BigInteger),
    Column("email_left", BigInteger),
    Column("phone_left", BigInteger),
    CheckConstraint(
        "status IN ('receiving', 'uploaded', 'mapped', 'checked', 'importing', 'paused', 'completed', "
        "'canceled', 'failed')",
        name="status",
    ),
    CheckConstraint("next_batch >= 0 AND next_batch <= batch_count", name="next_batch"),
    Index("ix_imports_workspace", "workspace_id", "id"),
    Index("ix_imports_at_work", "next_turn_at", sqlite_where=_AT_WORK, postgresql_where=_AT_WORK),
)

import_batches = Table(
    "import_batches",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_row", Integer, nullable=False),
    Column("last_row", Integer, nullable=False),
    Column("tally", Text, nullable=False),
    Column("rows", LargeBinary, nullable=False),
    Column("first_sequence", Integer),
    Column("added", Integer, nullable=False, server_default="0"),
)

import_mappings = Table(
    "import_mappings",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("fingerprint", KeyText, primary_key=True),
    Column("columns", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
