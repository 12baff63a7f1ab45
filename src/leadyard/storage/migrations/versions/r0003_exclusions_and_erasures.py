"""Exclusions, erasures and their tombstones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes three tables, empty; touches no other."""
    _create_exclusions()
    _create_erasures()
    _create_tombstones()


def _create_exclusions() -> None:
    op.create_table(
        "exclusions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'domain')", name=op.f("ck_exclusions_kind")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_exclusions_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
        sa.UniqueConstraint(
            "workspace_id", "kind", "value", name=op.f("uq_exclusions_workspace_id_kind_value")
        ),
    )
    op.create_index("ix_exclusions_workspace", "exclusions", ["workspace_id", "kind", "id"])


def _create_erasures() -> None:
    counts = ("entries", "directory_people", "exclusions", "credit_entries")
    op.create_table(
        "erasures",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_erasures_workspace_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_erasures_key_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_erasures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasures_public_id")),
    )
    op.create_index("ix_erasures_workspace", "erasures", ["workspace_id", "id"])


def _create_tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("digest", KEY, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_tombstones_workspace_id")),
        sa.PrimaryKeyConstraint("digest", "workspace_id", name=op.f("pk_tombstones")),
    )
    op.create_index("ix_tombstones_workspace", "tombstones", ["workspace_id"])
