"""Signing in: passwords, sessions, links to set a password; erasures that no API key asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTS = ("entries", "directory_people", "exclusions", "credit_entries")


def upgrade() -> None:
    """Adds a column that may be null and two empty tables, and lets a column be null.

    None of it takes time, but on SQLite copying the records of erasures.
    """
    op.add_column("users", sa.Column("password_hash", sa.Text(), nullable=True))
    _create_sessions()
    _create_password_links()
    if op.get_bind().dialect.name == "sqlite":
        _remake_erasures_on_sqlite()
    else:
        op.alter_column("erasures", "key_id", nullable=True)


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'test')", name=op.f("ck_sessions_mode")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sessions_public_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id"])


def _create_password_links() -> None:
    op.create_table(
        "password_links",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('first_start', 'invitation', 'reset')", name=op.f("ck_password_links_purpose")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_password_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_password_links_digest")),
    )
    op.create_index("ix_password_links_user", "password_links", ["user_id"])


def _remake_erasures_on_sqlite() -> None:
    """No other table refers to this one, so a new one can take its place."""
    op.execute("ALTER TABLE erasures RENAME TO erasures_before")
    op.execute("DROP INDEX ix_erasures_workspace")
    op.create_table(
        "erasures",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=True),
        sa.Column("user_id", ROW_ID, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_erasures_workspace_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_erasures_key_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_erasures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasures_public_id")),
    )
    columns = ", ".join(("id", "public_id", "workspace_id", "key_id", "user_id", *COUNTS, "created_at"))
    op.execute(f"INSERT INTO erasures ({columns}) SELECT {columns} FROM erasures_before")
    op.execute("DROP TABLE erasures_before")
    op.create_index("ix_erasures_workspace", "erasures", ["workspace_id", "id"])
