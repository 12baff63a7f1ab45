"""What all processes count together: requests of each key, and calls that a provider has under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Makes an index of few rows, and an empty table; PostgreSQL keeps that out of its log.

    It may well be forgotten in a crash.
    """
    under_way = sa.text("state = 'reserved'")
    op.create_index(
        "ix_provider_calls_under_way",
        "provider_calls",
        ["workspace_id", "provider"],
        postgresql_where=under_way,
        sqlite_where=under_way,
    )
    op.create_table(
        "request_windows",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_request_windows")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE request_windows SET UNLOGGED")
