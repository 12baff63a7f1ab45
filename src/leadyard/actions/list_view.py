"""Looking at lists and their leads, page by page."""

from __future__ import annotations

from collections import OrderedDict

from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.leads import other_members
from leadyard.domain.list_index import IndexPage, IndexRequest
from leadyard.domain.list_view import ListCounts, ViewPage, ViewRequest
from leadyard.storage import leads as lead_rows
from leadyard.storage import list_index as index_rows
from leadyard.storage import list_view as view_rows
from leadyard.storage.database import Tx

COUNTS_KEPT = 500
MAX_TARGETS = 500
SAMPLED_LEADS = 100
MAX_SENT_NAMES = 50

_counts: OrderedDict[tuple[str, int, str], ListCounts] = OrderedDict()


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
    stamp = (str(tx.conn.engine.url), lead_list.row_id, list_stamp(lead_list))
    if stamp not in _counts:
        _counts[stamp] = await view_rows.count_kinds(tx, lead_list)
        if len(_counts) > COUNTS_KEPT:
            _counts.popitem(last=False)
    return _counts[stamp]


def list_stamp(lead_list: LeadList) -> str:
    """What changes whenever something of a list, or of its leads, does."""
    progress = lead_list.progress
    counters = (progress.total, progress.queued, progress.processing, progress.done, progress.failed)
    moment = int(lead_list.updated_at.timestamp() * 1000)
    paused = lead_list.pause is not None
    return ".".join(map(str, (moment, lead_list.revision, *counters, lead_list.status.value, int(paused))))


async def list_sent_names(tx: Tx, lead_list: LeadList) -> list[str]:
    """The names of what was sent besides, as far as the first leads tell."""
    entries = await lead_rows.list_some_entries(tx, lead_list.row_id, set(range(1, SAMPLED_LEADS + 1)))
    names = (name for entry in entries.values() for name in other_members(entry.raw))
    return list(dict.fromkeys(names))[:MAX_SENT_NAMES]
