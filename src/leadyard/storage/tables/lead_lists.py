"""What is kept in lists, how it came in, and what is still to be done with it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from leadyard.storage.tables.metadata import KeyText, RowId, metadata

lead_lists = Table(
    "lead_lists",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("owner_id", ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("shared", Boolean, nullable=False, server_default=false()),
    Column("visible", Boolean, nullable=False, server_default=true()),
    Column("enrich", Boolean, nullable=False),
    Column("validate_email", Boolean, nullable=False),
    Column("reveal_phone_numbers", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("entry_count", Integer, nullable=False, server_default="0"),
    Column("last_sequence", Integer, nullable=False, server_default="0"),
    Column("queued", Integer, nullable=False, server_default="0"),
    Column("processing", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    Column("purpose", Text, nullable=False, server_default="list"),
    Column("reveal_email", Boolean, nullable=False, server_default=true()),
    Column("waterfall", Text),
    Column("paused_reason", Text),
    Column("paused_at", BigInteger),
    Column("paused_for", Text),
    Column("paused_until", BigInteger),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("emptied_at", BigInteger),
    CheckConstraint(
        "purpose IN ('list', 'email_validation', 'person_enrichment', 'person_search')", name="purpose"
    ),
    CheckConstraint("entry_count >= 0 AND entry_count <= capacity", name="capacity"),
    CheckConstraint("queued >= 0 AND processing >= 0 AND done >= 0 AND failed >= 0", name="progress"),
    CheckConstraint("queued + processing + done + failed <= entry_count", name="progress_total"),
    CheckConstraint("status IN ('queued', 'processing', 'completed', 'canceled')", name="status"),
    CheckConstraint("type IN ('linkedin', 'email', 'titles_and_company')", name="type"),
    Index("ix_lead_lists_workspace", "workspace_id", "purpose", "id"),
    Index(
        "ix_lead_lists_unfinished",
        "updated_at",
        sqlite_where=text("status IN ('queued', 'processing')"),
        postgresql_where=text("status IN ('queued', 'processing')"),
    ),
)

# No foreign key to the list: it costs 58 to 88 % of the insert on PostgreSQL, and rows get in only under
# the lock of the list's row. On SQLite the table has row ids: without them a row of a quarter of a page or
# more has another page for itself.

lead_list_entries = Table(
    "lead_list_entries",
    metadata,
    Column("list_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", KeyText, nullable=False),
    Column("lead", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", BigInteger),
    Column("findings", Text),
    UniqueConstraint("list_id", "key"),
    # All words in one list would cost a quarter of an insert on SQLite, where every entry begins queued.
    CheckConstraint(
        "status = 'queued' OR status IN ('processing', 'done', 'failed', 'canceled')", name="status"
    ),
)

# What lists are searched, filtered and sorted by, written with the results: a narrow row beside the wide one
# of the entry, so that 60,000 are looked through in milliseconds. No index but the key, and nothing of it is
# written while leads are added.

entry_summaries = Table(
    "entry_summaries",
    metadata,
    Column("list_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("name", KeyText),
    Column("email", KeyText),
    Column("title", KeyText),
    Column("company", KeyText),
    Column("has_phone", Boolean, nullable=False),
    Column("enrich", Text),
    Column("validate", Text),
    Column("reveal", Text),
    Column("result", Text),
    Column("trouble", Text),
    sqlite_with_rowid=False,
)

additions = Table(
    "additions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("list_id", ForeignKey("lead_lists.id"), nullable=False),
    Column("key_id", ForeignKey("api_keys.id")),
    Column("user_id", ForeignKey("users.id")),
    Column("total", Integer, nullable=False),
    Column("first_sequence", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("left_out", Text, nullable=False),
    Column("enrich", Boolean, nullable=False),
    Column("validate_email", Boolean, nullable=False),
    Column("reveal_phone_numbers", Boolean, nullable=False),
    Column("prices", Text, nullable=False),
    Column("email_held", BigInteger, nullable=False),
    Column("phone_held", BigInteger, nullable=False),
    Column("email_spent", BigInteger, nullable=False, server_default="0"),
    Column("phone_spent", BigInteger, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("reveal_email", Boolean, nullable=False, server_default=true()),
    Column("request_id", Text),
    Column("traceparent", Text),
    CheckConstraint("email_held >= 0 AND phone_held >= 0", name="held"),
    Index("ix_additions_list", "list_id", "first_sequence"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("list_id", BigInteger, nullable=False),
    Column("addition_id", BigInteger, nullable=False),
    Column("first_sequence", Integer, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("tag", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("run_at", BigInteger, nullable=False),
    Column("claimed_at", BigInteger),
    Index("ix_chunks_tag", "tag", "id"),
    Index("ix_chunks_list", "list_id", "last_sequence"),
    info={"dialect": "sqlite"},
    sqlite_autoincrement=True,
)
