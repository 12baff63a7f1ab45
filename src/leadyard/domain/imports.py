"""An import: a file of leads on its way into a list, row by row, and what becomes of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from leadyard.domain.accounts import Caller, Mode, Role
from leadyard.domain.additions import LeftOut
from leadyard.domain.column_words import ImportField
from leadyard.domain.credits import Cost
from leadyard.domain.leads import ListType

ROWS_AT_ONCE = 2_000
"""How many rows are kept, checked and added together; fewer, where there is much in them."""
UNDO_TIME = timedelta(days=1)
IMPORT_LEASE = timedelta(seconds=45)
"""Longer than a batch may take: nobody works on an import any more whose turn was begun before that."""
MAX_FILE_NAME_CHARACTERS = 255
CHARACTERS_AT_ONCE = 8_000_000

RIDES_ALONG = "data"
SKIPPED = "skip"
COLUMN_CHOICES = (*(field.value for field in ImportField), RIDES_ALONG, SKIPPED)
REFUSED_COLUMNS = ("Import row", "Import problem")
"""The columns that the file of refused rows has before those of its rows; they are not imported again."""
EXTRA_CELLS = "extra_cells"
"""What is at fault in a row with more cells than there are columns."""


class ImportStatus(StrEnum):
    """Where an import stands. Before it is uploaded it is being received, and nobody sees it."""

    RECEIVING = "receiving"
    UPLOADED = "uploaded"
    MAPPED = "mapped"
    CHECKED = "checked"
    IMPORTING = "importing"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more becomes of its rows."""
        return self in (ImportStatus.COMPLETED, ImportStatus.CANCELED, ImportStatus.FAILED)

    @property
    def is_at_work(self) -> bool:
        """Whether its rows are being checked or added."""
        return self in (ImportStatus.MAPPED, ImportStatus.IMPORTING)

    @property
    def is_open(self) -> bool:
        """Whether it can still be said what is to be imported, and how."""
        return self in (ImportStatus.UPLOADED, ImportStatus.MAPPED, ImportStatus.CHECKED)


class ImportReason(StrEnum):
    """Why an import is paused, was canceled by itself, or has failed."""

    INSUFFICIENT_CREDITS = "insufficient_credits"
    LIST_DELETED = "lead_list_deleted"
    LIST_CANCELED = "lead_list_canceled"
    COSTS_MORE = "costs_more"
    USER_DISABLED = "user_disabled"
    KEY_REVOKED = "key_revoked"


class RowVerdict(StrEnum):
    """What a check says of a row or, once it was imported, what became of it."""

    UNCHECKED = "unchecked"
    READY = "ready"
    FAULTY = "faulty"
    LEFT_OUT = "left_out"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    DUPLICATE_IN_LIST = "duplicate_in_list"
    OVER_CAPACITY = "over_capacity"
    SUPPRESSED = "suppressed"
    ERASED = "erased"
    ADDED = "added"
    HEADER = "header"


REFUSED = frozenset(set(RowVerdict) - {RowVerdict.ADDED, RowVerdict.ERASED, RowVerdict.HEADER})
VERDICTS = {
    LeftOut.DUPLICATE_IN_BATCH: RowVerdict.DUPLICATE_IN_FILE,
    LeftOut.DUPLICATE_IN_LIST: RowVerdict.DUPLICATE_IN_LIST,
    LeftOut.OVER_CAPACITY: RowVerdict.OVER_CAPACITY,
    LeftOut.SUPPRESSED: RowVerdict.SUPPRESSED,
}
PROBLEMS = {
    RowVerdict.UNCHECKED: "was not imported",
    RowVerdict.READY: "was not imported",
    RowVerdict.LEFT_OUT: "was left out",
    RowVerdict.DUPLICATE_IN_FILE: "is there twice in the file",
    RowVerdict.DUPLICATE_IN_LIST: "is in the list already",
    RowVerdict.OVER_CAPACITY: "does not fit: the list is full",
    RowVerdict.SUPPRESSED: "is excluded",
}


class RowFault(msgspec.Struct, frozen=True, array_like=True):
    """A field of a row that is missing or cannot be used."""

    field: str
    is_missing: bool = False

    @property
    def detail(self) -> str:
        """What is wrong, in words."""
        if self.field == EXTRA_CELLS:
            return "more cells than columns"
        return f"no {self.field}" if self.is_missing else f"{self.field} cannot be used"


class StagedRow(msgspec.Struct, array_like=True):
    """A row of the file as it is kept, with its number in the spreadsheet. An erased one has no cells."""

    number: int
    cells: list[str]
    verdict: RowVerdict = RowVerdict.UNCHECKED
    faults: list[RowFault] = []
    has_email: bool = False

    @property
    def problem(self) -> str:
        """Why it was not imported, in words."""
        return ", ".join(fault.detail for fault in self.faults) or PROBLEMS.get(self.verdict, "")


class NewListPlan(msgspec.Struct, frozen=True):
    """The list that an import makes when it begins."""

    name: str
    owner: str
    shared: bool = False
    enrich: bool = False
    validate_email: bool = False
    reveal_phone_numbers: bool = False


class Import(msgspec.Struct, frozen=True):
    """An import as stored. `row_id` and the other row ids are internal.

    `header_row` is the number of the row with the names of the columns, 0 if there is none. `columns` are
    of COLUMN_CHOICES. `next_batch` is how far the check, or the import, has come; whoever works on it has it
    by its `turn`. `made_list`: its list was made by it. `left_to_spend` is the most that the rest may cost
    once it has begun.
    """

    row_id: int
    id: str
    workspace_id: int
    account_id: int
    mode: Mode
    user_id: int
    user_email: str
    key_id: int | None
    role: Role
    file_name: str
    size: int
    kind: str
    encoding: str | None
    delimiter: str | None
    row_count: int
    batch_count: int
    header_row: int
    width: int
    columns: tuple[str, ...]
    fingerprint: str
    type: ListType | None
    list_row_id: int | None
    list_id: str | None
    list_name: str | None
    list_owner_id: int | None
    is_list_shared: bool
    new_list: NewListPlan
    made_list: bool
    status: ImportStatus
    reason: ImportReason | None
    next_batch: int
    turn: int
    left_to_spend: Cost | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None
    emptied_at: datetime | None

    def is_visible_to(self, caller: Caller) -> bool:
        """Whether the caller may know of it: what stands in a file is for whoever brought it, and admins."""
        return caller.viewer_id in (None, self.user_id)

    def as_seen_by(self, caller: Caller) -> Import:
        """The import without the name of a list that the caller does not see, or not any more."""
        is_seen = self.is_list_shared or caller.viewer_id in (None, self.list_owner_id)
        return self if is_seen else replace(self, list_name=None)

    def can_be_undone_at(self, moment: datetime) -> bool:
        """Whether it has ended, not longer than a day ago, was not undone, and is known row by row still."""
        return (
            self.status.is_terminal
            and self.list_row_id is not None
            and self.undone_at is None
            and self.emptied_at is None
            and self.ended_at is not None
            and moment < self.ended_at + UNDO_TIME
        )
