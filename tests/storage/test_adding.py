"""Many writers on one list: exactly as many leads as fit, each once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import event
from tests.support.postgres import ServerAddress
from tests.support.workbench import ALL_STEPS, Workbench

from leadyard.actions.leads import AddedLeads, add_leads
from leadyard.actions.rules import Rules
from leadyard.domain.capacity import Limits
from leadyard.domain.errors import Conflict
from leadyard.domain.lead_lists import LeadList, ListOptions
from leadyard.domain.leads import LeadDraft
from leadyard.storage.adding import FEW, lock_for_adding
from leadyard.storage.database import Database
from leadyard.storage.dialects import sqlite

WRITERS = 8


def drafts(keys: Sequence[int]) -> list[LeadDraft]:
    """Checked leads whose keys are these numbers."""
    return [
        LeadDraft(
            place,
            f"lead-{key}",
            msgspec.Raw(f'{{"linkedin_url":"linkedin.com/in/lead-{key}"}}'.encode()),
            False,
        )
        for place, key in enumerate(keys)
    ]


async def add_at_once(
    bench: Workbench, databases: Sequence[Database], made: LeadList, batches: Sequence[Sequence[int]]
) -> list[AddedLeads | Conflict]:
    """What each batch came to, all added at the same time."""

    async def add(database: Database, keys: Sequence[int]) -> AddedLeads | Conflict:
        try:
            async with database.write() as tx:
                return await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(keys))
        except Conflict as error:
            return error

    return await asyncio.gather(
        *(add(databases[place % len(databases)], keys) for place, keys in enumerate(batches))
    )


async def require_exact(bench: Workbench, made: LeadList, batches: Sequence[Sequence[int]]) -> int:
    """Requires as many leads as fit, each key once, numbered without gaps; returns how many."""
    expected = min(bench.rules.limits.leads_per_list, len({key for keys in batches for key in keys}))
    (counted,) = await bench.query(
        "SELECT count(*) AS entries, count(DISTINCT key) AS keys, min(sequence) AS first, "
        "max(sequence) AS last FROM lead_list_entries WHERE list_id = :id",
        id=made.row_id,
    )
    assert tuple(counted) == (expected, expected, 1, expected)
    (row,) = await bench.query("SELECT * FROM lead_lists WHERE id = :id", id=made.row_id)
    assert row.entry_count == row.last_sequence == row.queued == expected
    (additions,) = await bench.query(
        "SELECT sum(added) AS added FROM additions WHERE list_id = :id", id=made.row_id
    )
    assert additions.added == expected
    return expected


async def open_databases(bench: Workbench, stack: AsyncExitStack) -> list[Database]:
    """Several, as processes of their own would have; on SQLite there is one process."""
    if bench.database.is_sqlite:
        return [bench.database]
    databases = []
    for _ in range(4):
        database = Database(bench.installation.settings.url, bench.installation.dispatcher, bench.clock)
        stack.push_async_callback(database.close)
        databases.append(database)
    return databases


async def test_eight_writers_fill_a_list_of_60_000_exactly(bench: Workbench) -> None:
    made = await bench.create(options=ALL_STEPS)
    batches = [range(start * 9_000, start * 9_000 + 10_000) for start in range(WRITERS)]
    async with AsyncExitStack() as stack:
        databases = await open_databases(bench, stack)
        results = await add_at_once(bench, databases, made, batches)
    assert await require_exact(bench, made, batches) == 60_000
    for result in results:
        if isinstance(result, Conflict):
            assert result.faults[0].detail == "The maximum of 60,000 leads per list has been reached."
        else:
            assert result.total == 10_000
    chunks = await bench.chunks(made)
    covered = sorted(
        sequence for chunk in chunks for sequence in range(chunk.first_sequence, chunk.last_sequence + 1)
    )
    assert covered == list(range(1, 60_001))
    with pytest.raises(Conflict):
        await bench.add(made, [{"linkedin_url": "linkedin.com/in/one-more"}])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    capacity=st.integers(1, 40),
    batches=st.lists(
        st.lists(st.integers(0, 50), min_size=0, max_size=20), min_size=WRITERS, max_size=WRITERS
    ),
)
async def test_overlapping_writers_never_pass_the_cap(
    bench: Workbench, capacity: int, batches: list[list[int]]
) -> None:
    bench.rules = Rules(Limits(leads_per_list=capacity), bench.rules.prices)
    made = await bench.create(options=ListOptions(enrich=True))
    async with AsyncExitStack() as stack:
        databases = await open_databases(bench, stack)
        await add_at_once(bench, databases, made, batches)
    if any(batches):
        await require_exact(bench, made, batches)
    rows = await bench.query(
        "SELECT total, added, left_out FROM additions WHERE list_id = :id", id=made.row_id
    )
    assert all(row.total == row.added + row.left_out.count("[") - 1 for row in rows)


@pytest.mark.parametrize("known", [[], [5], [5, 995], [0], range(1_000)])
async def test_many_leads_are_told_from_those_of_the_list_whether_a_sample_has_them_or_not(
    bench: Workbench, known: Sequence[int]
) -> None:
    made = await bench.create(options=ALL_STEPS)
    batches = [[-1, *known], [*range(1_000), 7]]
    added = await add_at_once(bench, [bench.database], made, batches[:1])
    added += await add_at_once(bench, [bench.database], made, batches[1:])
    assert [each.added for each in added if isinstance(each, AddedLeads)] == [
        1 + len(known),
        1_000 - len(known),
    ]
    await require_exact(bench, made, batches)
    rows = await bench.query("SELECT left_out FROM additions WHERE list_id = :id ORDER BY id", id=made.row_id)
    told = {place: (outcome, earlier) for place, outcome, earlier in msgspec.json.decode(rows[-1].left_out)}
    assert told.pop(1_000) == ("duplicate_in_batch", 7)
    assert told == {key: ("duplicate_in_list", place + 2) for place, key in enumerate(known)}


@pytest.mark.parametrize(
    ("keys", "is_tried"), [(range(199, 1_199), False), (range(-999, 1), False), (range(200, 1_200), True)]
)
async def test_leads_are_not_stored_as_if_new_if_the_list_has_the_first_or_the_last(
    bench: Workbench, keys: range, *, is_tried: bool
) -> None:
    made = await bench.create(options=ALL_STEPS)
    tried: list[str | None] = []

    def note(_conn: object, name: str | None) -> None:
        tried.append(name)

    async with bench.database.write() as tx:
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(range(200)))
    engine = bench.database.writer.sync_engine
    event.listen(engine, "savepoint", note)
    async with bench.database.write() as tx:
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(keys))
    event.remove(engine, "savepoint", note)
    assert bool(tried) == is_tried
    await require_exact(bench, made, [range(200), keys])


async def test_lowered_limit_leaves_fuller_lists_as_they_are(bench: Workbench) -> None:
    made = await bench.create([{"linkedin_url": f"linkedin.com/in/lead-{n}"} for n in range(5)])
    bench.rules = replace(bench.rules, limits=Limits(leads_per_list=3))
    with pytest.raises(Conflict):
        await bench.add(made, [{"linkedin_url": "linkedin.com/in/one-more"}])
    assert (await bench.read(made)).progress.total == 5


async def count_statements(bench: Workbench, made: LeadList, keys: range) -> list[str]:
    """The statements that adding these leads takes, those under SQLAlchemy not included."""
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = bench.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with bench.database.write() as tx:
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(keys))
    event.remove(engine, "before_cursor_execute", note)
    return statements


async def test_number_of_statements_does_not_grow_with_the_leads(bench: Workbench) -> None:
    made = await bench.create(options=ALL_STEPS)
    few = await count_statements(bench, made, range(20))
    many = await count_statements(bench, made, range(10, 10_010))
    assert len(few) < 15
    # The insert goes past SQLAlchemy (see the next tests). An empty list has nothing to look up. In this one
    # a sample of many leads is looked up, and then all.
    assert len(many) <= len(few) + 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("count", "places"),
    [(60, [64]), (1_000, [1_024]), (1_025, [1_024, 32]), (2_503, [1_024, 1_024, 512])],
)
async def test_leads_get_into_sqlite_by_statements_of_few_sizes(
    bench: Workbench, count: int, places: list[int]
) -> None:
    made = await bench.create(options=ALL_STEPS)
    statements: list[str] = []
    async with bench.database.write() as tx:
        connection = sqlite.driver_connection(tx.conn)._conn
        connection.set_trace_callback(statements.append)
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(range(count)))
        connection.set_trace_callback(None)
    inserts = [text for text in statements if text.startswith("INSERT INTO lead_list_entries")]
    assert [len(re.findall(r"\(\d+, (?:'lead-|0)", text)) for text in inserts] == places
    await require_exact(bench, made, [range(count)])


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_long_leads_get_into_sqlite_by_one_statement(bench: Workbench) -> None:
    made = await bench.create()
    long = msgspec.Raw(b'{"note": "%s"}' % (b"x" * 2_000))
    leads = [msgspec.structs.replace(draft, raw=long) for draft in drafts(range(2_600))]
    statements: list[str] = []
    async with bench.database.write() as tx:
        connection = sqlite.driver_connection(tx.conn)._conn
        connection.set_trace_callback(statements.append)
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, leads)
        connection.set_trace_callback(None)
    assert len([text for text in statements if text.startswith("INSERT INTO lead_list_entries")]) == 1
    assert (await bench.read(made)).progress.total == 2_600


@pytest.mark.parametrize(("size", "go_along"), [(1_000, True), (2_000, False)])
async def test_few_leads_go_along_with_the_rest_unless_they_are_long(
    bench: Workbench, size: int, *, go_along: bool
) -> None:
    made = await bench.create()
    raw = msgspec.Raw(b'{"note": "%s"}' % (b"x" * size))
    leads = [replace(draft, raw=raw) for draft in drafts(range(FEW))]
    async with bench.database.write() as tx:
        standing = await lock_for_adding(tx, bench.caller, made.id, leads, bench.rules.prices)
    assert standing is not None
    assert (standing.existing == {}) == go_along
    for part in (leads[: FEW // 2], leads):
        async with bench.database.write() as tx:
            await add_leads(tx, bench.rules, bench.caller, made.id, made.type, part)
    await require_exact(bench, made, [range(FEW)])


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_leads_get_into_postgresql_by_one_copy(
    bench: Workbench, postgres_server: ServerAddress
) -> None:
    made = await bench.create(options=ALL_STEPS)
    await bench.add(made, [{"linkedin_url": "linkedin.com/in/first"}])
    await bench.write(f"ALTER DATABASE {bench.database.url.database} SET log_statement = 'all'")
    await bench.database.close()
    log = Path(postgres_server.folder) / "log"
    already = len(await asyncio.to_thread(log.read_text))
    async with bench.database.write() as tx:
        await add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts(range(5_000)))
    lines = (await asyncio.to_thread(log.read_text))[already:].splitlines()
    statements = [line for line in lines if "LOG:  statement:" in line or "LOG:  execute" in line]
    copies = [line for line in statements if "COPY lead_list_entries" in line]
    assert len(copies) == 1
    assert len(statements) < 25
