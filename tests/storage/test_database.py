"""Transactions, and what is told of a database that cannot be reached."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from os.path import getsize
from pathlib import Path
from random import Random

import msgspec
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs
from tests.support.installation import make_settings
from tests.support.outage import make_impatient, nothing_can_be_written, until_threads_have_answered
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.app import build
from leadyard.domain.drafting import parts_of
from leadyard.domain.errors import DatabaseAway, DatabaseTooSlow
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.leads import LeadDraft
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects import postgresql_connections, sqlite
from leadyard.storage.dialects.results import Statement
from leadyard.storage.leads import insert_leads

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
GUIDES = Path(__file__).parents[2] / "docs" / "how-to"


def kill_connections(bench: Workbench) -> None:
    """Ends every connection to the bench's database, as its restart would."""
    url = bench.database.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def count_lists(bench: Workbench) -> int:
    (row,) = await bench.query("SELECT count(*) AS lists FROM lead_lists")
    return int(row.lists)


async def test_database_that_cannot_be_reached_is_away(database_kind: str, tmp_path: Path) -> None:
    nowhere = {
        "sqlite": f"sqlite:///{tmp_path}/missing/leadyard.db",
        "postgresql": f"postgresql://leadyard@/leadyard?host={tmp_path}",
    }
    database = build(make_settings(tmp_path, nowhere[database_kind])).database
    with pytest.raises(DatabaseAway):
        async with database.read():
            pass
    with pytest.raises(DatabaseAway):
        async with database.write():
            pass
    await database.close()
    await until_threads_have_answered()


async def test_statement_at_fault_is_no_outage(bench: Workbench) -> None:
    for wrong in ("SELECT nothing FROM nowhere", "SELEC 1", "INSERT INTO accounts (name) VALUES ('x')"):
        with pytest.raises(DBAPIError):
            await bench.write(wrong)
    assert await count_lists(bench) == 0


async def test_lock_that_is_not_given_in_time_is_an_outage(bench: Workbench) -> None:
    await make_impatient(bench)
    made = await bench.create()
    with nothing_can_be_written(bench):
        with capture_logs() as logs, pytest.raises(DatabaseTooSlow):
            await bench.add(made, linkedin_leads("a"))
        assert [line["event"] for line in logs] == ["database_too_slow"]
        assert await count_lists(bench) == 1
    assert (await bench.add(made, linkedin_leads("a"))).added == 1


async def _say_one(tx: Tx) -> None:
    await tx.conn.execute(text("SELECT 1"))


async def _say_two(tx: Tx) -> None:
    await tx.run_each([("SELECT 1", {}), ("SELECT 2", {})])


async def _find_keys(tx: Tx) -> None:
    await tx.dialect.find_sequences(tx.conn, 1, [["a"]])


async def _insert_nothing(tx: Tx) -> None:
    await tx.dialect.insert_entries(tx.conn, 1, 1, [])


async def _enqueue(tx: Tx) -> None:
    await tx.queue.enqueue(tx, [Chunk(1, 1, 1, 1)], pending=0)


async def _only_commit(tx: Tx) -> None:
    pass


@ON_POSTGRESQL
@pytest.mark.parametrize("act", [_say_one, _say_two, _find_keys, _insert_nothing, _enqueue, _only_commit])
async def test_connection_lost_in_a_transaction_is_an_outage_and_the_next_one_works(
    bench: Workbench, act: Callable[[Tx], Awaitable[None]]
) -> None:
    told: list[bool] = []

    async def lose_connection() -> None:
        async with bench.database.write() as tx:
            tx.after_commit.append(lambda: told.append(True))
            await tx.conn.execute(text("UPDATE lead_lists SET name = 'x'"))
            kill_connections(bench)
            await act(tx)

    with pytest.raises(DatabaseAway) as caught:
        await lose_connection()
    assert not isinstance(caught.value, DatabaseTooSlow)
    assert told == []
    assert await count_lists(bench) == 0


@ON_POSTGRESQL
async def test_connection_that_has_rested_is_tried_before_it_is_used(bench: Workbench) -> None:
    assert await count_lists(bench) == 0
    kill_connections(bench)
    await asyncio.sleep(postgresql_connections.FRESH_SECONDS + 0.05)
    assert await count_lists(bench) == 0


async def test_statements_may_commit_along_with_the_last(bench: Workbench) -> None:
    await bench.create()
    rename = "UPDATE lead_lists SET name = :name"
    async with bench.database.write() as tx:
        await tx.run(rename, {"name": "first"})
        (changed,) = await tx.run_last([(rename, {"name": "second"})])
        assert changed.affected == 1
        (row,) = await bench.query("SELECT name FROM lead_lists")
        assert row.name == "second"
    await bench.create()
    assert await count_lists(bench) == 2


COUNT: Statement = ("SELECT count(*) AS lists FROM lead_lists", {})


async def test_what_is_read_at_once_sees_one_state_and_changes_nothing(bench: Workbench) -> None:
    await bench.create()
    counted, found = await bench.database.read_at_once(
        [COUNT, ("SELECT name FROM lead_lists WHERE id > :id", {"id": 0})]
    )
    assert [tuple(row) for row in counted.rows] == [(1,)]
    assert len(found.rows) == 1
    if not bench.database.is_sqlite:
        names = ("transaction_isolation", "transaction_read_only")
        settings = ", ".join(f"current_setting('{name}') AS {name}" for name in names)
        (state,) = await bench.database.read_at_once([(f"SELECT {settings}", {})])
        assert tuple(state.rows[0]) == ("repeatable read", "on")


async def test_connection_is_fit_for_the_next_after_reading_that_failed_or_was_canceled(
    bench: Workbench,
) -> None:
    long = "SELECT pg_sleep(60)"
    if bench.database.is_sqlite:
        long = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
            "SELECT count(*) FROM n"
        )
    for _ in range(5):
        with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
            await bench.database.read_at_once([COUNT, ("SELECT 1 FROM nowhere", {})])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bench.database.read_at_once([COUNT, (long, {})])
    for _ in range(5):
        (counted,) = await bench.database.read_at_once([COUNT])
        assert counted.rows[0].lists == 0
        assert await count_lists(bench) == 0


@ON_POSTGRESQL
async def test_connection_that_is_lost_while_it_is_read_at_once_is_an_outage(bench: Workbench) -> None:
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(DatabaseAway) as caught:
        await bench.database.read_at_once([(kill, {}), COUNT])
    assert not isinstance(caught.value, DatabaseTooSlow)
    (counted,) = await bench.database.read_at_once([COUNT])
    assert counted.rows[0].lists == 0


@ON_POSTGRESQL
async def test_server_is_told_to_notice_machines_that_are_gone(bench: Workbench) -> None:
    rows = await bench.query(
        "SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE 'tcp_%' ORDER BY name"
    )
    names = ("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout")
    assert tuple(row.name for row in rows) == names


@ON_POSTGRESQL
async def test_connections_to_a_server_that_only_reads_are_not_used_again(bench: Workbench) -> None:
    made = await bench.create()
    name = bench.database.url.database
    await bench.write(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await bench.database.close()
    for change in (bench.create(), bench.add(made, linkedin_leads("a"))):
        with pytest.raises(DatabaseAway):
            await change
    conninfo = bench.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True, options="-c default_transaction_read_only=off") as server:
        server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
    assert (await bench.add(made, linkedin_leads("a"))).added == 1
    assert await count_lists(bench) == 1


async def test_statements_that_are_sent_together_tell_what_each_came_to(bench: Workbench) -> None:
    await bench.create()
    rename = "UPDATE lead_lists SET name = :name WHERE id = :id"
    async with bench.database.write() as tx:
        changed, found, missed = await tx.run_each(
            [
                (rename, {"id": 1, "name": "new"}),
                ("SELECT id AS row_id, name FROM lead_lists", {}),
                (rename, {"id": 2, "name": "new"}),
            ]
        )
    assert [(row.row_id, row.name) for row in found.rows] == [(1, "new")]
    assert (changed.affected, len(changed.rows), missed.affected) == (1, 0, 0)


async def test_none_of_some_statements_is_done_if_one_is_at_fault(bench: Workbench) -> None:
    await bench.create()
    rename: Statement = ("UPDATE lead_lists SET name = 'changed'", {})
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        async with bench.database.write() as tx:
            await tx.run_each([rename, ("SELECT nothing FROM nowhere", {}), rename])
    assert await bench.query("SELECT 1 FROM lead_lists WHERE name = 'changed'") == []


@ON_SQLITE
async def test_transaction_that_is_canceled_while_it_runs_a_statement_is_rolled_back(
    bench: Workbench,
) -> None:
    await bench.create()
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
    slow = f"{counting} SELECT max(i) FROM n"

    async def rename() -> None:
        async with bench.database.write() as tx:
            await tx.run_each([("UPDATE lead_lists SET name = 'changed'", {}), (slow, {})])

    task = asyncio.create_task(rename())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.write("UPDATE lead_lists SET visible = false")
    (row,) = await bench.query("SELECT name, visible FROM lead_lists")
    assert (row.name == "changed", row.visible) == (False, 0)


def drafts_of(count: int) -> list[LeadDraft]:
    return [LeadDraft(at, f"key-{at}", msgspec.Raw(b"{}"), False) for at in range(count)]


@pytest.mark.parametrize("turns", range(8))
async def test_leads_are_not_stored_that_were_canceled_while_the_next_were_made(
    bench: Workbench, turns: int
) -> None:
    made = await bench.create()

    async def store() -> None:
        async with bench.database.write() as tx:
            await insert_leads(tx, made, parts_of(drafts_of(4_000)))

    task = asyncio.create_task(store())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    # psycopg gives a connection up that was about to COPY.
    with pytest.raises((asyncio.CancelledError, DatabaseAway)):
        await task
    await bench.write("UPDATE lead_lists SET name = 'next'")
    assert await bench.entries(made) == []


@pytest.mark.parametrize("length", [2, 3_000], ids=["short", "long"])
async def test_leads_are_stored_in_order_however_they_come(bench: Workbench, length: int) -> None:
    made = await bench.create()
    lead = json.dumps({"note": "x" * length}).encode()
    sizes = [1, 0, 499, 500, 500, 0, 30, 0, 0]
    drafts = [LeadDraft(at, f"key-{at}", msgspec.Raw(lead), False) for at in range(sum(sizes))]
    coming = iter(drafts)
    async with bench.database.write() as tx:
        await insert_leads(tx, made, (list(islice(coming, size)) for size in sizes))
    rows = await bench.query("SELECT sequence, key, lead FROM lead_list_entries ORDER BY sequence")
    assert [tuple(row) for row in rows] == [
        (at, draft.key, lead.decode()) for at, draft in enumerate(drafts, 1)
    ]


async def test_leads_of_which_the_next_cannot_be_made_are_not_stored(bench: Workbench) -> None:
    made = await bench.create()

    def make() -> Iterator[Sequence[LeadDraft]]:
        yield drafts_of(500)
        raise ZeroDivisionError

    async def store() -> None:
        async with bench.database.write() as tx:
            await insert_leads(tx, made, make())

    with pytest.raises(ZeroDivisionError):
        await store()
    assert await bench.entries(made) == []
    await bench.add(made, linkedin_leads("next"))
    assert len(await bench.entries(made)) == 1


async def test_transaction_that_raises_leaves_nothing(bench: Workbench) -> None:
    told: list[bool] = []

    async def change_and_raise() -> None:
        async with bench.database.write() as tx:
            tx.after_commit.append(lambda: told.append(True))
            await tx.conn.execute(text("UPDATE accounts SET name = 'changed'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_raise()
    assert told == []
    rows = await bench.query("SELECT count(*) AS changed FROM accounts WHERE name = 'changed'")
    assert rows[0].changed == 0


async def test_what_waits_for_the_commit_is_called_after_it(bench: Workbench) -> None:
    seen: list[int] = []
    async with bench.database.write() as tx:
        tx.after_commit.append(lambda: seen.append(1))
        await tx.conn.execute(text("UPDATE accounts SET name = 'changed'"))
        assert seen == []
    assert seen == [1]


async def test_reader_sees_one_state_beside_a_writer(bench: Workbench) -> None:
    async with bench.database.read() as tx:
        statement = text("SELECT count(*) FROM lead_lists")
        before = (await tx.conn.execute(statement)).scalar_one()
        await bench.create(linkedin_leads("a"))
        assert (await tx.conn.execute(statement)).scalar_one() == before
    assert await count_lists(bench) == before + 1


async def test_writer_that_is_canceled_does_not_stop_the_next(bench: Workbench) -> None:
    await bench.create()
    async with bench.database.write() as tx:
        await tx.conn.execute(text("UPDATE lead_lists SET name = 'held'"))
        waiting = asyncio.create_task(bench.write("UPDATE lead_lists SET name = 'waited'"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await bench.write("UPDATE lead_lists SET name = 'next'")
    assert [row.name for row in await bench.query("SELECT name FROM lead_lists")] == ["next"]


async def left_in_log(database: Database) -> int:
    """Pages of the write-ahead log that a checkpoint leaves in it."""
    async with database.read() as tx:
        return await sqlite.checkpoint(tx.conn)


@ON_SQLITE
async def test_full_disk_is_an_outage_that_leaves_nothing_half_done(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("a"))
    async with bench.database.write() as tx:
        pages = (await tx.conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(DatabaseAway):
        await bench.add(made, linkedin_leads(*(f"lead-{number}" for number in range(2_000))))
    assert (await bench.read(made)).progress.total == len(await bench.entries(made)) == 1
    await bench.write("PRAGMA max_page_count = 1000000")
    assert (await bench.add(made, linkedin_leads("b"))).added == 1


@ON_SQLITE
async def test_checkpoint_moves_the_log_into_the_file(bench: Workbench) -> None:
    await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(500))))
    path = bench.database.url.database or ""
    before = await asyncio.to_thread(getsize, path)
    await bench.database.checkpoint()
    assert await asyncio.to_thread(getsize, path) > before
    assert await left_in_log(bench.database) == 0


@ON_SQLITE
async def test_checkpoint_waits_for_no_reader_and_no_writer(bench: Workbench) -> None:
    await bench.create(linkedin_leads("a"))
    async with bench.database.read() as reader:
        await reader.conn.execute(text("SELECT count(*) FROM lead_lists"))
        async with bench.database.write() as tx:
            await tx.conn.execute(text("UPDATE lead_lists SET name = 'changed'"))
            async with asyncio.timeout(2):
                await bench.database.checkpoint()
        assert await left_in_log(bench.database) > 0
    assert await left_in_log(bench.database) == 0


@ON_SQLITE
async def test_checkpoint_leaves_its_connection_as_it_was(bench: Workbench) -> None:
    for _ in range(8):
        await bench.database.checkpoint()
    for _ in range(8):
        async with bench.database.read() as tx:
            await tx.conn.execute(text("SELECT 1"))
            raw = await tx.conn.get_raw_connection()
            assert raw.dbapi_connection is not None
            assert raw.dbapi_connection.isolation_level is None
            assert raw.driver_connection is not None
            assert raw.driver_connection.in_transaction


@ON_SQLITE
async def test_file_is_durable_and_has_large_pages(bench: Workbench) -> None:
    async with bench.database.write() as tx:
        values = {
            name: (await tx.conn.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "page_size", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "page_size": 16_384, "foreign_keys": 1}


async def room_taken(bench: Workbench) -> int:
    """Bytes of the entries, or of everything where they have no file of their own."""
    by_kind = {
        "sqlite": "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_total_relation_size('lead_list_entries') AS bytes",
    }
    (row,) = await bench.query(by_kind["sqlite" if bench.database.is_sqlite else "postgresql"])
    return int(row.bytes)


@pytest.mark.parametrize("size", [1_000, 2_100, 3_300, 5_000, 7_000])
async def test_wide_leads_take_little_more_room_than_their_bytes(bench: Workbench, size: int) -> None:
    before = await room_taken(bench)
    digits = Random(1).randbytes(size // 2 * 1_000).hex()
    leads = linkedin_leads(*(f"lead-{place}" for place in range(1_000)))
    for place, lead in enumerate(leads):
        lead["notes"] = digits[place * size :][:size]
    await bench.create(leads)
    assert await room_taken(bench) - before < 1.5 * len(digits)


@ON_SQLITE
async def test_file_with_small_pages_gets_large_ones_as_the_guide_says(bench: Workbench) -> None:
    await bench.create(linkedin_leads("a", "b"))
    path = bench.database.url.database
    assert path is not None
    await bench.database.close()
    (guide,) = re.findall(r'sqlite3 leadyard\.db "(.*)"', (GUIDES / "run-in-production.md").read_text())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for size, statements in ((4_096, guide.replace("16384", "4096")), (sqlite.PAGE_BYTES, guide)):
            for statement in statements.split(";"):
                connection.execute(statement)
            assert connection.execute("PRAGMA page_size").fetchone() == (size,)
    (row,) = await bench.query("SELECT count(*) AS entries FROM lead_list_entries")
    assert row.entries == 2


@ON_POSTGRESQL
async def test_long_texts_are_compressed_by_lz4(bench: Workbench) -> None:
    rows = await bench.query(
        "SELECT attrelid::regclass || '.' || attname AS name FROM pg_attribute "
        "WHERE attcompression = 'l' AND attnum > 0 ORDER BY name"
    )
    assert [row.name for row in rows if not row.name.startswith("pg_toast")] == [
        "additions.left_out",
        "directory_people.person",
        "lead_list_entries.findings",
        "lead_list_entries.lead",
        "provider_answers.answer",
    ]


@pytest.mark.parametrize("count", [1, 3, 4, 300])
async def test_statement_over_rows_sees_each_row_once(bench: Workbench, count: int) -> None:
    rows = [(place, f'row {place}\'s "text"', None if place % 2 else 0.5) for place in range(count)]
    columns = {"place": "integer", "name": "text", "share": "double precision"}
    statement = "SELECT r.place + :more, r.name, r.share, :more FROM r ORDER BY r.name = :name"
    async with bench.database.read() as tx:
        found = await tx.dialect.run_with_rows(tx.conn, statement, columns, rows, {"more": 7, "name": ""})
    assert sorted(map(tuple, found)) == [(place + 7, name, share, 7) for place, name, share in rows]


async def test_statement_over_rows_may_return_nothing(bench: Workbench) -> None:
    async with bench.database.write() as tx:
        values = {"none": "nobody"}
        statement = "UPDATE accounts SET name = r.name FROM r WHERE accounts.name = :none"
        assert not await tx.dialect.run_with_rows(tx.conn, statement, {"name": "text"}, [("x",)], values)
