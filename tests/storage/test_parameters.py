"""Databases go about statements as they are meant: rows that are given come first, and look in an index."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from tests.support.paying import crowd, everywhere, use
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import ALL_STEPS, Workbench, drafts_of, linkedin_leads

from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.additions import HoldSettlement
from leadyard.domain.credits import NOTHING, Cost
from leadyard.domain.entries import NO_FINDINGS, EntryStatus, ProcessedEntry
from leadyard.domain.lead_lists import Chunk, entry_id
from leadyard.domain.pages import PageRequest
from leadyard.domain.suppression import ExclusionKind
from leadyard.storage import leads as lead_rows
from leadyard.storage.adding import lock_for_adding
from leadyard.storage.additions import settle_holds
from leadyard.storage.claiming import lock_for_work
from leadyard.storage.database import Tx
from leadyard.storage.dialects import sqlite
from leadyard.storage.leads import find_list_with_page
from leadyard.storage.traces import read_entries

Plan = list[tuple[int, int, int, str]]
ONE_ROW = {"SCAN clock", "SCAN b"}
"""Loops that are gone through once: over what is told of the queue, and of who is kept out."""

LOOKED_AT = (
    "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS rows FROM pg_stat_xact_user_tables "
    "WHERE relname = :name"
)


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
            before = await count_looks(tx, "lead_list_entries")
            done = [ProcessedEntry(item.sequence, EntryStatus.DONE, NO_FINDINGS, 1, None) for item in items]
            assert len(await lead_rows.write_processed(tx, made, done)) == len(items) > 100
            assert await count_looks(tx, "lead_list_entries") - before < 4 * len(items)
    await bench.cancel(made)


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("place", [0, 2_500, 4_990])
async def test_page_looks_at_no_other_leads_of_its_list(bench: Workbench, place: int) -> None:
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(5_000))))
    after = entry_id(made.id, place) if place else None
    before = await count_all_looks(bench, "lead_list_entries")
    found = await find_list_with_page(bench.database, made.workspace_id, made.id, PageRequest(100, after))
    assert found is not None
    assert found[1] is not None
    assert [each.sequence for each in found[1].items] == list(range(place + 1, min(place + 100, 5_000) + 1))
    assert 0 < await count_all_looks(bench, "lead_list_entries") - before <= 101


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_few_leads_are_found_without_the_others_of_their_list(bench: Workbench) -> None:
    leads = linkedin_leads(*(f"lead-{number}" for number in range(5_000)))
    made = await bench.read(await bench.create(leads))
    few = drafts_of(made.type, [*leads[1_000:1_050], *linkedin_leads("new")])
    places = set(range(1_001, 1_051))
    async with bench.database.read() as tx:
        assert set((await lead_rows.find_existing(tx, made, few)).values()) == places
        looked_up = await count_looks(tx, "lead_list_entries")
        assert (await lead_rows.list_some_entries(tx, made.row_id, places)).keys() == places
        shown = await count_looks(tx, "lead_list_entries") - looked_up
        assert {lead.sequence for lead in await read_entries(tx, made.row_id, 1_000, 1_050)} == places
        read = await count_looks(tx, "lead_list_entries") - shown - looked_up
    assert (looked_up, shown, read) == (50, 50, 50)


async def count_all_looks(bench: Workbench, table: str) -> int:
    """How many rows of a table have been looked at, by the one connection that has been used."""
    await bench.query("SELECT pg_stat_force_next_flush()")
    looked_at = LOOKED_AT.replace("pg_stat_xact_user_tables", "pg_stat_user_tables")
    (row,) = await bench.query(looked_at, name=table)
    return int(row.rows)


async def count_looks(tx: Tx, table: str) -> int:
    """How many rows of a table this connection has looked at, of late."""
    return int((await tx.run(LOOKED_AT, {"name": table})).rows[0].rows)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_chunk_of_many_additions_looks_at_no_other_additions_of_its_list(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"), ALL_STEPS)
    row = "a.key_id, a.user_id, 1, {0}, 1, '[]', true, true, true, a.prices, 10, 10, 0, true"
    await bench.write(
        "INSERT INTO additions (public_id, list_id, key_id, user_id, total, first_sequence, added, left_out, "
        "enrich, validate_email, reveal_phone_numbers, prices, email_held, phone_held, created_at, "
        "reveal_email) "
        f"SELECT 'a-' || n, a.list_id, {row.format('n')} FROM additions a, generate_series(2, 5000) AS n"
    )
    (last,) = await bench.query("SELECT max(id) AS id FROM additions")
    async with bench.database.write() as tx:
        chunk = Chunk(made.row_id, last.id - 249, 4_751, 5_000)
        before = await count_looks(tx, "additions")
        _, terms = await lock_for_work(tx, chunk)
        assert len(terms.additions) == 250
        assert await count_looks(tx, "additions") - before < 4 * 250
        settlements = {row_id: HoldSettlement(Cost(1, 1), NOTHING) for _, row_id in terms.additions}
        before = await count_looks(tx, "additions")
        assert await settle_holds(tx, settlements) == Cost(250, 250)
        assert await count_looks(tx, "additions") - before < 4 * 250


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_open_job_is_found_among_many_of_its_list(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"), ALL_STEPS)
    (chunk,) = await bench.chunks(made)
    async with bench.database.write() as tx:
        waiting = [replace(chunk, last_sequence=number) for number in range(2, 2_000)]
        await tx.queue.drop(tx, made.row_id)
        await tx.queue.enqueue(tx, [*waiting, chunk], pending=0)
    async with bench.database.write() as tx:
        caller, rules = bench.caller, bench.rules
        drafts = drafts_of(made.type, linkedin_leads("ben"))
        before = await count_looks(tx, "procrastinate_jobs")
        standing = await lock_for_adding(tx, caller, made.id, drafts, rules.prices)
        assert standing is not None
        assert standing.open_job is not None
        assert await count_looks(tx, "procrastinate_jobs") - before < 10
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
