"""When the leads of a list were deleted, while the list stays for the lines of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds a column without a default, which rewrites nothing, and fills it for searches emptied before."""
    op.add_column("lead_lists", sa.Column("emptied_at", sa.BigInteger()))
    op.execute(
        "UPDATE lead_lists SET emptied_at = deleted_at "
        "WHERE purpose = 'person_search' AND deleted_at IS NOT NULL"
    )
