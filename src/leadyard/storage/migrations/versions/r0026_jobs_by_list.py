"""Jobs are found by their list and its last lead that they do: a few leads that join one ask for that."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Makes an index of jobs, of which there are thousands at most."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_procrastinate_jobs_list ON procrastinate_jobs "
            "(CAST(args ->> 'list_id' AS bigint), CAST(args ->> 'last_sequence' AS integer)) "
            "WHERE status = 'todo'"
        )
    else:
        op.drop_index("ix_chunks_list", "chunks")
        op.create_index("ix_chunks_list", "chunks", ["list_id", "last_sequence"])
