"""Looking at lists and their leads, page by page."""

from __future__ import annotations

from collections import OrderedDict

from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.list_index import IndexPage, IndexRequest
from leadyard.domain.list_view import ListCounts, ViewPage, ViewRequest
from leadyard.storage import list_index as index_rows
from leadyard.storage import list_view as view_rows
from leadyard.storage.database import Tx

COUNTS_KEPT = 500
MAX_TARGETS = 500

_counts: OrderedDict[tuple[object, ...], ListCounts] = OrderedDict()


async def page_of_lists(tx: Tx, caller: Caller, request: IndexRequest, rules: Rules) -> IndexPage:
    """A page of the lists that the caller may know of."""
    return await index_rows.page_of_lists(tx, caller, request, rules.undo)


async def list_targets(tx: Tx, caller: Caller, lead_list: LeadList) -> list[LeadList]:
    """Lists that leads of a list can be moved to."""
    return await index_rows.list_targets(tx, caller, lead_list, MAX_TARGETS)


async def view_list(tx: Tx, lead_list: LeadList, request: ViewRequest) -> tuple[ViewPage, ListCounts]:
    """A page of a list that the caller may know of, and how many leads there are of each kind."""
    counts = await count_kinds(tx, lead_list)
    return await view_rows.view_page(tx, lead_list, request, counts), counts


async def count_kinds(tx: Tx, lead_list: LeadList) -> ListCounts:
    """How many leads of a list there are of each kind; kept for as long as nothing of the list moves."""
    stamp = (str(tx.conn.engine.url), lead_list.row_id, *list_stamp(lead_list))
    if stamp not in _counts:
        _counts[stamp] = await view_rows.count_kinds(tx, lead_list)
        if len(_counts) > COUNTS_KEPT:
            _counts.popitem(last=False)
    return _counts[stamp]


def list_stamp(lead_list: LeadList) -> tuple[object, ...]:
    """What changes whenever something of a list's leads does."""
    return (lead_list.updated_at, lead_list.revision, lead_list.progress, lead_list.status, lead_list.pause)
