"""Loading the directory from a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from leadyard.actions.audit import record
from leadyard.actions.directory_reading import OpenPeople, ReadBatch, open_people
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.directory import BadRow, DirectoryPerson, LoadReport
from leadyard.domain.suppression import Identity
from leadyard.storage.database import Database, Tx
from leadyard.storage.directory_loading import refresh_statistics, tuned_for_loading, upsert_people
from leadyard.storage.directory_people import lock_for_loading
from leadyard.storage.suppression import find_erased_anywhere

MAX_BAD_ROWS = 1_000
"""Bad rows that a report names."""


class _Load:
    """One load: what it came to so far."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loaded_at: int | None = None
        self._people = 0
        self._companies = 0
        self._bad_rows: list[BadRow] = []
        self._bad_row_count = 0
        self._erased = 0
        self._batch_count = 0

    async def take(self, batch: ReadBatch) -> None:
        """Stores a batch in a transaction of its own."""
        self._bad_row_count += len(batch.bad_rows)
        self._bad_rows += batch.bad_rows[: MAX_BAD_ROWS - len(self._bad_rows)]
        if not batch.people:
            return
        async with self._database.write() as tx:
            if self._loaded_at is None:
                self._loaded_at = tx.now_ms
            await lock_for_loading(tx)
            erased = set(await find_erased_anywhere(tx, map(_identity, batch.people)))
            welcome = [person for place, person in enumerate(batch.people) if place not in erased]
            new_people, new_companies = await upsert_people(tx, welcome, self._loaded_at)
        self._erased += len(erased)
        self._people += new_people
        self._companies += new_companies
        self._batch_count += 1
        if self._batch_count.bit_count() == 1:
            await refresh_statistics(self._database)

    def report(self, file: OpenPeople) -> LoadReport:
        """What the load came to."""
        return LoadReport(
            people=self._people,
            companies=self._companies,
            bad_rows=tuple(self._bad_rows),
            bad_row_count=self._bad_row_count,
            unknown_columns=file.unknown_columns,
            erased=self._erased,
        )


async def load_directory(
    database: Database, path: Path, on_progress: Callable[[int, int], None]
) -> LoadReport:
    """Adds the people of a CSV or Parquet file and their companies to the directory, or updates them.

    Each batch of rows is a transaction, so others can write in between, and what is loaded stays if the load
    breaks off; loading the file again does no harm. `on_progress` gets what is done and the total after each
    batch, in bytes (CSV) or rows (Parquet). Raises OSError, UnreadableFile and DatabaseAway.
    """
    load = _Load(database)
    with open_people(path) as file:
        async with tuned_for_loading(database):
            while (batch := await asyncio.to_thread(next, file.batches, None)) is not None:
                await load.take(batch)
                on_progress(batch.done, batch.total)
            await refresh_statistics(database)
        return load.report(file)


async def record_load(tx: Tx, caller: Caller, report: LoadReport) -> None:
    """Writes down that the directory was loaded."""
    people, companies = report.people, report.companies
    await record(tx, caller, AuditAction.DIRECTORY_LOADED, people=people, companies=companies)


def _identity(person: DirectoryPerson) -> Identity:
    email, profile = person.email_key, person.linkedin_key
    return Identity((email,) if email else (), (profile,) if profile else ())
