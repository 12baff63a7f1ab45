"""Entries on SQLite are a table with row ids: without them a long row gets pages of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_COLUMNS = "list_id, sequence, key, lead, status, attempts, not_before, findings"


def upgrade() -> None:
    """Does nothing on PostgreSQL. On SQLite all entries are copied: some 200,000 short ones a second."""
    if op.get_bind().dialect.name == "postgresql":
        return
    op.create_table(
        "lead_list_entries_after",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status = 'queued' OR status IN ('processing', 'done', 'failed', 'canceled')",
            name=op.f("ck_lead_list_entries_status"),
        ),
        sa.PrimaryKeyConstraint("list_id", "sequence", name=op.f("pk_lead_list_entries")),
        sa.UniqueConstraint("list_id", "key", name=op.f("uq_lead_list_entries_list_id_key")),
    )
    op.execute(
        f"INSERT INTO lead_list_entries_after ({_COLUMNS}) "
        f"SELECT {_COLUMNS} FROM lead_list_entries ORDER BY list_id, sequence"
    )
    op.drop_table("lead_list_entries")
    op.rename_table("lead_list_entries_after", "lead_list_entries")
