"""Whether the service can do its work."""

from __future__ import annotations

from leadyard.domain.errors import DatabaseAway
from leadyard.storage.database import Database
from leadyard.storage.migrate import find_revision, latest_revision


async def require_ready(database: Database) -> None:
    """Raises DatabaseAway when the database cannot be reached or is not migrated."""
    if await find_revision(database) != latest_revision():
        raise DatabaseAway
