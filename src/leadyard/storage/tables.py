"""The schema, once, for both databases. Migrations make it; a test compares the two.

Times are UTC milliseconds since 1970, amounts are milli-credits, JSON is text: the same in both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

RowId = BigInteger().with_variant(Integer(), "sqlite")
KeyText = Text().with_variant(Text(collation="C"), "postgresql")

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
    UniqueConstraint("account_id", "email"),
    CheckConstraint("role IN ('admin', 'member')", name="role"),
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
    CheckConstraint("role IN ('admin', 'member')", name="role"),
)

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
# the lock of the list's row.
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
    CheckConstraint("status IN ('queued', 'processing', 'done', 'failed', 'canceled')", name="status"),
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
    CheckConstraint("email_held >= 0 AND phone_held >= 0", name="held"),
    Index("ix_additions_list", "list_id", "first_sequence"),
)

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

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text),
    Column("admin_id", ForeignKey("users.id"), nullable=False),
    Column("key_id", ForeignKey("api_keys.id")),
    Column("user_id", ForeignKey("users.id")),
    Column("list_id", ForeignKey("lead_lists.id")),
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
    Column("workspace_id", ForeignKey("workspaces.id"), primary_key=True),
    Column("person_id", KeyText, primary_key=True),
    Column("charged_at", BigInteger, nullable=False),
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

directory_companies = Table(
    "directory_companies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", KeyText, nullable=False, unique=True),
    Column("domain", KeyText),
    Column("company", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("page_key", KeyText),
    Index("ix_directory_companies_domain", "domain"),
    Index("ix_directory_companies_page_key", "page_key"),
)

# No foreign key: checking it for each of the two dozen keys of a company makes a load noticeably slower, and
# companies are not deleted.
directory_company_keys = Table(
    "directory_company_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

directory_people = Table(
    "directory_people",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("company_id", ForeignKey("directory_companies.id")),
    Column("key", KeyText, nullable=False, unique=True),
    Column("linkedin_key", KeyText),
    Column("email_key", KeyText),
    Column("title_key", KeyText),
    Column("person", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("mailbox_key", KeyText),
    # Whoever was loaded with a profile has it in the key as well, which has an index already.
    Index(
        "ix_directory_people_later_profile",
        "linkedin_key",
        sqlite_where=text("linkedin_key IS NOT NULL AND key <> 'linkedin:' || linkedin_key"),
        postgresql_where=text("linkedin_key IS NOT NULL AND key <> 'linkedin:' || linkedin_key"),
    ),
    Index("ix_directory_people_mailbox_key", "mailbox_key"),
    Index("ix_directory_people_company", "company_id", "title_key"),
)

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
    Column("key_id", ForeignKey("api_keys.id"), nullable=False),
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
    Index("ix_chunks_list", "list_id"),
    info={"dialect": "sqlite"},
    sqlite_autoincrement=True,
)
