"""Taking back what an import has added."""

from __future__ import annotations

from leadyard.actions.audit import record
from leadyard.actions.erasures import empty_entries
from leadyard.actions.imports import get_import
from leadyard.actions.lead_lists import delete_list, require_visible
from leadyard.domain.accounts import Caller
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import Conflict
from leadyard.domain.imports import Import
from leadyard.domain.lead_lists import LeadList
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import traces
from leadyard.storage.database import Database, Tx

ENTRIES_AT_ONCE = 500


async def undo_import(database: Database, caller: Caller, import_id: str) -> Import:
    """Takes every lead off the list that an import has added, within a day of its end.

    A list that the import made, and that has nothing else in it, is deleted. In others the places of the
    leads stay taken, and the same leads can be added again. Whatever has not ended is stopped, and what was
    held for it is given back; what was spent stays spent. If it breaks off, doing it again does the rest.
    Raises NotFound, also for a list that it joined and that the caller does not see any more, and Conflict
    where it is too late, or too early.
    """
    async with database.read() as tx:
        imported = await get_import(tx, caller, import_id)
        batches = await batch_rows.list_batches(tx, imported.row_id)
        _require_undoable(tx, imported)
    if await _delete_made_list(database, caller, imported, sum(batch.added for batch in batches)):
        return await _finish(database, caller, imported)
    added = [sequence for batch in batches for sequence in batch.sequences]
    if added:
        async with database.write() as tx:
            lead_list = await _lock_list(tx, caller, imported)
            await traces.put_off_entries(tx, lead_list.row_id, added)
    for start in range(0, len(added), ENTRIES_AT_ONCE):
        async with database.write() as tx:
            lead_list = await _lock_list(tx, caller, imported)
            await empty_entries(tx, lead_list, added[start : start + ENTRIES_AT_ONCE])
    return await _finish(database, caller, imported)


def _require_undoable(tx: Tx, imported: Import) -> None:
    if not imported.can_be_undone_at(tx.now):
        raise Conflict(
            "Import cannot be undone: that takes an import that has ended, not more than a day ago."
        )


async def _lock_list(tx: Tx, caller: Caller, imported: Import) -> LeadList:
    """The list that the leads were added to, locked. Raises NotFound for one that is not seen any more."""
    assert imported.list_row_id is not None
    lead_list = await list_rows.lock_list(tx, imported.list_row_id)
    return lead_list if imported.made_list else require_visible(lead_list, caller)


async def _delete_made_list(database: Database, caller: Caller, imported: Import, added: int) -> bool:
    """Deletes the list that the import made, unless somebody else has added to it, or is alone to see it."""
    if not imported.made_list or imported.list_row_id is None or imported.list_id is None:
        return False
    async with database.write() as tx:
        lead_list = await list_rows.lock_list(tx, imported.list_row_id)
        if lead_list.is_deleted:
            return True
        if lead_list.last_sequence != added or not lead_list.is_visible_to(caller):
            return False
        await delete_list(tx, caller, imported.list_id)
    return True


async def _finish(database: Database, caller: Caller, imported: Import) -> Import:
    async with database.write() as tx:
        await import_rows.lock_import(tx, imported.row_id)
        await import_rows.mark_undone(tx, imported.row_id)
        await record(tx, caller, AuditAction.IMPORT_UNDONE, imported.id)
        return await import_rows.get_import(tx, imported.row_id)
