"""Statements that insert leads into SQLite: many rows each, and turns for others while they are made."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from leadyard.domain.leads import LeadDraft, UnusableLead
from leadyard.storage.dialects.sqlite_connection import connect
from leadyard.storage.dialects.sqlite_entries import insert_statements

LONGER_THAN_USUAL = 0.11
MANY = 100_000
COUNTING = f"n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
"""What takes SQLite some hundredths of a second."""


def make_parts(size: int, *counts: int, seconds: float = 0.0) -> Iterator[Sequence[LeadDraft]]:
    """Parts of so many drafts, each of which takes so long to be made."""
    place = 0
    for count in counts:
        time.sleep(seconds)
        raw = msgspec.Raw(b'"%b"' % (b"x" * size))
        yield [LeadDraft(at, f"key {at}", raw, False) for at in range(place, place + count)]
        place += count


def may_choose_processors() -> bool:
    """Whether this is Linux, in no sandbox that forbids it."""
    if sys.platform != "linux":
        return False
    try:
        os.sched_setaffinity(0, os.sched_getaffinity(0))
    except OSError:
        return False
    return True


def read_statement(values: Sequence[Any]) -> tuple[int, list[str]]:
    """The sequence before the first row, and the keys."""
    count = values[-1]
    return values[1], list(values[2 : 2 + 2 * count : 2])


@pytest.mark.parametrize("size", [10, 3_000])
def test_drafts_that_take_long_leave_turns_to_others_and_are_all_there(size: int) -> None:
    made = list(insert_statements(7, 1, make_parts(size, 2, 2, 2, seconds=LONGER_THAN_USUAL)))
    turns = [each for each in made if each is None]
    statements = [each for each in made if each is not None]
    assert len(turns) == 3
    assert [read_statement(values) for _, values in statements] == [(1, [f"key {at}" for at in range(6)])]


def test_short_leads_are_in_statements_of_a_thousand_and_long_ones_in_one() -> None:
    counts = (500, 500, 500, 200)
    short = [made for made in insert_statements(7, 1, make_parts(10, *counts)) if made]
    long = [made for made in insert_statements(7, 1, make_parts(3_000, *counts)) if made]
    assert [(values[1], values[-1]) for _, values in short] == [(1, 1_000), (1_001, 700)]
    assert [(values[1], values[-1]) for _, values in long] == [(1, 1_700)]


async def test_others_have_a_turn_before_a_statement_that_takes_long_to_make() -> None:
    others = asyncio.Event()

    def make() -> Iterator[tuple[str, Sequence[Any]] | None]:
        asyncio.get_running_loop().call_soon(others.set)
        yield None
        yield "SELECT ?", (others.is_set(),)

    connection = connect(":memory:")
    async with connection:
        assert await connection.execute_as_made(make()) == [[(True,)]]


async def test_next_statement_is_in_line_before_one_is_over() -> None:
    connection = connect(":memory:")

    def await_next() -> bool:
        end = time.monotonic() + 5
        while connection._tx.empty() and time.monotonic() < end:
            time.sleep(0.001)
        return not connection._tx.empty()

    async with connection:
        await connection.create_function("await_next", 0, await_next)
        statements = [("SELECT await_next()", ()), ("SELECT 2", ())]
        assert await connection.execute_as_made(statements) == [[(True,)], [(2,)]]


async def test_a_statement_in_line_behind_one_that_fails_is_not_run() -> None:
    def make() -> Iterator[tuple[str, Sequence[Any]]]:
        yield "INSERT INTO numbers VALUES (?)", (1,)
        yield "INSERT OR ROLLBACK INTO numbers VALUES (?)", (1,)
        yield "INSERT INTO numbers VALUES (?)", (2,)
        pytest.fail("no more is made after an error")

    connection = connect(":memory:", isolation_level=None)
    async with connection:
        await connection.execute_fetchall("CREATE TABLE numbers (number PRIMARY KEY)")
        connection.begin_with_next("BEGIN")
        with pytest.raises(sqlite3.IntegrityError):
            await connection.execute_as_made(make())
        assert list(await connection.execute_fetchall("SELECT number FROM numbers")) == []


async def test_what_was_made_is_run_before_what_making_the_next_raises() -> None:
    def make() -> Iterator[tuple[str, Sequence[Any]]]:
        for number in range(3):
            yield f"WITH RECURSIVE {COUNTING} INSERT INTO numbers SELECT max(i) + ? FROM n", (number,)
        raise UnusableLead

    connection = connect(":memory:", isolation_level=None)
    async with connection:
        await connection.execute_fetchall("CREATE TABLE numbers (number)")
        with pytest.raises(UnusableLead):
            await connection.execute_as_made(make())
        assert connection._done == connection._asked
        rows = await connection.execute_fetchall("SELECT number FROM numbers")
        assert list(rows) == [(MANY,), (MANY + 1,), (MANY + 2,)]


@pytest.mark.skipif(not may_choose_processors(), reason="the processors of a thread cannot be chosen here")
async def test_statements_run_on_another_processor_than_what_makes_them() -> None:
    connection = connect(":memory:")
    async with connection:
        thread = connection._thread.native_id
        assert thread is not None
        allowed = os.sched_getaffinity(0)
        meanwhile: list[set[int]] = []

        def make() -> Iterator[tuple[str, Sequence[Any]]]:
            meanwhile.append(os.sched_getaffinity(thread))
            yield "SELECT ?", (1,)

        assert await connection.execute_as_made(make()) == [[(1,)]]
        assert len(meanwhile[0]) == max(1, len(allowed) - 1)
        assert os.sched_getaffinity(thread) == allowed
