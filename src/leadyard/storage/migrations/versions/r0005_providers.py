"""Providers: their settings, order, pace, calls and answers; who their persons are; lists that pause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds columns that may be null, which takes no time, and makes empty tables."""
    op.add_column("workspaces", sa.Column("waterfall", sa.Text(), nullable=True))
    op.add_column("workspaces", sa.Column("spending_limits", sa.Text(), nullable=True))
    op.add_column("lead_lists", sa.Column("waterfall", sa.Text(), nullable=True))
    op.add_column("lead_lists", sa.Column("paused_reason", sa.Text(), nullable=True))
    op.add_column("lead_lists", sa.Column("paused_at", sa.BigInteger(), nullable=True))
    _create_settings()
    _create_calls()
    _create_answers()


def _create_settings() -> None:
    op.create_table(
        "provider_settings",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=True),
        sa.Column("last_four", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("credit_price", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_settings_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_settings")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_provider_settings_workspace_id_name")),
    )
    op.create_table(
        "provider_gates",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("provider", KEY, nullable=False),
        sa.Column("next_call_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_gates_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "provider", name=op.f("pk_provider_gates")),
    )


def _create_calls() -> None:
    op.create_table(
        "provider_calls",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("provider", KEY, nullable=False),
        sa.Column("list_id", ROW_ID, nullable=True),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('reserved', 'ordered', 'settled', 'failed', 'lost')",
            name=op.f("ck_provider_calls_state"),
        ),
        sa.CheckConstraint("reserved >= 0 AND cost >= 0", name=op.f("ck_provider_calls_cost")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_calls_workspace_id")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["lead_lists.id"], name=op.f("fk_provider_calls_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
    )
    op.create_index("ix_provider_calls_workspace", "provider_calls", ["workspace_id", "created_at"])
    op.create_index("ix_provider_calls_list", "provider_calls", ["list_id"])


def _create_answers() -> None:
    op.create_table(
        "provider_answers",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("provider", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("call_id", ROW_ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'found', 'missing', 'ambiguous', 'erased', 'lost')",
            name=op.f("ck_provider_answers_state"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["provider_calls.id"], name=op.f("fk_provider_answers_call_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_provider_answers_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "provider", "key", name=op.f("pk_provider_answers")),
    )
    op.create_index("ix_provider_answers_call", "provider_answers", ["call_id", "place"])
    op.create_table(
        "person_keys",
        sa.Column("workspace_id", ROW_ID, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_person_keys_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_person_keys")),
    )
    op.create_index("ix_person_keys_person", "person_keys", ["workspace_id", "person_id"])
