"""Databases go about statements as they are meant: rows that are given come first, and look in an index."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.paying import crowd, everywhere, use
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.entries import NO_FINDINGS, EntryStatus, ProcessedEntry
from leadyard.domain.suppression import ExclusionKind
from leadyard.storage import leads as lead_rows
from leadyard.storage.dialects import sqlite

Plan = list[tuple[int, int, int, str]]
ONE_ROW = {"SCAN clock", "SCAN b"}
"""Loops that are gone through once: over what is told of the queue, and of who is kept out."""

LOOKED_AT = (
    "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS leads FROM pg_stat_xact_user_tables "
    "WHERE relname = :name"
)

LEADS = {"name": "lead_list_entries"}


def rereads(plan: Plan) -> bool:
    """Whether SQLite would go through the parameter within a loop over something else."""
    outer: set[int] = set()
    for _, parent, _, detail in plan:
        if detail.startswith(("SCAN json_each", "SCAN r")):
            if parent in outer:
                return True
        elif detail.startswith(("SCAN", "SEARCH")) and detail not in ONE_ROW:
            outer.add(parent)
    return False


async def test_parameter_is_never_read_again_for_each_row_of_a_table(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=2, knows=crowd(9))
    await use(bench, everywhere("paid"), paid)
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"out.example": "out.example"})
    async with statements_of(bench) as seen:
        made = await bench.create(linkedin_leads(*paid.knows, "nobody"), ALL_STEPS)
        await bench.finish(made)
        await bench.finish(await bench.create(linkedin_leads(*paid.knows), ALL_STEPS))
    plans = plans_of(bench, seen)
    assert sum("json_each(" in statement for statement in plans) > 5
    for statement, plan in plans.items():
        assert not rereads(plan), (statement, plan)


async def test_leads_are_looked_for_by_their_keys_not_among_all_of_their_list(bench: Workbench) -> None:
    leads = linkedin_leads(*(f"lead-{number}" for number in range(300)))
    made = await bench.create(leads)
    async with statements_of(bench) as seen:
        for part in (leads[:200], leads[:3], linkedin_leads(*(f"new-{number}" for number in range(200)))):
            await bench.add(made, part)
    plans = plans_of(bench, seen)
    assert any("lead_list_entries" in detail for plan in plans.values() for *_, detail in plan)
    for statement, plan in plans.items():
        assert not any(" USING PRIMARY KEY (list_id=?)" in detail for *_, detail in plan), (statement, plan)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_what_is_written_of_a_chunk_looks_at_no_other_leads_of_its_list(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(5_000))), ALL_STEPS)
    for chunk in (await bench.chunks(made))[:8]:
        async with bench.database.write() as tx:
            items, _ = await lead_rows.claim_entries(tx, made, chunk)
            before = (await tx.run(LOOKED_AT, LEADS)).rows[0].leads
            done = [ProcessedEntry(item.sequence, EntryStatus.DONE, NO_FINDINGS, 1, None) for item in items]
            assert len(await lead_rows.write_processed(tx, made, done)) == len(items) > 100
            assert (await tx.run(LOOKED_AT, LEADS)).rows[0].leads - before < 4 * len(items)
    await bench.cancel(made)


@asynccontextmanager
async def statements_of(bench: Workbench) -> AsyncIterator[set[str]]:
    """What is asked of SQLite by those who write, each with its values in it."""
    if not bench.database.is_sqlite:
        pytest.skip("PostgreSQL makes a table of a parameter, and knows how many rows there are")
    seen: set[str] = set()
    async with bench.database.write() as tx:
        driver = sqlite.driver_connection(tx.conn)
    await driver.set_trace_callback(seen.add)
    yield seen
    await driver.set_trace_callback(lambda _statement: None)


def plans_of(bench: Workbench, statements: set[str]) -> dict[str, Plan]:
    """How SQLite goes about these statements, those aside that have no plan."""
    connection = sqlite3.connect(str(bench.database.url.database))
    asked = [each for each in statements if each.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))]
    plans = {each: connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked}
    connection.close()
    return plans
