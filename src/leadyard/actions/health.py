"""Whether the service can do its work."""

from __future__ import annotations

from leadyard.domain.errors import ErrorCode, Fault, LeadyardError
from leadyard.storage.database import Database
from leadyard.storage.migrate import DatabaseTooNew, find_revision, latest_revision


class NotMigrated(LeadyardError):
    """The database has the schema of another version (503)."""

    def __init__(self, detail: str) -> None:
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


async def require_ready(database: Database) -> None:
    """Raises DatabaseAway for one that cannot be reached or has no room, NotMigrated for another schema."""
    try:
        revision = await find_revision(database)
    except DatabaseTooNew as error:
        raise NotMigrated(str(error)) from None
    if revision is None:
        raise NotMigrated("The database is empty: run `leadyard migrate`.")
    if revision != latest_revision():
        raise NotMigrated(f"The database is at revision {revision}: run `leadyard migrate`.")
    await database.require_room()
