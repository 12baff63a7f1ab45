"""From imports to what is told of them on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from leadyard.actions.imports import ImportDetails, plan_options
from leadyard.api import import_schemas as shapes
from leadyard.api.paging import self_link
from leadyard.api.schemas import OptionsView
from leadyard.api.views import cost_view
from leadyard.domain.imports import UNDO_TIME, Import, ImportStatus, RowFault, RowVerdict, StagedRow
from leadyard.domain.lead_lists import ListOptions


def import_view(imported: Import) -> shapes.ImportView:
    """An import in a page of them."""
    return shapes.ImportView(**_members(imported))


def import_detail_view(details: ImportDetails) -> shapes.ImportDetailView:
    """An import with its columns and counts."""
    imported = details.imported
    columns = zip(details.names, imported.columns, details.samples, strict=True)
    counts = {name: count for name, count in details.counts.items() if name != RowVerdict.HEADER}
    return shapes.ImportDetailView(
        **_members(imported),
        header_row=imported.header_row,
        columns=[
            shapes.ImportColumnView(name, cast(shapes.ColumnWord, field), list(samples))
            for name, field, samples in columns
        ],
        counts=shapes.ImportCountsView(**{str(name): count for name, count in counts.items()}),
        cost=cost_view(details.least, details.most),
    )


def row_view(row: StagedRow, imported: Import, names: Sequence[str]) -> shapes.ImportRowView:
    """A row of an import."""
    faults = [_fault(fault, imported, names) for fault in row.faults]
    verdict = cast(shapes.VerdictWord, row.verdict.value)
    return shapes.ImportRowView(row.number, row.cells, verdict, faults)


def _fault(fault: RowFault, imported: Import, names: Sequence[str]) -> shapes.RowFaultView:
    places = [place for place, field in enumerate(imported.columns) if field == fault.field]
    return shapes.RowFaultView(fault.field, names[places[0]] if places else None, fault.detail)


def _members(imported: Import) -> dict[str, Any]:
    done = imported.batch_count if imported.status in _WHOLE else imported.next_batch
    is_open = imported.can_be_undone_at(imported.updated_at)
    return {
        "id": imported.id,
        "status": imported.status.value,
        "reason": None if imported.reason is None else imported.reason.value,
        "file_name": imported.file_name,
        "size": imported.size,
        "kind": imported.kind,
        "encoding": imported.encoding,
        "delimiter": imported.delimiter,
        "user": imported.user_email,
        "type": None if imported.type is None else imported.type.value,
        "lead_list_id": imported.list_id,
        "lead_list_name": imported.list_name,
        "new_list": shapes.NewListView(
            imported.new_list.name,
            imported.new_list.owner,
            imported.new_list.shared,
            _options(plan_options(imported.new_list)),
        ),
        "rows": imported.row_count,
        "progress": shapes.ImportProgressView(done, imported.batch_count),
        "created_at": imported.created_at,
        "updated_at": imported.updated_at,
        "started_at": imported.started_at,
        "ended_at": imported.ended_at,
        "undo_until": imported.ended_at + UNDO_TIME if is_open and imported.ended_at else None,
        "undone_at": imported.undone_at,
        "links": self_link(f"/imports/{imported.id}"),
    }


_WHOLE = (ImportStatus.CHECKED, ImportStatus.COMPLETED)


def _options(options: ListOptions) -> OptionsView:
    return OptionsView(
        reveal_phone_numbers=options.reveal_phone_numbers,
        validate_email=options.validate_email,
        enrich=options.enrich,
    )
