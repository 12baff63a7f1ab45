"""Places at mail hosts, which all processes share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes an empty table."""
    op.create_table(
        "mail_host_places",
        sa.Column("host", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", "place", name=op.f("pk_mail_host_places")),
    )
