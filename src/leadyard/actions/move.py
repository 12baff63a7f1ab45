"""Moving an installation from SQLite to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from leadyard.storage import accounts as account_rows
from leadyard.storage import jobs as job_rows
from leadyard.storage import move as rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.migrate import find_revision, latest_revision, migrate
from leadyard.storage.move import NotMoved
from leadyard.storage.unfinished import enqueue_unfinished

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Moved(msgspec.Struct, frozen=True):
    """What was moved: rows by table, and how many jobs were made of unfinished work."""

    rows: dict[str, int]
    jobs: int


async def require_movable(source: Database) -> None:
    """Raises NotMoved unless this is the database of a set-up installation of this version.

    Raises DatabaseAway, and DatabaseTooNew if a newer Leadyard made it.
    """
    revision = await find_revision(source)
    if revision is None:
        raise NotMoved("The SQLite database is empty: there is nothing to move.")
    if revision != latest_revision():
        raise NotMoved("The SQLite database is of an older version: run `leadyard migrate` first.")


async def require_free(target: Database) -> None:
    """Raises NotMoved unless the target can be moved to: PostgreSQL, new enough, and empty.

    Raises DatabaseAway.
    """
    async with target.read() as tx:
        await rows.require_suitable(tx)
        await rows.require_empty(tx)


async def move_installation(
    source: Database, target: Database, on_progress: Callable[[int, int], None], mark: Callable[[], None]
) -> Moved:
    """Copies everything to an empty database, where unfinished lists go on.

    The copy is one transaction, committed only once every row was read back and found the same. Nobody
    can write to the source meanwhile; `mark` is called after the commit, before anybody can again. Raises
    NotMoved, DatabaseAway, and DatabaseTooNew if a newer Leadyard made the empty tables.
    """
    async with rows.explain_faults():
        await migrate(target)
    async with source.write() as old:
        async with rows.explain_faults(), target.write() as new:
            await account_rows.lock_accounts(new)
            await rows.require_empty(new)
            counts = await _copy(old, new, on_progress)
            jobs = await _enqueue_unfinished(new)
        mark()
    return Moved(counts, jobs)


async def _copy(old: Tx, new: Tx, on_progress: Callable[[int, int], None]) -> dict[str, int]:
    """Copies and compares; each row counts twice in the progress."""
    counts = await rows.count_rows(old)
    done = 0

    def on_rows(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done, 2 * sum(counts.values()))

    await rows.copy_rows(old, new, on_rows)
    await rows.finish_tables(new)
    await rows.require_same_rows(old, new, on_rows)
    return counts


async def _enqueue_unfinished(tx: Tx) -> int:
    """Makes jobs of what is not finished; returns how many."""
    orphans = await job_rows.list_orphans(tx, _END_OF_TIME)
    return sum([await enqueue_unfinished(tx, row_id) for row_id in orphans])
