"""Brings the schema up to date, forward only, in one transaction that nobody else can enter."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from leadyard.storage.database import Database

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('leadyard.migrate'))")
_TABLE = "alembic_version"
_REVISION = text(f"SELECT version_num FROM {_TABLE}")
_VERSIONS = Path(__file__).parent / "migrations" / "versions"


class DatabaseTooNew(Exception):
    """The schema was made by a newer Leadyard."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this version of Leadyard does not know: "
            "install the newer version that wrote it."
        )


@cache
def known_revisions() -> tuple[str, ...]:
    """The revisions of the migrations there are, by the names of their files, oldest first."""
    names = sorted(path.stem for path in _VERSIONS.glob("r*.py"))
    return tuple(name.partition("_")[0].removeprefix("r") for name in names)


def latest_revision() -> str:
    """The revision that this code needs."""
    return known_revisions()[-1]


def upgrade(connection: Connection, revision: str = "head") -> tuple[str | None, str]:
    """Applies what is missing up to a revision; returns the one before and the one after.

    In the transaction of the connection. Raises DatabaseTooNew.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    before = read_revision(connection)
    after = latest_revision() if revision == "head" else revision
    if before != after:
        # Alembic takes a tenth of a start, and most starts find nothing to do.
        from leadyard.storage.migrations.run import run_migrations  # noqa: PLC0415

        run_migrations(connection, after)
    return before, after


def read_revision(connection: Connection) -> str | None:
    """The revision of the database; raises DatabaseTooNew for one that this code does not know."""
    if not inspect(connection).has_table(_TABLE):
        return None
    revision: str | None = connection.execute(_REVISION).scalar()
    if revision is not None:
        require_known(revision)
    return revision


def require_known(revision: str) -> None:
    """Raises DatabaseTooNew for a revision that this code does not know."""
    if revision not in known_revisions():
        raise DatabaseTooNew(revision)


async def migrate(database: Database) -> tuple[str | None, str]:
    """Applies what is missing; returns the revision before and after. Several may call it at once.

    Raises DatabaseTooNew.
    """
    async with database.write() as tx:
        return await tx.conn.run_sync(upgrade)


async def find_revision(database: Database) -> str | None:
    """The revision of the database; None when it is empty. Raises DatabaseTooNew."""
    async with database.read() as tx:
        return await tx.conn.run_sync(read_revision)
