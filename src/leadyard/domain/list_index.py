"""Looking at the lists of a workspace: which of them, and in which order."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from leadyard.domain.lead_lists import LeadList

INDEX_PAGE_SIZE = 50


class ListSort(StrEnum):
    """What lists are sorted by."""

    CREATED = "created"
    NAME = "name"
    STATUS = "status"
    LEADS = "leads"
    OWNER = "owner"


class Shown(StrEnum):
    """Which lists are looked at: those in use, hidden ones, or those whose deletion can be taken back."""

    ALL = "all"
    HIDDEN = "hidden"
    DELETED = "deleted"


class IndexRequest(msgspec.Struct, frozen=True):
    """One page of lists, counted from 1. `search` is a part of a name."""

    search: str = ""
    status: str = ""
    type: str = ""
    is_mine: bool = False
    shown: Shown = Shown.ALL
    sort: ListSort = ListSort.CREATED
    is_descending: bool = True
    page: int = 1


class IndexPage(msgspec.Struct, frozen=True):
    """The lists on a page, and how many there are in all."""

    lists: list[LeadList]
    total: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // INDEX_PAGE_SIZE))
