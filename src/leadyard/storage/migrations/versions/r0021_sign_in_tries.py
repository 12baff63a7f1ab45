"""How often somebody tried to sign in, for all processes together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from leadyard.storage.tables.metadata import KeyText

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Makes an empty table."""
    op.create_table(
        "sign_in_tries",
        sa.Column("digest", KeyText, primary_key=True),
        sa.Column("full_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_sign_in_tries_full_at", "sign_in_tries", ["full_at"])
