"""Finding leads of a list by what people ask for: filters, search, order, pages, and counts of each kind.

The summaries are looked through from end to end: 60,000 narrow rows take some ten milliseconds, and no index
has to be kept up while leads are added or written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import text

from leadyard.domain.emails import EmailResult
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.erasure import ERASED_KEY_PREFIX
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_view import (
    ANY_TROUBLE,
    PAGE_SIZE,
    EntryFilter,
    ListCounts,
    SortBy,
    ViewPage,
    ViewRequest,
    is_summarized,
    limit_page,
)
from leadyard.domain.reopening import DoneKind
from leadyard.domain.summaries import EMPTIED, fold
from leadyard.storage.database import Tx
from leadyard.storage.dialects import Dialect
from leadyard.storage.leads import list_some_entries

_KINDS: dict[str, Sequence[str]] = {
    "status": ("done", "failed", EMPTIED),
    **{step.value: tuple(Outcome) for step in Step},
    "result": tuple(EmailResult),
}
# Conditions instead of groups: SQLite would sort all rows to group them, which takes three times as long.
_COUNTS = text(
    "SELECT "
    + ", ".join(
        f"count(*) FILTER (WHERE {column} = '{value}') AS {column}_{value}"
        for column, values in _KINDS.items()
        for value in values
    )
    + ", count(email) AS with_email, count(*) FILTER (WHERE has_phone) AS with_phone "
    "FROM entry_summaries WHERE list_id = :list_id AND status <> 'queued'"
)
_TROUBLES = text(
    "SELECT trouble, count(*) AS leads FROM entry_summaries WHERE list_id = :list_id AND status <> 'queued' "
    "AND trouble IS NOT NULL GROUP BY trouble ORDER BY trouble"
)
_SEARCHED = ("name", "email", "title", "company")
_ENDED = (EntryStatus.DONE, EntryStatus.FAILED)
_NOT_EMPTIED = f"NOT (e.key >= '{ERASED_KEY_PREFIX}' AND e.key < '\n')"


class _Query(msgspec.Struct):
    """The FROM and WHERE of what a filter leaves; `sequence` is the column that names the entries."""

    source: str
    sequence: str
    conditions: list[str] = msgspec.field(default_factory=list)
    values: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def body(self) -> str:
        return f"FROM {self.source} WHERE {' AND '.join(self.conditions)}"


async def view_page(tx: Tx, lead_list: LeadList, request: ViewRequest, counts: ListCounts) -> ViewPage:
    """A page of the leads that a filter leaves; behind the last page it is the last."""
    is_plain = request.wanted.is_everything and request.sort is SortBy.SEQUENCE
    if is_plain and not counts.emptied:
        total, page = counts.total, limit_page(request.page, counts.total)
        sequences = _plain_page(total, page, is_descending=request.is_descending)
    else:
        query = _build(tx.dialect, lead_list, request.wanted)
        total = await _count(tx, query)
        page = limit_page(request.page, total)
        sequences = await _sorted_page(tx, query, request, page)
    found = await list_some_entries(tx, lead_list.row_id, set(sequences))
    return ViewPage([found[sequence] for sequence in sequences], total, page)


def _plain_page(total: int, page: int, *, is_descending: bool) -> list[int]:
    """Sequences begin with 1 and have no gaps: nothing has to be looked for."""
    behind = (page - 1) * PAGE_SIZE
    if is_descending:
        return list(range(total - behind, max(0, total - behind - PAGE_SIZE), -1))
    return list(range(behind + 1, min(total, behind + PAGE_SIZE) + 1))


async def _sorted_page(tx: Tx, query: _Query, request: ViewRequest, page: int) -> list[int]:
    order = _order(query, request)
    statement = text(f"SELECT {query.sequence} AS sequence {query.body} {order} LIMIT :limit OFFSET :offset")
    values = {**query.values, "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    return list((await tx.conn.execute(statement, values)).scalars())


async def list_matching(
    tx: Tx, lead_list: LeadList, wanted: EntryFilter, after: int = 0, limit: int | None = None
) -> list[int]:
    """The sequences of the leads that a filter leaves, those behind one of them, in order."""
    query = _build(tx.dialect, lead_list, wanted)
    statement = (
        f"SELECT {query.sequence} {query.body} AND {query.sequence} > :after ORDER BY {query.sequence}"
    )
    values = {**query.values, "after": after}
    if limit is not None:
        statement, values = f"{statement} LIMIT :limit", {**values, "limit": limit}
    return list((await tx.conn.execute(text(statement), values)).scalars())


async def count_done(
    tx: Tx, lead_list: LeadList, wanted: EntryFilter, first: int, last: int
) -> list[tuple[DoneKind, int]]:
    """How many leads of a filter are done, of each kind, among some sequences; only summaries are read."""
    query = _build(tx.dialect, lead_list, replace(wanted, status=EntryStatus.DONE))
    kind = "s.enrich, s.validate, s.reveal, s.email IS NOT NULL"
    statement = (
        f"SELECT {kind} AS has_email, count(*) AS leads {query.body} "
        f"AND s.sequence BETWEEN :first AND :last GROUP BY {kind}"
    )
    values = {**query.values, "first": first, "last": last}
    return [
        (DoneKind({step: getattr(row, step) for step in Step}, bool(row.has_email)), row.leads)
        for row in await tx.conn.execute(text(statement), values)
    ]


async def count_kinds(tx: Tx, lead_list: LeadList) -> ListCounts:
    """How many leads of a list there are of each kind."""
    scope, progress = {"list_id": lead_list.row_id}, lead_list.progress
    row = (await tx.conn.execute(_COUNTS, scope)).one()._mapping
    ended = row["status_done"] + row["status_failed"]
    total = progress.total - row[f"status_{EMPTIED}"]
    statuses = {
        EntryStatus.QUEUED: progress.queued,
        EntryStatus.PROCESSING: progress.processing,
        EntryStatus.DONE: progress.done,
        EntryStatus.FAILED: progress.failed,
    }
    return ListCounts(
        total=total,
        emptied=progress.total - total,
        statuses={**statuses, EntryStatus.CANCELED: total - sum(statuses.values())},
        steps={step: {outcome: row[f"{step}_{outcome}"] for outcome in Outcome} for step in Step},
        results={result.value: row[f"result_{result}"] for result in EmailResult},
        troubles={each.trouble: each.leads for each in await tx.conn.execute(_TROUBLES, scope)},
        with_email=row["with_email"],
        without_email=ended - row["with_email"],
        with_phone=row["with_phone"],
    )


async def _count(tx: Tx, query: _Query) -> int:
    return int((await tx.conn.execute(text(f"SELECT count(*) {query.body}"), query.values)).scalar_one())


def _build(dialect: Dialect, lead_list: LeadList, wanted: EntryFilter) -> _Query:
    """What a filter leaves, from the summaries alone if these tell everything that is asked."""
    of_summary = _summary_conditions(wanted)
    is_ended = wanted.status in _ENDED or bool(of_summary)
    if wanted.status not in (None, *_ENDED):
        query = _of_entries()
        query.conditions.append("e.status = :status")
    elif is_ended or is_summarized(lead_list):
        query = _of_summaries()
        if is_ended:
            query.conditions.append("s.status IN ('done', 'failed')")
        if wanted.status is not None:
            query.conditions.append("s.status = :status")
    else:
        query = _of_entries()
    query.conditions.extend(of_summary)
    query.values.update(list_id=lead_list.row_id, **_values(wanted))
    if needle := fold(wanted.search):
        query.conditions.append(_search(dialect, query, needle))
    return query


def _of_summaries() -> _Query:
    conditions = ["s.list_id = :list_id", f"s.status <> '{EMPTIED}'"]
    return _Query("entry_summaries AS s", "s.sequence", conditions)


def _of_entries() -> _Query:
    source = (
        "lead_list_entries AS e LEFT JOIN entry_summaries AS s "
        "ON s.list_id = e.list_id AND s.sequence = e.sequence"
    )
    return _Query(source, "e.sequence", ["e.list_id = :list_id", _NOT_EMPTIED])


def _summary_conditions(wanted: EntryFilter) -> list[str]:
    """The conditions that only leads that have ended can meet."""
    names = ("enrich", "validate", "reveal", "result")
    conditions = [f"s.{name} = :{name}" for name in names if getattr(wanted, name) is not None]
    if wanted.has_email is not None:
        conditions.append(f"s.email IS {'NOT ' if wanted.has_email else ''}NULL")
    if wanted.has_phone is not None:
        conditions.append(f"{'' if wanted.has_phone else 'NOT '}s.has_phone")
    if wanted.trouble is not None:
        any_or_one = "s.trouble IS NOT NULL" if wanted.trouble == ANY_TROUBLE else "s.trouble = :trouble"
        conditions.append(any_or_one)
    return conditions


def _values(wanted: EntryFilter) -> dict[str, Any]:
    names = ["status", "enrich", "validate", "reveal", "result"]
    if wanted.trouble != ANY_TROUBLE:
        names.append("trouble")
    return {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}


def _search(dialect: Dialect, query: _Query, needle: str) -> str:
    """A lead that has not ended has no summary yet: it is searched as it was sent, by its whole text."""
    query.values["needle"] = needle
    found = " OR ".join(dialect.contains(f"s.{name}", "needle") for name in _SEARCHED)
    if query.sequence.startswith("s."):
        return f"({found})"
    query.values["escaped"] = json.dumps(needle)[1:-1]
    sent = " OR ".join(dialect.contains("lower(e.lead)", name) for name in ("needle", "escaped"))
    return f"CASE WHEN s.sequence IS NULL THEN ({sent}) ELSE ({found}) END"


def _order(query: _Query, request: ViewRequest) -> str:
    direction = " DESC" if request.is_descending else ""
    if request.sort is SortBy.SEQUENCE:
        return f"ORDER BY {query.sequence}{direction}"
    column = f"s.{request.sort}"
    return f"ORDER BY {column} IS NULL, {column}{direction}, {query.sequence}{direction}"
