"""Shapes on the wire of imports and their rows."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from leadyard.api.estimate_schemas import CostRanges
from leadyard.api.schemas import Id, Links, ListTypeWord, Moment, OptionsView

ImportStatusWord = Literal[
    "uploaded", "mapped", "checked", "importing", "paused", "completed", "canceled", "failed"
]
ReasonWord = Literal[
    "insufficient_credits",
    "lead_list_deleted",
    "lead_list_canceled",
    "costs_more",
    "user_disabled",
    "key_revoked",
]
ColumnWord = Literal[
    "email",
    "linkedin_url",
    "title",
    "company_name",
    "company_domain",
    "first_name",
    "last_name",
    "full_name",
    "phone",
    "location",
    "industry",
    "data",
    "skip",
]
VerdictWord = Literal[
    "unchecked",
    "ready",
    "faulty",
    "left_out",
    "duplicate_in_file",
    "duplicate_in_list",
    "over_capacity",
    "suppressed",
    "erased",
    "added",
]
_FIELD = Meta(description="A field of leads; `data` rides along under its own name, `skip` is left out.")


class ImportColumnView(Struct, frozen=True):
    """A column of the file: its name, what it is taken for, and up to three of its values."""

    name: str
    field: Annotated[ColumnWord, _FIELD]
    samples: list[str]


class ImportCountsView(Struct, frozen=True):
    """How many rows have each verdict. Rows up to the header are not counted."""

    unchecked: int
    ready: int
    faulty: int
    left_out: int
    duplicate_in_file: int
    duplicate_in_list: int
    over_capacity: int
    suppressed: int
    erased: int
    added: int


class ImportProgressView(Struct, frozen=True):
    """How far the check, or the import, has come, in parts of the file."""

    done: int
    total: int


class NewListView(Struct, frozen=True):
    """The list that the import makes when it starts, if it goes to none that is there."""

    name: str
    owner: str
    shared: bool
    options: OptionsView


class ImportView(Struct, frozen=True):
    """A file of leads on its way into a list."""

    id: Id
    status: ImportStatusWord
    reason: (
        Annotated[ReasonWord, Meta(description="Why it is paused, has failed or must be mapped anew.")] | None
    )
    file_name: str
    size: Annotated[int, Meta(description="Bytes.")]
    kind: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    user: Annotated[str, Meta(description="E-mail of who brought the file.")]
    type: ListTypeWord | None
    lead_list_id: Id | None
    lead_list_name: str | None
    new_list: NewListView
    rows: int
    progress: ImportProgressView
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    undo_until: Annotated[Moment, Meta(description="Until when it can be undone.")] | None
    undone_at: Moment | None
    links: Links = field(name="_links")
    object: Literal["import"] = "import"


class ImportDetailView(ImportView, frozen=True, kw_only=True):
    """The same with its columns, and what its rows come to."""

    header_row: Annotated[int, Meta(description="The row with the names of the columns; 0 if there is none.")]
    columns: list[ImportColumnView]
    counts: ImportCountsView
    cost: CostRanges


class ImportsView(Struct, frozen=True):
    """A page of imports, newest first."""

    imports: list[ImportView]
    links: Links = field(name="_links")


class RowFaultView(Struct, frozen=True):
    """What is wrong with a row, and in which column, if it is in one."""

    field: str
    column: str | None
    detail: str


class ImportRowView(Struct, frozen=True):
    """A row of the file, by the number that a spreadsheet shows for it."""

    row: int
    cells: list[str]
    verdict: VerdictWord
    faults: list[RowFaultView]
    object: Literal["import_row"] = "import_row"


class ImportRowsView(Struct, frozen=True):
    """A page of rows, in the order of the file."""

    rows: list[ImportRowView]
    links: Links = field(name="_links")
