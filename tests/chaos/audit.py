"""What must be true once everything has come to rest, whatever happened before."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import text
from tests.chaos.traffic import Record
from tests.chaos.world import World

from leadyard.app import Leadyard, build

T = TypeVar("T")

PAUSE_SECONDS = 0.5
MOST_TELLINGS = 2
"""A person is bought once, and once more for the phone number if the first answer was lost."""
STEPS = {"enrich": "person_found", "validate": "email_validated", "reveal": "phone_revealed"}


_GATES = "SELECT provider, failures, last_failure, closed_until, next_call_at, failed_at FROM provider_gates"


class Books:
    """The database of a world, read directly."""

    def __init__(self, installation: Leadyard) -> None:
        self._installation = installation

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """The rows of a statement."""
        async with self._installation.database.read() as tx:
            return list((await tx.conn.execute(text(statement), parameters)).all())


async def until_at_rest(world: World, seconds: float) -> list[str]:
    """Waits until every list has ended and no job is left, as long as leads end; what has not by then.

    So many seconds may pass without the end of a lead: how long all of them take depends on the machine.
    """
    jobs = "chunks" if world.form == "sqlite" else "procrastinate_jobs"
    statement = (
        "SELECT public_id, status FROM lead_lists WHERE status NOT IN ('completed', 'canceled') "
        f"UNION ALL SELECT 'jobs', CAST(count(*) AS text) FROM {jobs} HAVING count(*) > 0"
    )
    return await _with_books(world, lambda books: _wait_for_rest(books, statement, seconds))


async def _wait_for_rest(books: Books, statement: str, seconds: float) -> list[str]:
    unfinished, deadline = -1, 0.0
    while left := await books.rows(statement):
        now = time.monotonic()
        ((count,),) = await books.rows("SELECT coalesce(sum(queued + processing), 0) FROM lead_lists")
        if count != unfinished:
            unfinished, deadline = count, now + seconds
        elif now >= deadline:
            stuck = [
                f"{name} is {state} after {seconds:.0f} s without the end of a lead" for name, state in left
            ]
            return [*stuck, *(f"a gate is {tuple(row)}" for row in await books.rows(_GATES))]
        await asyncio.sleep(PAUSE_SECONDS)
    return []


async def _with_books(world: World, act: Callable[[Books], Awaitable[T]]) -> T:
    installation = build(world.settings)
    try:
        return await act(Books(installation))
    finally:
        await installation.database.close()


async def find_faults(world: World, record: Record) -> list[str]:
    """Everything that is wrong: with leads, charges, holds, and the provider's own count."""
    return await _with_books(world, lambda books: _find_faults(world, books, record))


async def _find_faults(world: World, books: Books, record: Record) -> list[str]:
    return [
        *await _lost_or_doubled(books, record),
        *await _wrong_charges(books),
        *await _wrong_balances(books),
        *await _wrong_counts(books),
        *await _wrong_purchases(world, books),
    ]


async def _lost_or_doubled(books: Books, record: Record) -> list[str]:
    rows = await books.rows(
        "SELECT l.public_id, e.key FROM lead_list_entries e JOIN lead_lists l ON l.id = e.list_id"
    )
    stored = Counter((row.public_id, row.key.rpartition("/")[2]) for row in rows)
    faults = [
        f"{slug} is {number} times in {list_id}" for (list_id, slug), number in stored.items() if number > 1
    ]
    for batch in record.batches:
        there = sum((batch.list_id, slug) in stored for slug in batch.slugs)
        if batch.is_acknowledged and there < len(batch.slugs):
            faults.append(f"{len(batch.slugs) - there} of {len(batch.slugs)} acknowledged leads are lost")
        if 0 < there < len(batch.slugs):
            faults.append(f"{there} of {len(batch.slugs)} leads of one request are stored")
    uploads = [slug for _, slug in stored if slug in record.never_sent]
    return [*faults, *(f"{slug} was stored, and its request was never sent whole" for slug in uploads)]


async def _wrong_charges(books: Books) -> list[str]:
    """Each step of each lead that found something is charged once, and nothing else is."""
    due: Counter[tuple[int, int, str]] = Counter()
    unsound = []
    for row in await books.rows("SELECT list_id, sequence, status, findings FROM lead_list_entries"):
        if row.status != "done":
            unsound.append(f"lead {row.sequence} of list {row.list_id} is {row.status}")
            continue
        findings = json.loads(row.findings)
        for step, reason in STEPS.items():
            if findings.get(step) == "found":
                due[row.list_id, row.sequence, reason] += 1
        if findings.get("enrich") == "found" and findings["person"].get("email"):
            due[row.list_id, row.sequence, "email_revealed"] += 1
    rows = await books.rows("SELECT list_id, sequence, reason FROM credit_entries WHERE amount < 0")
    taken = Counter((row.list_id, row.sequence, row.reason) for row in rows)
    missing, surplus = due - taken, taken - due
    return [
        *unsound,
        *(f"no charge for {reason} of lead {lead} in list {place}" for place, lead, reason in missing),
        *(
            f"a charge too many for {reason} of lead {lead} in list {place}"
            for place, lead, reason in surplus
        ),
    ]


async def _wrong_balances(books: Books) -> list[str]:
    rows = await books.rows(
        "SELECT b.workspace_id, b.kind, b.balance, b.held, (SELECT coalesce(sum(c.amount), 0) "
        "FROM credit_entries c WHERE c.workspace_id = b.workspace_id AND c.kind = b.kind) AS total "
        "FROM credit_balances b"
    )
    faults = [f"{row.held} of {row.kind} are still held" for row in rows if row.held]
    faults += [
        f"the {row.kind} balance is {row.balance}, not {row.total}"
        for row in rows
        if row.balance != row.total
    ]
    holds = await books.rows("SELECT id FROM additions WHERE email_held <> 0 OR phone_held <> 0")
    return [*faults, *(f"addition {row.id} still holds credits" for row in holds)]


async def _wrong_counts(books: Books) -> list[str]:
    rows = await books.rows(
        "SELECT l.public_id, l.entry_count, l.queued, l.processing, l.done, l.failed, "
        "(SELECT count(*) FROM lead_list_entries e WHERE e.list_id = l.id) AS entries FROM lead_lists l"
    )
    return [
        f"list {row.public_id} counts {tuple(row)[1:]}"
        for row in rows
        if (row.entry_count, row.queued, row.processing, row.done, row.failed)
        != (row.entries, 0, 0, row.entries, 0)
    ]


async def _wrong_purchases(world: World, books: Books) -> list[str]:
    """What the provider sold is what the ledger says, or at most what it says is lost."""
    rows = await books.rows("SELECT state, sum(cost) AS cost FROM provider_calls GROUP BY state")
    costs = {row.state: int(row.cost or 0) for row in rows}
    sold, settled, lost = round(world.vendor.sold * 1000), costs.get("settled", 0), costs.get("lost", 0)
    faults = [f"calls are {state}" for state in costs.keys() - {"settled", "lost", "failed"}]
    if not settled <= sold <= settled + lost:
        faults.append(f"{sold} were sold; the ledger has {settled} settled and {lost} lost")
    tellings = Counter(world.vendor.tellings)
    too_often = {slug: times for slug, times in tellings.items() if times > MOST_TELLINGS}
    return [*faults, *(f"{slug} was bought {times} times" for slug, times in too_often.items())]
