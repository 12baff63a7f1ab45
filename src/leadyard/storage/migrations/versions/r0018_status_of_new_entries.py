"""New entries pass the check of their status at its first comparison."""

from __future__ import annotations

from leadyard.storage.migrations.checks import change_check

revision = "0018"
down_revision = "0017"

BEFORE = "status IN ('queued', 'processing', 'done', 'failed', 'canceled')"
AFTER = "status = 'queued' OR status IN ('processing', 'done', 'failed', 'canceled')"


def upgrade() -> None:
    """Rewords a check; on PostgreSQL that reads all entries once, under a lock."""
    change_check("lead_list_entries", "status", BEFORE, AFTER)
