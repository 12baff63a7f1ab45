"""Imports: files of leads, row by row, and what their columns were said to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_WORK = sa.text("status IN ('mapped', 'importing')")


def upgrade() -> None:
    """Makes empty tables, which takes no time."""
    _create_imports()
    op.create_table(
        "import_batches",
        sa.Column("import_id", ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("tally", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=True),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_batches_import_id")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_batches")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("fingerprint", KEY, nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_import_mappings_account_id")),
        sa.PrimaryKeyConstraint("account_id", "fingerprint", name=op.f("pk_import_mappings")),
    )


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), server_default="csv", nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("delimiter", sa.Text(), nullable=True),
        sa.Column("row_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("batch_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("header_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("columns", sa.Text(), server_default="[]", nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("list_id", ROW_ID, nullable=True),
        sa.Column("new_list", sa.Text(), nullable=False),
        sa.Column("made_list", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.Text(), server_default="receiving", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_batch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_turn_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("emptied_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('receiving', 'uploaded', 'mapped', 'checked', 'importing', 'paused', 'completed', "
            "'canceled', 'failed')",
            name=op.f("ck_imports_status"),
        ),
        sa.CheckConstraint(
            "next_batch >= 0 AND next_batch <= batch_count", name=op.f("ck_imports_next_batch")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_imports_workspace_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imports_user_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_imports_key_id")),
        sa.ForeignKeyConstraint(["list_id"], ["lead_lists.id"], name=op.f("fk_imports_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_imports_public_id")),
    )
    op.create_index("ix_imports_workspace", "imports", ["workspace_id", "id"])
    op.create_index(
        "ix_imports_at_work",
        "imports",
        ["next_turn_at"],
        sqlite_where=AT_WORK,
        postgresql_where=AT_WORK,
    )
