"""Adding when the database holds 20,000,000 entries in 2,000 lists, in turn with an empty database."""

from __future__ import annotations

import statistics
import time

from benchmarks.filling import add_entries, add_lists, migrate
from benchmarks.leads import make_leads
from benchmarks.report import Line, at_most
from benchmarks.rig import Rig, Store

SUBJECT = "growing"
LIST_SIZE = 10_000


async def measure(rig: Rig) -> list[Line]:
    """Fills a database, unless one was kept, and adds to new lists of both."""
    entries = rig.options.count(rig.options.entries, 200_000)
    begin = time.monotonic()
    large = await _make_large(rig, entries)
    seconds = time.monotonic() - begin
    body = make_leads(50_000_000, rig.options.body_size, rig.options.data)
    small_times, large_times = [], []
    async with rig.serve(None, "--no-worker") as small, rig.serve(large, "--no-worker") as grown:
        for _ in range(rig.options.rounds(21) + 2):
            small_times.append(await small.add(await small.create_list(), body))
            large_times.append(await grown.add(await grown.create_list(), body))
    if rig.options.keep is None:
        rig.drop_database(large)
    before, after = statistics.median(small_times[2:]), statistics.median(large_times[2:])
    what = f"beside {entries:,} entries, over an empty database"
    return [
        rig.line(SUBJECT, "post of 10,000 to an empty database, p50", before * 1000, "ms"),
        rig.line(SUBJECT, what, after / before, "×", at_most(1.2)),
        rig.line(SUBJECT, "  making the large database took", seconds, "s"),
    ]


async def _make_large(rig: Rig, entries: int) -> Store:
    """The large database; one that was kept of the same size is used again."""
    store, is_new = rig.open_kept(f"large_{entries}")
    if is_new:
        await migrate(rig, store)
        lists = max(1, entries // LIST_SIZE)
        add_lists(store, lists, LIST_SIZE)
        add_entries(store, lists, LIST_SIZE)
        rig.mark_whole(store)
    return store
