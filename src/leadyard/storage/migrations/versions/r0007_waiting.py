"""What paused lists wait for, since when providers fail, and the settings that answers were asked with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds columns that may be null, or have a default, which takes no time."""
    op.add_column("lead_lists", sa.Column("paused_for", sa.Text(), nullable=True))
    op.add_column("lead_lists", sa.Column("paused_until", sa.BigInteger(), nullable=True))
    revision_column = sa.Column("revision", sa.Integer(), server_default="0", nullable=False)
    op.add_column("lead_lists", revision_column)
    op.add_column("provider_gates", sa.Column("failing_since", sa.BigInteger(), nullable=True))
    op.add_column("provider_gates", sa.Column("failed_at", sa.BigInteger(), nullable=True))
    op.add_column("provider_calls", sa.Column("settings", sa.Text(), nullable=True))
