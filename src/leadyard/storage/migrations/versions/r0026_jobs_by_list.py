"""Jobs on PostgreSQL that wait are found by their list, which a few leads that join one ask for."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Makes an index of the jobs that wait, of which there are thousands at most."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE INDEX ix_procrastinate_jobs_list ON procrastinate_jobs "
        "(CAST(args ->> 'list_id' AS bigint)) WHERE status = 'todo'"
    )
