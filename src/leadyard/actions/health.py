"""Whether the service can do its work."""

from __future__ import annotations

from leadyard.domain.errors import DatabaseAway
from leadyard.storage.database import Database
from leadyard.storage.migrate import DatabaseTooNew, find_revision, latest_revision


async def require_ready(database: Database) -> None:
    """Raises DatabaseAway when the database cannot be reached, or is not at this code's revision."""
    try:
        revision = await find_revision(database)
    except DatabaseTooNew:
        raise DatabaseAway from None
    if revision != latest_revision():
        raise DatabaseAway
