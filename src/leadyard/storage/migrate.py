"""Brings the schema up to date, forward only, in one transaction that nobody else can enter."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from leadyard.storage.database import Database

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('leadyard.migrate'))")


class DatabaseTooNew(Exception):
    """The schema was made by a newer Leadyard."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this version of Leadyard does not know: "
            "install the newer version that wrote it."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The migrations there are; reading them takes longer than a health check may."""
    return ScriptDirectory.from_config(_config())


@cache
def _known_revisions() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


@cache
def latest_revision() -> str:
    """The revision that this code needs."""
    return str(_scripts().get_current_head())


def upgrade(connection: Connection, revision: str = "head") -> tuple[str | None, str]:
    """Applies what is missing up to a revision; returns the one before and the one after.

    In the transaction of the connection. Raises DatabaseTooNew.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    before = read_revision(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return before, latest_revision() if revision == "head" else revision


def read_revision(connection: Connection) -> str | None:
    """The revision of the database; raises DatabaseTooNew for one that this code does not know."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None:
        require_known(revision)
    return revision


def require_known(revision: str) -> None:
    """Raises DatabaseTooNew for a revision that this code does not know."""
    if revision not in _known_revisions():
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
