"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes every table; the jobs' own are Procrastinate's on PostgreSQL."""
    _create_accounts()
    _create_lists()
    _create_credits()
    _create_directory()
    if op.get_bind().dialect.name == "sqlite":
        _create_chunks()
    else:
        _create_procrastinate()


def _create_procrastinate() -> None:
    schema = SchemaManager.get_schema()

    async def execute(connection: Any) -> None:
        await connection.execute(schema)

    dbapi_connection: Any = op.get_bind().connection.dbapi_connection
    dbapi_connection.run_async(execute)


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_public_id")),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'test')", name=op.f("ck_workspaces_mode")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_workspaces_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("account_id", "mode", name=op.f("uq_workspaces_account_id_mode")),
    )
    op.create_table(
        "users",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", KEY, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'member')", name=op.f("ck_users_role")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_users_account_id_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_users_public_id")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'member')", name=op.f("ck_api_keys_role")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_api_keys_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_keys_public_id")),
    )


def _create_lists() -> None:
    op.create_table(
        "lead_lists",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("owner_id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("visible", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("enrich", sa.Boolean(), nullable=False),
        sa.Column("validate_email", sa.Boolean(), nullable=False),
        sa.Column("reveal_phone_numbers", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("entry_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued", sa.Integer(), server_default="0", nullable=False),
        sa.Column("processing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'processing', 'completed', 'canceled')", name=op.f("ck_lead_lists_status")
        ),
        sa.CheckConstraint(
            "type IN ('linkedin', 'email', 'titles_and_company')", name=op.f("ck_lead_lists_type")
        ),
        sa.CheckConstraint(
            "entry_count >= 0 AND entry_count <= capacity", name=op.f("ck_lead_lists_capacity")
        ),
        sa.CheckConstraint(
            "queued + processing + done + failed <= entry_count", name=op.f("ck_lead_lists_progress_total")
        ),
        sa.CheckConstraint(
            "queued >= 0 AND processing >= 0 AND done >= 0 AND failed >= 0",
            name=op.f("ck_lead_lists_progress"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_lead_lists_owner_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_lead_lists_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_lists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lead_lists_public_id")),
    )
    op.create_index(
        "ix_lead_lists_unfinished",
        "lead_lists",
        ["updated_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('queued', 'processing')"),
        postgresql_where=sa.text("status IN ('queued', 'processing')"),
    )
    op.create_index("ix_lead_lists_workspace", "lead_lists", ["workspace_id", "id"], unique=False)
    op.create_table(
        "lead_list_entries",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'processing', 'done', 'failed', 'canceled')",
            name=op.f("ck_lead_list_entries_status"),
        ),
        sa.PrimaryKeyConstraint("list_id", "sequence", name=op.f("pk_lead_list_entries")),
        sa.UniqueConstraint("list_id", "key", name=op.f("uq_lead_list_entries_list_id_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "additions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("list_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=True),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.Column("enrich", sa.Boolean(), nullable=False),
        sa.Column("validate_email", sa.Boolean(), nullable=False),
        sa.Column("reveal_phone_numbers", sa.Boolean(), nullable=False),
        sa.Column("prices", sa.Text(), nullable=False),
        sa.Column("email_held", sa.BigInteger(), nullable=False),
        sa.Column("phone_held", sa.BigInteger(), nullable=False),
        sa.Column("email_spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("phone_spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("email_held >= 0 AND phone_held >= 0", name=op.f("ck_additions_held")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_additions_key_id")),
        sa.ForeignKeyConstraint(["list_id"], ["lead_lists.id"], name=op.f("fk_additions_list_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_additions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_additions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_additions_public_id")),
    )
    op.create_index("ix_additions_list", "additions", ["list_id", "first_sequence"], unique=False)


def _create_credits() -> None:
    op.create_table(
        "credit_balances",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_credit_balances_kind")),
        sa.CheckConstraint(
            "balance >= 0 AND held >= 0 AND held <= balance", name=op.f("ck_credit_balances_balance")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_credit_balances_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", name=op.f("pk_credit_balances")),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("admin_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=True),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("list_id", ROW_ID, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("charge_key", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_credit_entries_kind")),
        sa.ForeignKeyConstraint(["admin_id"], ["users.id"], name=op.f("fk_credit_entries_admin_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_credit_entries_key_id")),
        sa.ForeignKeyConstraint(["list_id"], ["lead_lists.id"], name=op.f("fk_credit_entries_list_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credit_entries_user_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_credit_entries_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint(
            "workspace_id", "charge_key", name=op.f("uq_credit_entries_workspace_id_charge_key")
        ),
    )
    op.create_index("ix_credit_entries_workspace", "credit_entries", ["workspace_id", "id"], unique=False)
    op.create_table(
        "person_charges",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("charged_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_person_charges_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", name=op.f("pk_person_charges")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_idempotency_keys_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)


def _create_directory() -> None:
    op.create_table(
        "directory_companies",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("domain", KEY, nullable=True),
        sa.Column("name_key", KEY, nullable=True),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_companies")),
        sa.UniqueConstraint("key", name=op.f("uq_directory_companies_key")),
    )
    op.create_index("ix_directory_companies_domain", "directory_companies", ["domain"], unique=False)
    op.create_index("ix_directory_companies_name_key", "directory_companies", ["name_key"], unique=False)
    op.create_table(
        "directory_people",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("company_id", ROW_ID, nullable=True),
        sa.Column("key", KEY, nullable=False),
        sa.Column("linkedin_key", KEY, nullable=True),
        sa.Column("email_key", KEY, nullable=True),
        sa.Column("title_key", KEY, nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["directory_companies.id"], name=op.f("fk_directory_people_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_people")),
        sa.UniqueConstraint("key", name=op.f("uq_directory_people_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_directory_people_public_id")),
    )
    op.create_index(
        "ix_directory_people_company", "directory_people", ["company_id", "title_key"], unique=False
    )
    op.create_index("ix_directory_people_email_key", "directory_people", ["email_key"], unique=False)
    op.create_index("ix_directory_people_linkedin_key", "directory_people", ["linkedin_key"], unique=False)


def _create_chunks() -> None:
    op.create_table(
        "chunks",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("addition_id", sa.BigInteger(), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chunks_list", "chunks", ["list_id"], unique=False)
    op.create_index("ix_chunks_tag", "chunks", ["tag", "id"], unique=False)
