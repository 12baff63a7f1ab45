"""Exporting the leads of a list as a file, in batches: memory stays small, and nobody waits behind it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import aclosing

import msgspec

from leadyard.actions.audit import record
from leadyard.actions.export_files import ExportFile, ExportFormat, open_file
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.entries import Entry
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError
from leadyard.domain.export_columns import COLUMNS, row_values
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_view import EVERYTHING, EntryFilter
from leadyard.storage import leads as lead_rows
from leadyard.storage import list_view as view_rows
from leadyard.storage.database import Database

FIRST_ENTRIES = 100
MOST_ENTRIES = 1_000
BATCH_CHARACTERS = 250_000
"""About so much of leads is read at once: all that is made of them takes many times the memory."""
EXPORTS_AT_ONCE = 3
"""How many exports a process sends to an account at once: each keeps a processor busy."""


class Export(msgspec.Struct, frozen=True):
    """What is exported: the leads that a filter leaves or, if there are any, those with these sequences."""

    kind: ExportFormat
    columns: Sequence[str] = COLUMNS
    wanted: EntryFilter = EVERYTHING
    sequences: Collection[int] | None = None
    is_raw: bool = False


class TooManyExports(LeadyardError):
    """The account is being sent as many exports as it can have at once (503)."""

    def __init__(self) -> None:
        detail = (
            f"{EXPORTS_AT_ONCE} exports are on their way to your account. Wait until one of them is there."
        )
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


_running: Counter[int] = Counter()
"""How many exports this process sends, by account."""


async def open_export(
    database: Database, caller: Caller, lead_list: LeadList, export: Export
) -> AsyncIterator[bytes]:
    """The file, part by part, once it is written down who has it. The caller may know of the list.

    Raises TooManyExports, and DatabaseAway.
    """
    parts = _send(database, caller, lead_list, export)
    await anext(parts)
    return parts


async def _send(
    database: Database, caller: Caller, lead_list: LeadList, export: Export
) -> AsyncGenerator[bytes, None]:
    """The parts after an empty one, with which it has begun."""
    if _running[caller.account_id] >= EXPORTS_AT_ONCE:
        raise TooManyExports
    _running[caller.account_id] += 1
    try:
        await _note(database, caller, lead_list, export)
        yield b""
        async with aclosing(export_leads(database, lead_list, export)) as parts:
            async for part in parts:
                yield part
    finally:
        _running[caller.account_id] -= 1
        if not _running[caller.account_id]:
            del _running[caller.account_id]


async def _note(database: Database, caller: Caller, lead_list: LeadList, export: Export) -> None:
    """Writes down who exports how much, before any of it is sent."""
    chosen = export.sequences
    if chosen is None:
        async with database.read() as tx:
            chosen = await view_rows.list_matching(tx, lead_list, export.wanted)
    told = {"format": export.kind.value, "leads": len(chosen)}
    async with database.write() as tx:
        await record(tx, caller, AuditAction.LIST_EXPORTED, lead_list.id, **told)


async def export_leads(
    database: Database, lead_list: LeadList, export: Export
) -> AsyncGenerator[bytes, None]:
    """The file, part by part, in the order of the list. The caller may know of the list.

    Every batch is read by itself: who is erased meanwhile is not in it.
    """
    file = await asyncio.to_thread(open_file, export.kind, export.columns, is_raw=export.is_raw)
    try:
        async for entries in _read_batches(database, lead_list, export):
            if part := await asyncio.to_thread(_write, file, lead_list, entries, export.columns):
                yield part
        parts = await asyncio.to_thread(file.finish)
        while part := await asyncio.to_thread(next, parts, b""):
            yield part
    finally:
        await asyncio.shield(asyncio.to_thread(file.close))


def _write(file: ExportFile, lead_list: LeadList, entries: Sequence[Entry], columns: Sequence[str]) -> bytes:
    return file.add([row_values(lead_list, entry, columns) for entry in entries])


async def _read_batches(
    database: Database, lead_list: LeadList, export: Export
) -> AsyncIterator[list[Entry]]:
    chosen = None if export.sequences is None else sorted(export.sequences)
    after = 0
    size = FIRST_ENTRIES
    while True:
        async with database.read_much() as tx:
            if chosen is None:
                batch = await view_rows.list_matching(tx, lead_list, export.wanted, after, size)
            else:
                batch, chosen = chosen[:size], chosen[size:]
            found = await lead_rows.list_some_entries(tx, lead_list.row_id, set(batch))
        if not batch:
            return
        entries = [found[sequence] for sequence in batch if sequence in found]
        yield entries
        after = batch[-1]
        if entries:
            size = _batch_size(entries)


def _batch_size(entries: Sequence[Entry]) -> int:
    """How many entries like these are read at once."""
    characters = sum(len(entry.raw) for entry in entries)
    return max(1, min(MOST_ENTRIES, BATCH_CHARACTERS * len(entries) // characters))
