"""The rows of an import: read page by page, mended, left out, and those that were refused as a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from leadyard.actions.export_files import CsvFile
from leadyard.actions.import_intake import empty_erased
from leadyard.actions.import_work import planned_list
from leadyard.actions.imports import lock_import
from leadyard.actions.lead_lists import get_list
from leadyard.actions.leads import choose_leads
from leadyard.domain.accounts import Caller
from leadyard.domain.errors import Conflict, NotFound, Refused, unsupported_field, unsupported_parameter
from leadyard.domain.import_rows import find_candidates, members_of, names_below
from leadyard.domain.imports import (
    REFUSED,
    REFUSED_COLUMNS,
    VERDICTS,
    Import,
    ImportStatus,
    RowVerdict,
    StagedRow,
)
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import import_batches as batch_rows
from leadyard.storage import imports as import_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.import_batches import Batch

MAX_ROW_NUMBER = 2**31


async def list_rows_of(
    tx: Tx, imported: Import, verdicts: Collection[RowVerdict], request: PageRequest
) -> Page[StagedRow]:
    """A page of an import's rows with one of these verdicts, in their order; the cursor is a row's number.

    Raises Refused for a cursor that is no number.
    """
    is_backward = request.before is not None
    position = _read_position(request)
    found: list[StagedRow] = []
    batches = await batch_rows.list_batches(tx, imported.row_id)
    for batch in reversed(batches) if is_backward else batches:
        if len(found) > request.size:
            break
        if not any(batch.tally.get(verdict, 0) for verdict in verdicts):
            continue
        if position is not None and (
            batch.first_row >= position if is_backward else batch.last_row <= position
        ):
            continue
        rows = await batch_rows.read_batch(tx, imported.row_id, batch.number)
        chosen = [row for row in rows if row.verdict in verdicts]
        if position is not None:
            chosen = [
                row for row in chosen if (row.number < position) == is_backward and row.number != position
            ]
        found.extend(reversed(chosen) if is_backward else chosen)
    has_more = len(found) > request.size
    items = found[: request.size]
    if is_backward:
        return Page(items[::-1], has_previous=has_more, has_next=True)
    return Page(items, has_previous=position is not None, has_next=has_more)


async def mend_row(
    tx: Tx,
    caller: Caller,
    import_id: str,
    number: int,
    cells: Mapping[str, str],
    *,
    leave_out: bool | None = None,
) -> tuple[Import, StagedRow, list[str]]:
    """Changes cells of a row, by the names of their columns, or leaves it out; returns the names too.

    A row that was checked is checked again, against the list but not against the rest of the file.
    Raises NotFound, Gone, Conflict for an import that has begun, and Refused for a column that there is not.
    """
    imported = await lock_import(tx, caller, import_id)
    if not imported.status.is_open:
        raise Conflict(f"Import is {imported.status}.")
    head = await batch_rows.read_batch(tx, imported.row_id, 0)
    names = names_below(head, imported.header_row, imported.width)
    batch = _find_batch(await batch_rows.list_batches(tx, imported.row_id), number)
    rows = [] if batch is None else await batch_rows.read_batch(tx, imported.row_id, batch.number)
    row = next((row for row in rows if row.number == number), None)
    if batch is None or row is None or number <= imported.header_row or row.verdict is RowVerdict.ERASED:
        raise NotFound("row")
    _write_cells(row, names, cells)
    if leave_out is not None:
        row.verdict = RowVerdict.LEFT_OUT if leave_out else RowVerdict.UNCHECKED
    if cells and row.verdict is not RowVerdict.LEFT_OUT:
        row.verdict = RowVerdict.UNCHECKED
    mended = [row]
    await import_rows.restart_turn(tx, imported.row_id)
    await empty_erased(tx, imported.workspace_id, mended)
    if imported.status is ImportStatus.CHECKED:
        await _judge(tx, caller, imported, members_of(names, imported.columns), mended)
    rows[rows.index(row)] = mended[0]
    await batch_rows.write_batch(tx, imported.row_id, batch.number, rows)
    return imported, mended[0], names


async def write_refused(database: Database, imported: Import) -> AsyncIterator[bytes]:
    """The rows that were not imported as a CSV file: number and reason, then the row as it came."""
    async with database.read() as tx:
        head = await batch_rows.read_batch(tx, imported.row_id, 0)
        batches = await batch_rows.list_batches(tx, imported.row_id)
    names = names_below(head, imported.header_row, imported.width)
    file = CsvFile([*REFUSED_COLUMNS, *_without_refused(names, names)], is_raw=False)
    for batch in batches:
        async with database.read() as tx:
            rows = await batch_rows.read_batch(tx, imported.row_id, batch.number)
        refused = [_refused_row(row, names) for row in rows if row.verdict in REFUSED]
        if part := await asyncio.to_thread(file.add, refused):
            yield part
    for part in file.finish():
        yield part


def _refused_row(row: StagedRow, names: Sequence[str]) -> list[str]:
    cells = row.cells + [""] * (len(names) - len(row.cells))
    return [str(row.number), row.problem, *_without_refused(names, cells)]


def _without_refused(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Cells without those that an earlier file of refused rows had added."""
    kept = [cell for name, cell in zip(names, cells, strict=False) if name not in REFUSED_COLUMNS]
    return [*kept, *cells[len(names) :]]


def _read_position(request: PageRequest) -> int | None:
    for name, token in (("page[after]", request.after), ("page[before]", request.before)):
        if token is not None:
            if not (token.isascii() and token.isdigit()) or int(token) > MAX_ROW_NUMBER:
                raise Refused(unsupported_parameter(name))
            return int(token)
    return None


def _find_batch(batches: Sequence[Batch], number: int) -> Batch | None:
    return next((batch for batch in batches if batch.first_row <= number <= batch.last_row), None)


def _write_cells(row: StagedRow, names: Sequence[str], cells: Mapping[str, str]) -> None:
    unknown = [name for name in cells if name not in names]
    if unknown:
        raise Refused(*(unsupported_field(f"cells.{name}", "/cells") for name in unknown))
    if cells:
        row.cells = [*row.cells, *[""] * (len(names) - len(row.cells))][: len(names)]
    for name, text in cells.items():
        row.cells[names.index(name)] = text.replace("\0", "")


async def _judge(
    tx: Tx, caller: Caller, imported: Import, members: Sequence[str], rows: list[StagedRow]
) -> None:
    assert imported.type is not None
    candidates, drafts = find_candidates(imported.type, members, imported.header_row, rows)
    lead_list = planned_list(imported)
    if imported.list_id is not None:
        lead_list = await get_list(tx, caller, imported.list_id)
    selection = await choose_leads(tx, lead_list, drafts, room=1)
    for fate in selection.left_out:
        candidates[fate.place].verdict = VERDICTS[fate.outcome]
