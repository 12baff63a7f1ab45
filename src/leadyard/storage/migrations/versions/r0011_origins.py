"""Additions know the request that made them, so that logs and traces of their jobs can name it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds columns that may be null, which takes no time."""
    op.add_column("additions", sa.Column("request_id", sa.Text(), nullable=True))
    op.add_column("additions", sa.Column("traceparent", sa.Text(), nullable=True))
