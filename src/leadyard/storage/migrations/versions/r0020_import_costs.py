"""The most that the rest of an import may cost, as it was told when it began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Adds two columns that may be null, which rewrites nothing."""
    op.add_column("imports", sa.Column("email_left", sa.BigInteger))
    op.add_column("imports", sa.Column("phone_left", sa.BigInteger))
