"""What a list is for, and whether enrichment reveals e-mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds three columns with a default, which rewrites no rows, and makes the index of lists anew.

    Both databases take the check only as a part of the column.
    """
    op.execute(
        "ALTER TABLE lead_lists ADD COLUMN purpose TEXT DEFAULT 'list' NOT NULL "
        "CONSTRAINT ck_lead_lists_purpose CHECK "
        "(purpose IN ('list', 'email_validation', 'person_enrichment', 'person_search'))"
    )
    for table in ("lead_lists", "additions"):
        column: sa.Column[bool] = sa.Column(
            "reveal_email", sa.Boolean(), server_default=sa.true(), nullable=False
        )
        op.add_column(table, column)
    op.drop_index("ix_lead_lists_workspace", "lead_lists")
    op.create_index("ix_lead_lists_workspace", "lead_lists", ["workspace_id", "purpose", "id"], unique=False)
