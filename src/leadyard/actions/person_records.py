"""Finding everything that is stored of one person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence

import msgspec

from leadyard.domain.directory import KnownPerson
from leadyard.domain.erasure import (
    FoundEntry,
    StoredLead,
    Traces,
    is_of_person,
    join_traces,
    widen,
)
from leadyard.domain.import_rows import row_identity
from leadyard.domain.imports import StagedRow
from leadyard.domain.lead_lists import LeadList
from leadyard.storage import directory_people, traces
from leadyard.storage import import_batches as batch_rows
from leadyard.storage.database import Database

BATCH_ENTRIES = 2_000


async def find_person(
    database: Database, workspace_ids: Sequence[int], asked: Traces, people: Sequence[KnownPerson]
) -> Traces:
    """Whom `asked` means: their other e-mails, profiles and ids, by these people and by all lists."""
    met = join_traces(known_traces(known) for known in people)
    async for found in scan_entries(
        database, workspace_ids, asked.needles, lambda record: record.meets(asked)
    ):
        met = join_traces((met, found.lead.traces(found.lead_list)))
    async for batch in scan_import_rows(database, workspace_ids, lambda record: record.meets(asked)):
        met = join_traces((met, *map(row_traces, batch.rows)))
    return widen(asked, met)


async def find_people(database: Database, asked: Traces) -> list[KnownPerson]:
    """The people of the directory that have something of what is asked for."""
    async with database.read() as tx:
        return await directory_people.find_traces(tx, asked.profiles, asked.emails, asked.person_ids)


async def find_entries(
    database: Database, workspace_ids: Sequence[int], asked: Traces, person: Traces
) -> AsyncIterator[FoundEntry]:
    """Every entry of a list, deleted lists included, that tells of the person."""
    needles = asked.needles | person.needles
    async for found in scan_entries(
        database, workspace_ids, needles, lambda record: is_of_person(record, asked, person)
    ):
        yield found


def choose_people(people: Sequence[KnownPerson], asked: Traces, person: Traces) -> list[KnownPerson]:
    """Those of these people who are the person."""
    return [known for known in people if is_of_person(known_traces(known), asked, person)]


def known_traces(known: KnownPerson) -> Traces:
    """What a row of the directory tells of whom."""
    return Traces(
        frozenset((known.email_key,) if known.email_key else ()),
        frozenset((known.linkedin_key,) if known.linkedin_key else ()),
        frozenset((known.person.id,)),
    )


async def scan_entries(
    database: Database,
    workspace_ids: Sequence[int],
    needles: Collection[str],
    is_wanted: Callable[[Traces], bool],
) -> AsyncIterator[FoundEntry]:
    """The entries of all lists of some workspaces that are wanted; a transaction a batch, off the loop.

    Whoever is wanted has one of the `needles` of what is looked for.
    """
    for workspace_id in workspace_ids:
        async for lead_list in _list_lists(database, workspace_id):
            for after in range(0, 0 if lead_list.is_emptied else lead_list.last_sequence, BATCH_ENTRIES):
                async with database.read_much() as tx:
                    batch = await traces.read_perhaps_of(
                        tx, lead_list.row_id, after, after + BATCH_ENTRIES, needles
                    )
                for lead in await asyncio.to_thread(_choose, batch, lead_list, is_wanted):
                    yield FoundEntry(lead_list, lead)


class FoundRows(msgspec.Struct, frozen=True):
    """Rows of one batch of an import that are wanted."""

    import_row_id: int
    number: int
    rows: Sequence[StagedRow]


async def scan_import_rows(
    database: Database, workspace_ids: Sequence[int], is_wanted: Callable[[Traces], bool]
) -> AsyncIterator[FoundRows]:
    """The rows of files that are wanted, of all imports of some workspaces; a transaction a batch."""
    for workspace_id in workspace_ids:
        place: tuple[int, int] | None = (0, -1)
        while place is not None:
            async with database.read_much() as tx:
                place = await batch_rows.find_next_batch(tx, workspace_id, place)
                rows = [] if place is None else await batch_rows.read_batch(tx, *place)
            found = await asyncio.to_thread(choose_rows, rows, is_wanted)
            if place is not None and found:
                yield FoundRows(*place, found)


def choose_rows(rows: Sequence[StagedRow], is_wanted: Callable[[Traces], bool]) -> list[StagedRow]:
    """Those rows that are wanted."""
    return [row for row in rows if is_wanted(row_traces(row))]


def row_traces(row: StagedRow) -> Traces:
    """What a row of a file tells of whom, whatever its columns are."""
    identity = row_identity(row.cells)
    return Traces(frozenset(identity.emails), frozenset(identity.profiles))


def _choose(
    batch: Sequence[StoredLead], lead_list: LeadList, is_wanted: Callable[[Traces], bool]
) -> list[StoredLead]:
    return [lead for lead in batch if is_wanted(lead.traces(lead_list))]


async def _list_lists(database: Database, workspace_id: int) -> AsyncIterator[LeadList]:
    after = 0
    while True:
        async with database.read() as tx:
            lead_list = await traces.find_next_list(tx, workspace_id, after)
        if lead_list is None:
            return
        yield lead_list
        after = lead_list.row_id
