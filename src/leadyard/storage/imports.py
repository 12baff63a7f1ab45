"""Imports: what is known of each file, who works on it, and how columns were mapped before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller, Mode, Role, UserStatus
from leadyard.domain.credits import Cost
from leadyard.domain.import_rows import Guess
from leadyard.domain.imports import Import, ImportReason, ImportStatus, NewListPlan
from leadyard.domain.leads import ListType
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.ids import new_id
from leadyard.storage.paging import Collection, fetch_page

_SELECT = (
    "SELECT i.*, u.email AS user_email, w.account_id, w.mode, l.public_id AS list_public_id, "
    "l.name AS list_name, l.owner_id AS list_owner_id, l.shared AS is_list_shared "
    "FROM imports i JOIN users u ON u.id = i.user_id "
    "JOIN workspaces w ON w.id = i.workspace_id LEFT JOIN lead_lists l ON l.id = i.list_id"
)
_OF_WORKSPACE = f"{_SELECT} WHERE i.workspace_id = :workspace_id AND i.status <> 'receiving'"
_FIND = text(f"{_OF_WORKSPACE} AND i.public_id = :public_id")
_GET = text(f"{_SELECT} WHERE i.id = :id")
_INSERT = text(
    "INSERT INTO imports (public_id, workspace_id, user_id, key_id, role, file_name, new_list, next_turn_at, "
    "created_at, updated_at) VALUES (:public_id, :workspace_id, :user_id, :key_id, :role, :file_name, "
    ":new_list, :now, :now, :now) RETURNING id"
)
_TOUCH = text("UPDATE imports SET updated_at = :now WHERE id = :id AND status = 'receiving'")
_RECEIVED = text(
    "UPDATE imports SET status = 'uploaded', size = :size, kind = :kind, encoding = :encoding, "
    "delimiter = :delimiter, row_count = :row_count, batch_count = :batch_count, header_row = :header_row, "
    "width = :width, columns = :columns, fingerprint = :fingerprint, type = :type, updated_at = :now "
    "WHERE id = :id AND status = 'receiving'"
)
_REMAP = text(
    "UPDATE imports SET header_row = :header_row, columns = :columns, fingerprint = :fingerprint, "
    "type = :type, list_id = :list_id, new_list = :new_list, status = 'mapped', reason = NULL, "
    "next_batch = 0, turn = turn + 1, next_turn_at = :now, updated_at = :now WHERE id = :id"
)
_SET_STATUS = text(
    "UPDATE imports SET status = :status, reason = :reason, next_turn_at = :now, turn = turn + 1, "
    "ended_at = :ended_at, updated_at = :now WHERE id = :id"
)
_START = text(
    "UPDATE imports SET status = 'importing', reason = NULL, list_id = :list_id, made_list = :made_list, "
    "key_id = :key_id, user_id = :user_id, role = :role, next_batch = :next_batch, turn = turn + 1, "
    "email_left = :email_left, phone_left = :phone_left, "
    "next_turn_at = :now, started_at = coalesce(started_at, :now), updated_at = :now WHERE id = :id"
)
_CLAIM = text(
    "UPDATE imports SET turn = turn + 1, next_turn_at = :until WHERE id = :id AND turn = :turn "
    "AND next_turn_at <= :now AND status IN ('mapped', 'importing')"
)
_DUE = text(
    "SELECT id, turn FROM imports WHERE status IN ('mapped', 'importing') AND next_turn_at <= :now "
    "AND batch_count <= :most_batches ORDER BY next_turn_at, id LIMIT 1"
)
_ADVANCE = text(
    "UPDATE imports SET next_batch = :next_batch, next_turn_at = :until, updated_at = :now "
    "WHERE id = :id AND turn = :turn AND status = :status"
)
_SPEND = text(
    "UPDATE imports SET email_left = email_left - :email, phone_left = phone_left - :phone WHERE id = :id"
)
_LEFT = text("SELECT email_left, phone_left FROM imports WHERE id = :id")
_ACTING = text(
    "SELECT u.status AS user_status, k.revoked_at FROM imports i JOIN users u ON u.id = i.user_id "
    "LEFT JOIN api_keys k ON k.id = i.key_id WHERE i.id = :id"
)
_FREE_TURNS = text("UPDATE imports SET next_turn_at = :now WHERE next_turn_at > :now")
_RESTART = text("UPDATE imports SET turn = turn + 1, next_turn_at = :now, updated_at = :now WHERE id = :id")
_HAND_BACK = text("UPDATE imports SET next_turn_at = :now WHERE id = :id AND turn = :turn")
_UNDONE = text("UPDATE imports SET undone_at = :now, updated_at = :now WHERE id = :id")
_IS_OLD = (
    "emptied_at IS NULL AND (updated_at < :before OR (status = 'receiving' AND updated_at < :lost_before)) "
    "AND status NOT IN ('mapped', 'importing')"
)
_OLD = text(f"SELECT id FROM imports WHERE {_IS_OLD} AND id > :after ORDER BY id LIMIT :limit")
_DELETE_ROWS = text("DELETE FROM import_batches WHERE import_id = :id")
_DELETE_LOST = text("DELETE FROM imports WHERE id = :id AND status = 'receiving'")
_EMPTIED = text(
    "UPDATE imports SET emptied_at = :now, status = CASE WHEN status IN ('completed', 'canceled', 'failed') "
    "THEN status ELSE 'canceled' END, ended_at = coalesce(ended_at, :now), file_name = '' WHERE id = :id"
)
_REMEMBER = text(
    "INSERT INTO import_mappings (account_id, fingerprint, columns, updated_at) "
    "VALUES (:account_id, :fingerprint, :columns, :now) ON CONFLICT (account_id, fingerprint) "
    "DO UPDATE SET columns = excluded.columns, updated_at = excluded.updated_at"
)
_RECALL = text(
    "SELECT columns FROM import_mappings WHERE account_id = :account_id AND fingerprint = :fingerprint"
)


class ReceivedFile(msgspec.Struct, frozen=True):
    """What is known of a file once all of it is there."""

    size: int
    kind: str
    encoding: str | None
    delimiter: str | None
    row_count: int
    batch_count: int


async def add_import(tx: Tx, caller: Caller, file_name: str, new_list: NewListPlan) -> tuple[int, str]:
    """An import that is being received; returns its row id and its public id."""
    public_id = new_id(tx.now_ms)
    values = {
        "public_id": public_id,
        "workspace_id": caller.workspace_id,
        "user_id": caller.user_id,
        "key_id": caller.key_id or None,
        "role": caller.role.value,
        "file_name": file_name,
        "new_list": _encode(new_list),
        "now": tx.now_ms,
    }
    return int((await tx.conn.execute(_INSERT, values)).scalar_one()), public_id


async def touch(tx: Tx, row_id: int) -> bool:
    """Locks an import that is being received; False if it is no more."""
    return bool((await tx.conn.execute(_TOUCH, {"id": row_id, "now": tx.now_ms})).rowcount)


async def finish_receiving(tx: Tx, row_id: int, received: ReceivedFile, guess: Guess) -> None:
    """From now on the import is there."""
    values = {
        **msgspec.structs.asdict(received),
        "id": row_id,
        "header_row": guess.header_row,
        "width": guess.width,
        "columns": _encode(guess.columns),
        "fingerprint": guess.fingerprint,
        "type": guess.type,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_RECEIVED, values)


async def find_import(tx: Tx, workspace_id: int, public_id: str) -> Import | None:
    """The workspace's import with this id."""
    values = {"workspace_id": workspace_id, "public_id": public_id}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else _to_import(row)


async def get_import(tx: Tx, row_id: int) -> Import:
    """The import with this row id."""
    return _to_import((await tx.conn.execute(_GET, {"id": row_id})).one())


async def lock_import(tx: Tx, row_id: int) -> Import:
    """The import, locked until the commit, as it has become meanwhile.

    Whoever makes or names a list behind that has the lock on the table of lists first, as in every other
    transaction: an erasure locks that table and then the imports (`add_tombstones`).
    """
    if clause := tx.dialect.lock_clause():
        await tx.conn.execute(text("LOCK TABLE lead_lists IN ROW SHARE MODE"))
        await tx.conn.execute(text(f"SELECT id FROM imports WHERE id = :id {clause}"), {"id": row_id})
    return await get_import(tx, row_id)


async def list_imports(tx: Tx, caller: Caller, request: PageRequest) -> Page[Import] | None:
    """A page of the imports that the caller may know of, newest first; None for an unknown cursor."""

    async def position(cursor: str) -> int | None:
        found = await find_import(tx, caller.workspace_id, cursor)
        return None if found is None else found.row_id

    parameters: dict[str, Any] = {"workspace_id": caller.workspace_id}
    select = _OF_WORKSPACE
    if caller.viewer_id is not None:
        select += " AND i.user_id = :viewer_id"
        parameters["viewer_id"] = caller.viewer_id
    rows = Collection(select, "i.id", parameters, newest_first=True)
    return await fetch_page(tx, rows, request, cursor=position, convert=_to_import)


async def remap(tx: Tx, changed: Import) -> None:
    """Writes what a locked import is to come to; it is checked anew."""
    values = {
        "id": changed.row_id,
        "header_row": changed.header_row,
        "columns": _encode(changed.columns),
        "fingerprint": changed.fingerprint,
        "type": changed.type,
        "list_id": changed.list_row_id,
        "new_list": _encode(changed.new_list),
        "now": tx.now_ms,
    }
    await tx.conn.execute(_REMAP, values)


async def set_status(tx: Tx, row_id: int, status: ImportStatus, reason: ImportReason | None = None) -> None:
    """Where a locked import stands from now on; nobody works on it any more who has it in hand."""
    ended_at = tx.now_ms if status.is_terminal else None
    values = {"id": row_id, "status": status, "reason": reason, "ended_at": ended_at, "now": tx.now_ms}
    await tx.conn.execute(_SET_STATUS, values)


async def start(
    tx: Tx, imported: Import, caller: Caller, list_row_id: int, most: Cost, *, made_list: bool
) -> None:
    """Lets a locked import begin, or go on where it was paused, in the caller's name, for `most` at most."""
    values = {
        "id": imported.row_id,
        "list_id": list_row_id,
        "made_list": made_list,
        "key_id": caller.key_id or None,
        "user_id": caller.user_id,
        "role": caller.role.value,
        "next_batch": imported.next_batch if imported.status is ImportStatus.PAUSED else 0,
        "email_left": most.email,
        "phone_left": most.phone,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_START, values)


async def find_left_to_spend(tx: Tx, row_id: int) -> Cost | None:
    """The most that the rest of a locked import may cost; None for one begun before that was kept."""
    left = (await tx.conn.execute(_LEFT, {"id": row_id})).one()
    return None if left.email_left is None else Cost(left.email_left, left.phone_left)


async def note_spent(tx: Tx, row_id: int, held: Cost) -> None:
    """Takes what is held for leads of a locked import off what the rest may cost."""
    await tx.conn.execute(_SPEND, {"id": row_id, "email": held.email, "phone": held.phone})


async def find_barred(tx: Tx, row_id: int) -> ImportReason | None:
    """Why nobody may go on in the name of whoever began the import; None if they may."""
    acting = (await tx.conn.execute(_ACTING, {"id": row_id})).one()
    if acting.user_status != UserStatus.ACTIVE:
        return ImportReason.USER_DISABLED
    return None if acting.revoked_at is None else ImportReason.KEY_REVOKED


async def is_any_due(tx: Tx, most_batches: int) -> bool:
    """Whether an import of so many batches at most waits for somebody to work on it."""
    values = {"now": tx.now_ms, "most_batches": most_batches}
    return (await tx.conn.execute(_DUE, values)).first() is not None


async def claim_import(tx: Tx, lease: timedelta, most_batches: int) -> Import | None:
    """Takes the import of so many batches at most that waits longest, for as long as the lease."""
    waiting = {"now": tx.now_ms, "most_batches": most_batches}
    due = (await tx.conn.execute(_DUE, waiting)).one_or_none()
    if due is None:
        return None
    values = {"id": due.id, "turn": due.turn, "now": tx.now_ms, "until": to_ms(tx.now + lease)}
    claimed = (await tx.conn.execute(_CLAIM, values)).rowcount
    return await get_import(tx, due.id) if claimed else None


async def advance(tx: Tx, imported: Import, next_batch: int, lease: timedelta) -> bool:
    """Moves on to a batch; False if the import is not in these hands any more, or stands elsewhere."""
    values = {
        "id": imported.row_id,
        "turn": imported.turn,
        "status": imported.status,
        "next_batch": next_batch,
        "until": to_ms(tx.now + lease),
        "now": tx.now_ms,
    }
    return bool((await tx.conn.execute(_ADVANCE, values)).rowcount)


async def free_turns(tx: Tx) -> None:
    """Ends every turn: whoever had one is gone."""
    await tx.conn.execute(_FREE_TURNS, {"now": tx.now_ms})


async def restart_turn(tx: Tx, row_id: int) -> None:
    """Ends the turn of whoever works on a locked import, for its rows are changed; the next begins anew."""
    await tx.conn.execute(_RESTART, {"id": row_id, "now": tx.now_ms})


async def hand_back(tx: Tx, imported: Import) -> None:
    """Lets somebody else go on at once with an import that is in these hands."""
    await tx.conn.execute(_HAND_BACK, {"id": imported.row_id, "turn": imported.turn, "now": tx.now_ms})


async def mark_undone(tx: Tx, row_id: int) -> None:
    """Writes down that what a locked import added was taken back."""
    await tx.conn.execute(_UNDONE, {"id": row_id, "now": tx.now_ms})


async def list_old_imports(
    tx: Tx, before: datetime, lost_before: datetime, after: int, limit: int
) -> list[int]:
    """Imports, behind `after`, that nothing has happened to since a moment, and uploads that broke off."""
    values = {"before": to_ms(before), "lost_before": to_ms(lost_before), "after": after, "limit": limit}
    return list((await tx.conn.execute(_OLD, values)).scalars())


async def lock_old_import(tx: Tx, row_id: int, before: datetime, lost_before: datetime) -> bool:
    """Locks an import of `list_old_imports`; False if something has happened to it meanwhile."""
    statement = text(f"SELECT id FROM imports WHERE id = :id AND {_IS_OLD} {tx.dialect.lock_clause()}")
    values = {"id": row_id, "before": to_ms(before), "lost_before": to_ms(lost_before)}
    return (await tx.conn.execute(statement, values)).first() is not None


async def empty_import(tx: Tx, row_id: int) -> None:
    """Deletes the rows of an import; of one that was never uploaded nothing is left."""
    await tx.conn.execute(_DELETE_ROWS, {"id": row_id})
    await tx.conn.execute(_DELETE_LOST, {"id": row_id})
    await tx.conn.execute(_EMPTIED, {"id": row_id, "now": tx.now_ms})


async def remember_mapping(tx: Tx, imported: Import) -> None:
    """Keeps what the columns of such files are, for the account's next one."""
    values = {
        "account_id": imported.account_id,
        "fingerprint": imported.fingerprint,
        "columns": _encode(imported.columns),
        "now": tx.now_ms,
    }
    await tx.conn.execute(_REMEMBER, values)


async def recall_mapping(tx: Tx, account_id: int, fingerprint: str) -> tuple[str, ...] | None:
    """What the columns of such files were said to be, if somebody of the account has said so."""
    values = {"account_id": account_id, "fingerprint": fingerprint}
    found = (await tx.conn.execute(_RECALL, values)).scalar_one_or_none()
    return None if found is None else msgspec.json.decode(found, type=tuple[str, ...])


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def _to_import(row: Row[Any]) -> Import:
    return Import(
        row_id=row.id,
        id=row.public_id,
        workspace_id=row.workspace_id,
        account_id=row.account_id,
        mode=Mode(row.mode),
        user_id=row.user_id,
        user_email=row.user_email,
        key_id=row.key_id,
        role=Role(row.role),
        file_name=row.file_name,
        size=row.size,
        kind=row.kind,
        encoding=row.encoding,
        delimiter=row.delimiter,
        row_count=row.row_count,
        batch_count=row.batch_count,
        header_row=row.header_row,
        width=row.width,
        columns=msgspec.json.decode(row.columns, type=tuple[str, ...]),
        fingerprint=row.fingerprint or "",
        type=None if row.type is None else ListType(row.type),
        list_row_id=row.list_id,
        list_id=row.list_public_id,
        list_name=row.list_name,
        list_owner_id=row.list_owner_id,
        is_list_shared=bool(row.is_list_shared),
        new_list=msgspec.json.decode(row.new_list, type=NewListPlan),
        made_list=bool(row.made_list),
        status=ImportStatus(row.status),
        reason=None if row.reason is None else ImportReason(row.reason),
        next_batch=row.next_batch,
        turn=row.turn,
        left_to_spend=None if row.email_left is None else Cost(row.email_left, row.phone_left),
        created_at=from_ms(row.created_at),
        updated_at=from_ms(row.updated_at),
        started_at=_moment(row.started_at),
        ended_at=_moment(row.ended_at),
        undone_at=_moment(row.undone_at),
        emptied_at=_moment(row.emptied_at),
    )
