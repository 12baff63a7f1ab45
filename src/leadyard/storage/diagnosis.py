"""What can be told of a database without writing to it, or waiting for anybody who does."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from leadyard.domain.errors import DatabaseAway
from leadyard.storage import chunks as chunk_rows
from leadyard.storage import jobs as job_rows
from leadyard.storage.accounts import find_first_account
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.storage.migrate import DatabaseTooNew, find_revision, latest_revision
from leadyard.storage.move import MIN_POSTGRESQL

_SERVER = text(
    "SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding, "
    "current_setting('server_version_num') AS number, pg_database_size(current_database()) AS size"
)
_SQLITE_VERSION = text("SELECT sqlite_version()")
_SQLITE_SIZE = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
_SERVER_TIME = text("SELECT clock_timestamp()")
_UNFINISHED = text(
    "SELECT count(*) AS lists, max(updated_at) AS moved_at FROM lead_lists "
    "WHERE status IN ('queued', 'processing') AND deleted_at IS NULL"
)
_CHUNKS = text(
    "SELECT count(*) AS jobs, coalesce(sum(claimed_at IS NULL AND run_at <= :now), 0) AS due FROM chunks"
)
_JOBS = text(
    "SELECT count(*) AS jobs, count(*) FILTER (WHERE status = 'todo' AND "
    "(scheduled_at IS NULL OR scheduled_at <= now())) AS due FROM procrastinate_jobs "
    "WHERE queue_name = :queue AND status IN ('todo', 'doing')"
)
_NEWEST = text(
    "SELECT max(moment) FROM (SELECT max(updated_at) AS moment FROM lead_lists "
    "UNION ALL SELECT max(created_at) FROM api_keys "
    "UNION ALL SELECT * FROM (SELECT created_at FROM additions ORDER BY id DESC LIMIT 1) "
    "UNION ALL SELECT * FROM (SELECT created_at FROM credit_entries ORDER BY id DESC LIMIT 1))"
)


class Work(msgspec.Struct, frozen=True):
    """What is not finished: lists, their jobs, the ones of them that are due, lists that have no job.

    `moved_at` is when one of the lists last changed.
    """

    lists: int
    jobs: int
    due: int
    orphans: int
    moved_at: datetime | None


class Contents(msgspec.Struct, frozen=True):
    """What a database that is up to date holds. `clock_lead` is how far this machine's clock is ahead.

    It is measured against PostgreSQL's clock, and in SQLite against the newest time that is stored.
    """

    has_accounts: bool
    work: Work
    clock_lead: timedelta | None


class Diagnosis(msgspec.Struct, frozen=True):
    """A database that can be read. `contents` are there if its revision is this code's."""

    is_sqlite: bool
    version: str
    is_supported: bool
    encoding: str
    size_bytes: int
    revision: str | None
    is_too_new: bool
    contents: Contents | None


async def diagnose_database(url: str, orphaned_after: timedelta) -> Diagnosis:
    """Reads what can be told. Raises DatabaseAway, also for a file that is no SQLite database.

    Raises ValueError for a URL that is none.
    """
    try:
        database = _ReadOnlyDatabase(url)
    except ArgumentError as error:
        raise ValueError("not the URL of a database") from error
    try:
        return await _diagnose(database, orphaned_after)
    except DBAPIError as error:
        raise DatabaseAway from error
    finally:
        await database.close()


class _ReadOnlyDatabase(Database):
    """A database that cannot be written to, even by accident, and is not made if it is not there."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            path = quote(str(Path(parsed.database or "").absolute()))
            parsed = parsed.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        else:
            # Without it a server in another encoding answers in bytes, and could not be told apart.
            parsed = parsed.update_query_dict({"client_encoding": "utf8"})
        super().__init__(parsed.render_as_string(hide_password=False), None)
        if self.is_sqlite:
            # The dialect's own engine would set the journal mode, which is a write to a file in another.
            self._reader = create_async_engine(self.url)


async def _diagnose(database: Database, orphaned_after: timedelta) -> Diagnosis:
    revision, is_too_new, contents = None, False, None
    try:
        revision = await find_revision(database)
    except DatabaseTooNew:
        is_too_new = True
    async with database.read() as tx:
        if revision == latest_revision():
            contents = await _read_contents(tx, orphaned_after, is_sqlite=database.is_sqlite)
        if database.is_sqlite:
            version = (await tx.conn.execute(_SQLITE_VERSION)).scalar_one()
            size = (await tx.conn.execute(_SQLITE_SIZE)).scalar_one()
            return Diagnosis(True, version, True, "UTF8", size, revision, is_too_new, contents)
        row = (await tx.conn.execute(_SERVER)).one()
        is_supported = int(row.number) // 10_000 >= MIN_POSTGRESQL
        return Diagnosis(
            False, row.version, is_supported, row.encoding, row.size, revision, is_too_new, contents
        )


async def _read_contents(tx: Tx, orphaned_after: timedelta, *, is_sqlite: bool) -> Contents:
    before = tx.now - orphaned_after
    unfinished = (await tx.conn.execute(_UNFINISHED)).one()
    if is_sqlite:
        jobs = (await tx.conn.execute(_CHUNKS, {"now": tx.now_ms})).one()
        orphans = await chunk_rows.list_orphans(tx, before)
    else:
        jobs = (await tx.conn.execute(_JOBS, {"queue": job_rows.QUEUE})).one()
        orphans = await job_rows.list_orphans(tx, before)
    moved_at = None if unfinished.moved_at is None else from_ms(unfinished.moved_at)
    return Contents(
        has_accounts=await find_first_account(tx) is not None,
        work=Work(unfinished.lists, jobs.jobs, int(jobs.due), len(orphans), moved_at),
        clock_lead=await _measure_clock(tx, is_sqlite=is_sqlite),
    )


async def _measure_clock(tx: Tx, *, is_sqlite: bool) -> timedelta | None:
    if is_sqlite:
        newest = (await tx.conn.execute(_NEWEST)).scalar_one()
        return None if newest is None else utc_now() - from_ms(newest)
    asked_at = utc_now()
    server_time: datetime = (await tx.conn.execute(_SERVER_TIME)).scalar_one()
    return asked_at + (utc_now() - asked_at) / 2 - server_time
