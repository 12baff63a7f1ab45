"""Who of the directory was loaded when, so that the oldest are found."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Makes an index, which locks the directory for about a second for each million people."""
    op.create_index("ix_directory_people_updated_at", "directory_people", ["updated_at", "id"])
