"""Lead lists: the row that is locked while leads are added, and its counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from leadyard.domain.lead_lists import (
    LeadList,
    ListOptions,
    ListStatus,
    NewList,
    Pause,
    PauseCause,
    PauseReason,
    Progress,
    Purpose,
)
from leadyard.domain.leads import ListType
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Result, Statement
from leadyard.storage.ids import new_id
from leadyard.storage.outbox import tell_if_completed
from leadyard.storage.webhooks import read_events

COLUMNS = (
    "id, public_id, workspace_id, name, type, status, shared, visible, enrich, validate_email, "
    "reveal_phone_numbers, entry_count, last_sequence, queued, processing, done, failed, created_at, "
    "updated_at, deleted_at, paused_reason, paused_at, paused_for, paused_until, purpose, reveal_email, "
    "revision, emptied_at, owner_id, "
    "(SELECT email FROM users WHERE users.id = owner_id) AS owner_email, "
    "(SELECT webhook_events FROM workspaces WHERE workspaces.id = workspace_id) AS webhook_events"
)
# The id by itself: as long as PostgreSQL knows nothing of a new table, it would look through the workspace.
ROW_ID = "(SELECT l.id FROM lead_lists AS l WHERE l.public_id = :public_id)"
BY_PUBLIC_ID = f"WHERE id = {ROW_ID} AND workspace_id = :workspace_id AND purpose = :purpose"
_FIND = f"SELECT {COLUMNS} FROM lead_lists {BY_PUBLIC_ID}"
_GET = f"SELECT {COLUMNS} FROM lead_lists WHERE id = :id"
_FIND_BY_ROW_ID = f"{_GET} AND workspace_id = :workspace_id AND purpose = :purpose"
_INSERT = text(
    "INSERT INTO lead_lists (public_id, workspace_id, owner_id, name, type, shared, visible, enrich, "
    "validate_email, reveal_phone_numbers, reveal_email, purpose, capacity, created_at, updated_at) "
    "VALUES (:public_id, :workspace_id, :owner_id, :name, :type, :shared, :visible, :enrich, "
    ":validate_email, :reveal_phone_numbers, :reveal_email, :purpose, :capacity, :now, :now) RETURNING id"
)
_ADDED = (
    "UPDATE lead_lists SET entry_count = entry_count + :added, last_sequence = last_sequence + :added, "
    "capacity = CASE WHEN entry_count > :capacity THEN entry_count ELSE :capacity END, updated_at = :now, "
)
_COUNT_ADDED = (
    f"{_ADDED}queued = queued + :added, "
    "status = CASE WHEN status = 'completed' AND :added > 0 THEN 'queued' ELSE status END "
    "WHERE id = :id"
)
# Whatever completes a list ends its pause: it is over, and leads that are added later begin at once.
_PAUSE_COLUMNS = ("paused_reason", "paused_at", "paused_for", "paused_until")


def _complete_when(condition: str, otherwise: str = "status") -> str:
    ended = "".join(f", {name} = CASE WHEN {condition} THEN NULL ELSE {name} END" for name in _PAUSE_COLUMNS)
    return f"status = CASE WHEN {condition} THEN 'completed' ELSE {otherwise} END{ended}"


_COUNT_KEPT = (
    f"{_ADDED}done = done + :added, " + _complete_when("queued + processing = 0") + " WHERE id = :id"
)
_COUNT_CLAIMED = (
    "UPDATE lead_lists SET queued = queued - :claimed, processing = processing + :claimed, "
    "updated_at = :now, "
    + _complete_when("queued + processing = 0", otherwise="'processing'")
    + " WHERE id = :id AND status IN ('queued', 'processing') RETURNING status"
)
_COUNT_REOPENED = text(
    "UPDATE lead_lists SET done = done - :done, failed = failed - :failed, "
    "queued = queued + :done + :failed, revision = revision + 1, updated_at = :now, "
    "status = CASE WHEN status = 'completed' THEN 'queued' ELSE status END WHERE id = :id"
)
_COUNT_MOVED_IN = text(
    "UPDATE lead_lists SET capacity = CASE WHEN capacity < :capacity THEN :capacity ELSE capacity END, "
    "entry_count = entry_count + :done + :failed, "
    "last_sequence = last_sequence + :done + :failed, done = done + :done, failed = failed + :failed, "
    "revision = revision + 1, updated_at = :now WHERE id = :id"
)
_RESTORE = text(
    "UPDATE lead_lists SET deleted_at = NULL, updated_at = :now WHERE id = :id AND deleted_at > :since "
    "AND emptied_at IS NULL"
)
_COUNT_HANDED_BACK = text(
    "UPDATE lead_lists SET processing = processing - :count, queued = queued + :count, updated_at = :now "
    "WHERE id = :id AND status = 'processing'"
)
_COUNT_FLUSHED = (
    "UPDATE lead_lists SET processing = processing - :processed, queued = queued + :requeued, "
    "done = done + :done, failed = failed + :failed, updated_at = :now, "
    + _complete_when("queued + processing - :processed + :requeued = 0 AND status = 'processing'")
    + f" WHERE id = :id RETURNING {COLUMNS}"
)
_COUNT_ERASED = text(
    "UPDATE lead_lists SET queued = queued - :queued, processing = processing - :processing, "
    "done = done - :done, failed = failed - :failed, revision = revision + 1, updated_at = :now, "
    + _complete_when(
        "status IN ('queued', 'processing') AND :queued + :processing > 0 "
        "AND queued + processing = :queued + :processing"
    )
    + f" WHERE id = :id RETURNING {COLUMNS}"
)
_CANCEL = text(
    "UPDATE lead_lists SET status = 'canceled', queued = 0, processing = 0, paused_reason = NULL, "
    "paused_at = NULL, paused_for = NULL, paused_until = NULL, updated_at = :now WHERE id = :id"
)
_DELETE = text("UPDATE lead_lists SET deleted_at = :now, updated_at = :now WHERE id = :id")
_UPDATE = text(
    "UPDATE lead_lists SET name = :name, shared = :shared, visible = :visible, owner_id = "
    "(SELECT id FROM users WHERE account_id = :account_id AND email = :owner_email), enrich = :enrich, "
    "validate_email = :validate_email, reveal_phone_numbers = :reveal_phone_numbers, updated_at = :now "
    "WHERE id = :id"
)
_decode_causes = msgspec.json.Decoder(tuple[PauseCause, ...]).decode


async def create_list(tx: Tx, workspace_id: int, owner_id: int, new: NewList, capacity: int) -> LeadList:
    """A new list without leads; `owner_id` is the row id of its owner."""
    values = {
        "public_id": new_id(tx.now_ms),
        "workspace_id": workspace_id,
        "owner_id": owner_id,
        "name": new.name,
        "type": new.type,
        "shared": new.shared,
        "visible": new.visible,
        "enrich": new.options.enrich,
        "validate_email": new.options.validate_email,
        "reveal_phone_numbers": new.options.reveal_phone_numbers,
        "reveal_email": new.options.reveal_email,
        "purpose": new.purpose,
        "capacity": capacity,
        "now": tx.now_ms,
    }
    row_id = (await tx.conn.execute(_INSERT, values)).scalar_one()
    return await get_list(tx, row_id)


async def get_list(tx: Tx, row_id: int) -> LeadList:
    """The list with this row id."""
    (row,) = (await tx.run(*get_statement(row_id))).rows
    return to_list(row)


def get_statement(row_id: int) -> Statement:
    """The statement of `get_list`; its row is one of COLUMNS."""
    return _GET, {"id": row_id}


async def find_list(
    tx: Tx, workspace_id: int, public_id: str, purpose: Purpose = Purpose.LIST
) -> LeadList | None:
    """The workspace's list with this id and purpose, deleted or not."""
    return first_list(await tx.run(*find_statement(workspace_id, public_id, purpose)))


def find_statement(workspace_id: int, public_id: str, purpose: Purpose = Purpose.LIST) -> Statement:
    """The statement of `find_list`; its row is one of COLUMNS."""
    return _FIND, {"workspace_id": workspace_id, "public_id": public_id, "purpose": purpose.value}


async def find_list_by_row_id(tx: Tx, workspace_id: int, row_id: int, purpose: Purpose) -> LeadList | None:
    """The workspace's list with this row id and purpose."""
    values = {"workspace_id": workspace_id, "id": row_id, "purpose": purpose}
    return first_list(await tx.run(_FIND_BY_ROW_ID, values))


async def find_list_for_adding(tx: Tx, workspace_id: int, public_id: str) -> LeadList | None:
    """The list, locked until the commit."""
    return first_list(await tx.run(*lock_statement(tx, workspace_id, public_id)))


def lock_statement(tx: Tx, workspace_id: int, public_id: str) -> Statement:
    """The statement that serializes who adds to one list; its row is one of COLUMNS."""
    statement, values = find_statement(workspace_id, public_id)
    return f"{statement} {tx.dialect.lock_clause()}", values


async def lock_list(tx: Tx, row_id: int) -> LeadList:
    """The list, locked until the commit, with its leads. Whoever changes those locks it first.

    Two have less: who adds leads has the list without those that are there, and who claims leads or writes
    results has those, and the list only once they are written, so that leads can be added meanwhile.
    """
    # Read after it was locked: what is from other tables would else be as it was before a wait.
    *_, found = await tx.run_each([*_lock_statements(tx, row_id), get_statement(row_id)])
    return to_list(found.rows[0])


async def lock_list_row(tx: Tx, row_id: int) -> None:
    """Locks a list until the commit, with its leads."""
    if statements := _lock_statements(tx, row_id):
        await tx.run_each(statements)


def _lock_statements(tx: Tx, row_id: int) -> list[Statement]:
    """What locks a list; nothing on SQLite, where the transaction has the only write lock already."""
    clause = tx.dialect.lock_clause()
    row = [(f"SELECT id FROM lead_lists WHERE id = :id {clause}", {"id": row_id})] if clause else []
    return [*tx.dialect.lock_leads_statements(row_id), *row]


async def count_added(tx: Tx, row_id: int, added: int, capacity: int) -> None:
    """Moves the counters by what was added; a completed list is queued again."""
    await tx.run(*count_statement(tx, row_id, added, capacity))


def count_statement(tx: Tx, row_id: int, added: int, capacity: int, *, are_done: bool = False) -> Statement:
    """What counts leads that were added, and writes the capacity in force to the list's row.

    If the leads `are_done` nothing is to be done with them, and a list with nothing else to do is completed.
    """
    statement = _COUNT_KEPT if are_done else _COUNT_ADDED
    return statement, {"id": row_id, "added": added, "capacity": capacity, "now": tx.now_ms}


async def count_claimed(tx: Tx, row_id: int, claimed: int) -> None:
    """Moves entries from queued to processing; a list with nothing to do is completed by it."""
    values = {"id": row_id, "claimed": claimed, "now": tx.now_ms}
    if [row.status for row in (await tx.run(_COUNT_CLAIMED, values)).rows] == [ListStatus.COMPLETED]:
        # Read again: what is from other tables is as it was before this waited for the list.
        await tell_if_completed(tx, await get_list(tx, row_id))


async def count_handed_back(tx: Tx, row_id: int, count: int) -> None:
    """Moves entries from processing back to queued."""
    if count:
        await tx.conn.execute(_COUNT_HANDED_BACK, {"id": row_id, "count": count, "now": tx.now_ms})


async def count_flushed(tx: Tx, row_id: int, *, done: int, failed: int, requeued: int) -> LeadList:
    """Moves entries out of processing; the last one completes the list. Returns the list as it is then."""
    values = {
        "id": row_id,
        "processed": done + failed + requeued,
        "requeued": requeued,
        "done": done,
        "failed": failed,
        "now": tx.now_ms,
    }
    lead_list = to_list((await tx.run(_COUNT_FLUSHED, values)).rows[0])
    if values["processed"]:
        await tell_if_completed(tx, lead_list)
    return lead_list


async def count_erased(tx: Tx, row_id: int, *, queued: int, processing: int, done: int, failed: int) -> bool:
    """Takes erased entries out of a locked list's counters by the states they were in; they are canceled now.

    The last one that was not finished completes the list. Returns whether it is complete.
    """
    values = {
        "id": row_id,
        "queued": queued,
        "processing": processing,
        "done": done,
        "failed": failed,
        "now": tx.now_ms,
    }
    lead_list = to_list((await tx.conn.execute(_COUNT_ERASED, values)).one())
    if queued + processing:
        await tell_if_completed(tx, lead_list)
    return lead_list.status is ListStatus.COMPLETED


async def cancel_list(tx: Tx, row_id: int) -> None:
    """Marks a locked list canceled; its unfinished entries are canceled by the caller."""
    await tx.conn.execute(_CANCEL, {"id": row_id, "now": tx.now_ms})


async def count_reopened(tx: Tx, row_id: int, *, done: int, failed: int) -> None:
    """Moves entries that were done or failed back to queued; a completed list is queued again."""
    values = {"id": row_id, "done": done, "failed": failed, "now": tx.now_ms}
    await tx.conn.execute(_COUNT_REOPENED, values)


async def count_moved_in(tx: Tx, row_id: int, *, done: int, failed: int, capacity: int) -> None:
    """Counts leads that came from another list, where they had ended. The list's state stays as it is.

    `capacity` is the one in force, which may be more than when the list was made.
    """
    values = {"id": row_id, "done": done, "failed": failed, "capacity": capacity, "now": tx.now_ms}
    await tx.conn.execute(_COUNT_MOVED_IN, values)


async def restore_list(tx: Tx, row_id: int, since: datetime) -> bool:
    """Takes the deletion of a locked list back, if it was deleted after a moment and its leads are there."""
    values = {"id": row_id, "since": to_ms(since), "now": tx.now_ms}
    return (await tx.conn.execute(_RESTORE, values)).rowcount == 1


async def delete_list(tx: Tx, row_id: int) -> None:
    """Marks a locked list deleted."""
    await tx.conn.execute(_DELETE, {"id": row_id, "now": tx.now_ms})


async def update_list(tx: Tx, account_id: int, changed: LeadList) -> None:
    """Writes the settings of a locked list."""
    values = {
        "id": changed.row_id,
        "account_id": account_id,
        "name": changed.name,
        "shared": changed.shared,
        "visible": changed.visible,
        "owner_email": changed.owner_email,
        "enrich": changed.options.enrich,
        "validate_email": changed.options.validate_email,
        "reveal_phone_numbers": changed.options.reveal_phone_numbers,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_UPDATE, values)


def first_list(found: Result) -> LeadList | None:
    """The list that a statement has found, whose row is one of COLUMNS."""
    return to_list(found.rows[0]) if found.rows else None


def read_options(row: Any) -> ListOptions:
    """The options in a row of a list or an addition."""
    return ListOptions(
        reveal_phone_numbers=bool(row.reveal_phone_numbers),
        validate_email=bool(row.validate_email),
        enrich=bool(row.enrich),
        reveal_email=bool(row.reveal_email),
    )


def _to_pause(row: Any) -> Pause:
    return Pause(
        PauseReason(row.paused_reason),
        from_ms(row.paused_at),
        () if row.paused_for is None else _decode_causes(row.paused_for),
        None if row.paused_until is None else from_ms(row.paused_until),
    )


def to_list(row: Any) -> LeadList:
    """A list from a row of COLUMNS."""
    return LeadList(
        row_id=row.id,
        id=row.public_id,
        workspace_id=row.workspace_id,
        name=row.name,
        type=ListType(row.type),
        status=ListStatus(row.status),
        shared=bool(row.shared),
        visible=bool(row.visible),
        owner_id=row.owner_id,
        owner_email=row.owner_email,
        options=read_options(row),
        progress=Progress(row.entry_count, row.queued, row.processing, row.done, row.failed),
        last_sequence=row.last_sequence,
        created_at=from_ms(row.created_at),
        updated_at=from_ms(row.updated_at),
        is_deleted=row.deleted_at is not None,
        pause=None if row.paused_at is None else _to_pause(row),
        purpose=Purpose(row.purpose),
        revision=row.revision,
        wanted_events=read_events(row.webhook_events),
        is_emptied=row.emptied_at is not None,
    )
