"""PostgreSQL compresses long texts by LZ4, which takes a fraction of what its own way takes."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"

_LONG_TEXTS = (
    ("lead_list_entries", "lead"),
    ("lead_list_entries", "findings"),
    ("additions", "left_out"),
    ("directory_people", "person"),
    ("provider_answers", "answer"),
)


def upgrade() -> None:
    """Takes no time: what is stored stays as it is. A server that was built without LZ4 goes on as before."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column in _LONG_TEXTS:
        op.execute(
            f"DO $$ BEGIN ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4; "
            "EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
        )
