"""The leads of a list: stored when they are added, claimed and written back by the pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from leadyard.domain.clues import person_name, read_clues, split_key
from leadyard.domain.drafting import parts_of
from leadyard.domain.emails import EmailVerdict
from leadyard.domain.entries import (
    NO_FINDINGS,
    STATUSES,
    Entry,
    EntryStatus,
    Findings,
    ProcessedEntry,
    WorkItem,
)
from leadyard.domain.erasure import StoredLead
from leadyard.domain.lead_lists import ONE_KIND, Chunk, LeadList, Purpose, entry_sequence
from leadyard.domain.leads import LeadDraft, read_fields, sent_email
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.people import Person
from leadyard.domain.summaries import summarize
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Database, Tx
from leadyard.storage.lead_lists import ROW_ID, find_statement, first_list
from leadyard.storage.paging import Collection, cursor_of, fetch_page, make_page, page_statement
from leadyard.storage.summaries import write_summaries

_SELECT = "SELECT sequence, lead, status, findings FROM lead_list_entries"
_SELECT_PAGE = f"{_SELECT} WHERE list_id = :list_id"
_SELECT_LISTED = (
    f"SELECT sequence, {{lead}} AS lead, status, findings FROM lead_list_entries WHERE list_id = {ROW_ID} "
    "AND sequence BETWEEN :first AND :last"
)
_FIND = text(f"{_SELECT_PAGE} AND sequence = :sequence")
_IN_CHUNK = "list_id = :list_id AND sequence BETWEEN :first_sequence AND :last_sequence"
_START_QUEUED = (
    f"UPDATE lead_list_entries SET status = 'processing' WHERE {_IN_CHUNK} AND status = 'queued' "
    "AND (not_before IS NULL OR not_before <= :due)"
)
_SELECT_CLAIMED = (
    "SELECT sequence, key, {lead} AS lead, attempts, findings FROM lead_list_entries "
    f"WHERE {_IN_CHUNK} AND status = 'processing' ORDER BY sequence"
)
_UNFINISHED = text(
    "SELECT sum(CASE status WHEN 'processing' THEN 1 ELSE 0 END) AS processing, "
    "min(CASE status WHEN 'queued' THEN coalesce(not_before, 0) END) AS first_run, "
    "max(CASE status WHEN 'queued' THEN coalesce(not_before, 0) END) AS last_run "
    f"FROM lead_list_entries WHERE {_IN_CHUNK} AND status IN ('queued', 'processing')"
)
_HAND_BACK = text(
    f"UPDATE lead_list_entries SET status = 'queued' WHERE {_IN_CHUNK} AND status = 'processing'"
)
_FINISH = text(
    "UPDATE lead_list_entries SET status = 'done', findings = :findings "
    f"WHERE {_IN_CHUNK} AND status = 'processing' RETURNING sequence, lead"
)
_TAKEN_UP = text(
    f"SELECT 1 FROM lead_list_entries WHERE {_IN_CHUNK} AND status IN ('queued', 'processing') "
    "AND findings IS NOT NULL LIMIT 1"
)
_SET_ENDED = text(
    "UPDATE lead_list_entries SET status = :status, findings = :findings "
    "WHERE list_id = :list_id AND sequence = :sequence"
)
_WRITE = (
    "UPDATE lead_list_entries SET status = r.status, attempts = r.attempts, not_before = r.not_before, "
    "findings = r.findings FROM r WHERE list_id = :list_id AND lead_list_entries.sequence = r.sequence "
    "AND lead_list_entries.sequence BETWEEN :first_sequence AND :last_sequence "
    "AND lead_list_entries.status = 'processing' "
    "RETURNING lead_list_entries.sequence, {lead}"
)
_CANCEL = text(
    f"UPDATE lead_list_entries SET status = 'canceled' WHERE {_IN_CHUNK} "
    "AND status IN ('queued', 'processing')"
)


class _Glimpse(msgspec.Struct, frozen=True):
    """What lists show of findings; their history and sources take longer to decode than all of this."""

    person: Person | None = None
    verdict: EmailVerdict | None = None
    before: _Glimpse | None = None


_decode_glimpse = msgspec.json.Decoder(_Glimpse).decode
_decode_findings = msgspec.json.Decoder(Findings).decode
_END_OF_TIME = 2**53
MIN_SLACK_MS = 60_000
CANCELED_AT_ONCE = 2_500
_SEQUENCE_COLUMNS = {"sequence": "integer"}
_PROCESSED_COLUMNS = {
    "sequence": "integer",
    "status": "text",
    "attempts": "integer",
    "not_before": "bigint",
    "findings": "text",
}


async def insert_leads(tx: Tx, lead_list: LeadList, parts: Iterable[Sequence[LeadDraft]]) -> None:
    """Stores new leads at the end of a locked list, some while the next are made."""
    first = lead_list.last_sequence + 1
    await tx.dialect.insert_entries(tx.conn, lead_list.row_id, first, parts)


async def insert_if_new(tx: Tx, lead_list: LeadList, parts: Iterable[Sequence[LeadDraft]]) -> bool:
    """As `insert_leads`, but stores nothing and returns False if the list has one of the keys."""
    try:
        async with tx.conn.begin_nested():
            await insert_leads(tx, lead_list, parts)
    except Exception as error:
        if tx.dialect.is_duplicate(error.orig if isinstance(error, DBAPIError) else error):
            # Frames of the driver keep what they have raised, and so would keep the leads.
            error.__traceback__ = None
            return False
        raise
    return True


async def find_existing(tx: Tx, lead_list: LeadList, drafts: Sequence[LeadDraft]) -> dict[str, int]:
    """Which keys of these drafts the list has already, with the sequence of each."""
    if not lead_list.last_sequence or not drafts:
        return {}
    keys = ([draft.key for draft in part] for part in parts_of(drafts))
    return await tx.dialect.find_sequences(tx.conn, lead_list.row_id, keys)


async def find_list_with_page(
    database: Database, workspace_id: int, list_id: str, request: PageRequest
) -> tuple[LeadList, Page[Entry] | None] | None:
    """A list, and a page of its entries in the order they were added, which is None for an unknown cursor.

    Everything is asked for at once. Of their findings the entries have what is shown in lists.
    """
    token = cursor_of(request)
    position = None if token is None else entry_sequence(list_id, token)
    select = _SELECT_LISTED.format(lead=database.dialect.utf8("lead"))
    first, last = _bounds(request, position)
    entries = Collection(select, "sequence", {"public_id": list_id, "first": first, "last": last})
    found_list, found_page = await database.read_at_once(
        [find_statement(workspace_id, list_id), page_statement(entries, request, None)]
    )
    found = first_list(found_list)
    if found is None:
        return None
    is_known = token is None or (position is not None and 1 <= position <= found.last_sequence)
    return found, make_page(found_page, request, _to_listed_entry) if is_known else None


def _bounds(request: PageRequest, position: int | None) -> tuple[int, int]:
    """The first and the last sequence of a page with one lead more, for there are no gaps.

    As long as PostgreSQL knows nothing of a list it would read and sort all leads behind the position.
    """
    if position is None:
        return 1, request.size + 1
    if request.before is not None:
        return position - request.size - 1, position - 1
    return position + 1, position + request.size + 1


async def list_validated(tx: Tx, lead_list: LeadList, request: PageRequest) -> Page[Entry] | None:
    """A page of those entries of an e-mail list that are done; the cursor is an e-mail, in any spelling."""

    async def position(cursor: str) -> int | None:
        key = sent_email(cursor)
        if key is None:
            return None
        return (await tx.dialect.find_sequences(tx.conn, lead_list.row_id, [[key]])).get(key)

    return await fetch_page(
        tx,
        Collection(f"{_SELECT_PAGE} AND status = 'done'", "sequence", {"list_id": lead_list.row_id}),
        request,
        cursor=position,
        convert=_to_entry,
    )


async def list_some_entries(tx: Tx, list_row_id: int, sequences: Set[int]) -> dict[int, Entry]:
    """The entries of a list with these sequences."""
    if not sequences:
        return {}
    rows_from = tx.dialect.rows_from("rows", _SEQUENCE_COLUMNS)
    # Pages and exports ask for what is side by side; PostgreSQL without statistics reads all that it may.
    statement = text(
        f"{_SELECT_PAGE} AND sequence BETWEEN :first AND :last "
        f"AND sequence IN (SELECT r.sequence FROM (SELECT * FROM {rows_from}) AS r)"
    )
    rows = msgspec.json.encode([{"sequence": sequence} for sequence in sorted(sequences)]).decode()
    values = {"list_id": list_row_id, "first": min(sequences), "last": max(sequences), "rows": rows}
    return {row.sequence: _to_entry(row) for row in await tx.conn.execute(statement, values)}


async def find_entry(tx: Tx, list_row_id: int, sequence: int) -> Entry | None:
    """The entry of a list with this sequence."""
    values = {"list_id": list_row_id, "sequence": sequence}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else _to_entry(row)


async def claim_entries(
    tx: Tx, lead_list: LeadList, chunk: Chunk, *, even_waiting: bool = False
) -> tuple[list[WorkItem], int]:
    """Takes the entries of a chunk that are due and not finished, those of a dead worker included.

    Returns them and how many of them were queued until now. They are locked. `even_waiting` takes
    those too whose next attempt is not due.
    """
    values = _chunk_values(chunk)
    due = _END_OF_TIME if even_waiting else tx.now_ms
    select = _SELECT_CLAIMED.format(lead=tx.dialect.utf8("lead"))
    started, claimed = await tx.run_each([(_START_QUEUED, {**values, "due": due}), (select, values)])
    convert = to_work_item if lead_list.purpose in ONE_KIND else _to_person_item
    return [convert(row, lead_list) for row in claimed.rows], started.affected


async def start_entries(tx: Tx, chunk: Chunk) -> int:
    """Moves the queued entries of a chunk that are due to processing; returns how many."""
    values = {**_chunk_values(chunk), "due": tx.now_ms}
    return (await tx.run(_START_QUEUED, values)).affected


async def has_findings(tx: Tx, chunk: Chunk) -> bool:
    """Whether something is known of an entry of a chunk that is not finished: it was taken up again."""
    return (await tx.conn.execute(_TAKEN_UP, _chunk_values(chunk))).first() is not None


async def insert_ended(
    tx: Tx, lead_list: LeadList, drafts: Sequence[LeadDraft], leads: Sequence[StoredLead]
) -> None:
    """Stores leads that have ended elsewhere at the end of a locked list, with what they came to."""
    await insert_leads(tx, lead_list, parts_of(drafts))
    first = lead_list.last_sequence + 1
    entries = [Entry(at, lead.raw, lead.status, lead.findings) for at, lead in enumerate(leads, first)]
    rows = [
        {
            "list_id": lead_list.row_id,
            "sequence": entry.sequence,
            "status": entry.status.value,
            "findings": msgspec.json.encode(entry.findings).decode(),
        }
        for entry in entries
    ]
    await tx.conn.execute(_SET_ENDED, rows)
    await _summarize(tx, lead_list, entries)


async def finish_entries(tx: Tx, lead_list: LeadList, chunk: Chunk, findings: Findings) -> int:
    """Marks a chunk's entries that are in processing done, all with the same findings; returns how many."""
    values = {**_chunk_values(chunk), "findings": msgspec.json.encode(findings).decode()}
    rows = (await tx.conn.execute(_FINISH, values)).all()
    ended = [Entry(row.sequence, row.lead, EntryStatus.DONE, findings) for row in rows]
    await _summarize(tx, lead_list, ended)
    return len(rows)


async def write_processed(tx: Tx, lead_list: LeadList, processed: Sequence[ProcessedEntry]) -> set[int]:
    """Writes what became of entries, in one statement; returns the sequences that were still ours.

    An entry that was canceled, or finished by another worker in the meantime, is left as it is.
    """
    rows = [_to_row(entry) for entry in processed]
    sequences = [entry.sequence for entry in processed]
    values = {
        "list_id": lead_list.row_id,
        # PostgreSQL would go through the whole list as long as it has no statistics of it.
        "first_sequence": min(sequences, default=0),
        "last_sequence": max(sequences, default=0),
    }
    statement = _WRITE.format(lead=tx.dialect.utf8("lead_list_entries.lead"))
    written = await tx.dialect.run_with_rows(tx.conn, statement, _PROCESSED_COLUMNS, rows, values)
    leads: dict[int, bytes] = {sequence: lead for sequence, lead, *_ in written}
    ended = [
        Entry(entry.sequence, leads[entry.sequence], entry.status, entry.findings)
        for entry in processed
        if entry.sequence in leads and entry.status is not EntryStatus.QUEUED
    ]
    await _summarize(tx, lead_list, ended)
    return set(leads)


async def _summarize(tx: Tx, lead_list: LeadList, ended: Sequence[Entry]) -> None:
    """Writes what lists are searched by; nobody looks through batches and searches."""
    if lead_list.purpose is Purpose.LIST:
        await write_summaries(tx, lead_list.row_id, [summarize(entry) for entry in ended])


async def find_unfinished(tx: Tx, chunk: Chunk) -> tuple[int, datetime | None]:
    """How many entries of the chunk are in processing, and when the chunk should run again, if at all.

    Now if an entry was never begun, else when those may be tried that wait about as long as the first: were
    it when the first may, a chunk whose leads fail one after the other would be begun for each of them.
    """
    row = (await tx.conn.execute(_UNFINISHED, _chunk_values(chunk))).one()
    if row.first_run is None:
        return row.processing or 0, None
    slack = max(MIN_SLACK_MS, (row.first_run - tx.now_ms) // 2)
    together = min(row.last_run, row.first_run + slack) if row.first_run else 0
    return row.processing or 0, max(tx.now, from_ms(together))


async def hand_back_entries(tx: Tx, chunk: Chunk) -> int:
    """Puts a chunk's entries that are in processing back in the queue; returns how many."""
    return (await tx.conn.execute(_HAND_BACK, _chunk_values(chunk))).rowcount


async def cancel_entries(tx: Tx, lead_list: LeadList) -> None:
    """Cancels every entry of a locked list that is not finished.

    Some at a time, for SQLite keeps what was there before a statement in memory.
    """
    for first in range(1, lead_list.last_sequence + 1, CANCELED_AT_ONCE):
        values = {"first_sequence": first, "last_sequence": first + CANCELED_AT_ONCE - 1}
        await tx.conn.execute(_CANCEL, {"list_id": lead_list.row_id, **values})


def _chunk_values(chunk: Chunk) -> dict[str, int]:
    return {
        "list_id": chunk.list_id,
        "first_sequence": chunk.first_sequence,
        "last_sequence": chunk.last_sequence,
    }


def _to_row(entry: ProcessedEntry) -> tuple[Any, ...]:
    """The values of _PROCESSED_COLUMNS."""
    not_before = None if entry.not_before is None else to_ms(entry.not_before)
    findings = _encode_findings(entry).decode()
    return entry.sequence, entry.status.value, entry.attempts, not_before, findings


def _encode_findings(entry: ProcessedEntry) -> bytes:
    """The findings as JSON. Once an entry is done again, what it came to before is of no use."""
    is_done = entry.status is EntryStatus.DONE
    return msgspec.json.encode(
        msgspec.structs.replace(entry.findings, before=None) if is_done else entry.findings
    )


def _to_findings(value: str | None) -> Findings:
    return NO_FINDINGS if value is None else _decode_findings(value)


def _to_entry(row: Any) -> Entry:
    return Entry(row.sequence, row.lead, STATUSES[row.status], _to_findings(row.findings))


def _to_listed_entry(row: Any) -> Entry:
    glimpse = None if row.findings is None else _decode_glimpse(row.findings)
    return Entry(row.sequence, row.lead, STATUSES[row.status], _to_listed_findings(glimpse))


def _to_listed_findings(glimpse: _Glimpse | None) -> Findings:
    if glimpse is None:
        return NO_FINDINGS
    before = None if glimpse.before is None else _to_listed_findings(glimpse.before)
    return Findings(person=glimpse.person, verdict=glimpse.verdict, before=before)


def to_work_item(row: Row[Any], lead_list: LeadList) -> WorkItem:
    """An entry of a list whose leads are all identified by the same."""
    lead = read_fields(row.lead)
    return WorkItem(
        sequence=row.sequence,
        key=row.key,
        list_type=lead_list.type,
        lead=lead,
        email=sent_email(lead.email),
        attempts=row.attempts,
        findings=_to_findings(row.findings),
    )


def _to_person_item(row: Row[Any], _lead_list: LeadList) -> WorkItem:
    clues = read_clues(row.lead)
    kind, key = split_key(row.key)
    name = person_name(clues)
    return WorkItem(
        sequence=row.sequence,
        key=key,
        list_type=kind,
        lead=clues,
        email=sent_email(clues.email),
        attempts=row.attempts,
        findings=_to_findings(row.findings),
        first_name=name.first,
        last_name=name.last,
    )
