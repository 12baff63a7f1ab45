"""Looking at the leads of a list: which of them, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from leadyard.domain.entries import Entry, EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import LeadList, ListStatus

PAGE_SIZE = 50
MAX_SEARCH_LENGTH = 200


class SortBy(StrEnum):
    """What leads are sorted by; what is not known comes last, whichever way."""

    SEQUENCE = "sequence"
    NAME = "name"
    EMAIL = "email"
    TITLE = "title"
    COMPANY = "company"
    STATUS = "status"
    ENRICH = "enrich"
    VALIDATE = "validate"
    REVEAL = "reveal"
    RESULT = "result"


class EntryFilter(msgspec.Struct, frozen=True):
    """Which leads of a list; None is all.

    `search` is a part of a name, e-mail, company or title. All but status and search are about leads that
    have ended, for what was found, or has troubled them, is not known before.
    """

    search: str | None = None
    status: EntryStatus | None = None
    enrich: Outcome | None = None
    validate: Outcome | None = None
    reveal: Outcome | None = None
    result: str | None = None
    has_email: bool | None = None
    has_phone: bool | None = None
    trouble: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self == EVERYTHING


EVERYTHING = EntryFilter()
"""All leads of a list."""

ANY_TROUBLE = "any"
"""The value of `trouble` that means every lead with some."""


class Selection(msgspec.Struct, frozen=True):
    """Some leads of a list: those with these sequences or, if none are named, all that the filter leaves."""

    wanted: EntryFilter = EVERYTHING
    sequences: frozenset[int] | None = None


class ViewRequest(msgspec.Struct, frozen=True):
    """One page of a list, counted from 1."""

    wanted: EntryFilter = EVERYTHING
    sort: SortBy = SortBy.SEQUENCE
    is_descending: bool = False
    page: int = 1


class ViewPage(msgspec.Struct, frozen=True):
    """The leads on a page, and how many the filter leaves in all."""

    entries: list[Entry]
    total: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


class ListCounts(msgspec.Struct, frozen=True):
    """How many leads of a list there are of each kind.

    `total` leaves out those of which nothing is left, which are `emptied`. E-mails, phones and what the steps
    came to are those of leads that have ended.
    """

    total: int
    emptied: int
    statuses: Mapping[EntryStatus, int]
    steps: Mapping[Step, Mapping[Outcome, int]]
    results: Mapping[str, int]
    troubles: Mapping[str, int]
    with_email: int
    without_email: int
    with_phone: int

    @property
    def pending(self) -> int:
        """Leads that are waiting or under way."""
        return self.statuses[EntryStatus.QUEUED] + self.statuses[EntryStatus.PROCESSING]


def limit_page(page: int, total: int, size: int = PAGE_SIZE) -> int:
    """A page that there is: behind the last it is the last."""
    return min(page, max(1, -(-total // size)))


def is_summarized(lead_list: LeadList) -> bool:
    """Whether every lead of a list has ended, so that its summary tells all."""
    progress = lead_list.progress
    return lead_list.status is not ListStatus.CANCELED and not progress.queued and not progress.processing
