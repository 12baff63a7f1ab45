"""Which process may have how many calls under way at a provider: told by itself, no longer counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes an empty table, and drops an index of few rows."""
    op.create_table(
        "provider_shares",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("provider", KEY, nullable=False),
        sa.Column("holder", KEY, nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("renewed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_shares_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "provider", "holder", name=op.f("pk_provider_shares")),
    )
    op.drop_index("ix_provider_calls_under_way", "provider_calls")
