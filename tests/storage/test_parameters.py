"""Rows that are given in a parameter are read once a statement, not once for each row of a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event
from tests.support.paying import crowd, everywhere, use
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.suppression import ExclusionKind


def rereads(plan: Sequence[tuple[int, int, int, str]]) -> bool:
    """Whether SQLite would go through the parameter within a loop over something else."""
    outer: set[int] = set()
    for _, parent, _, detail in plan:
        if detail.startswith(("SCAN json_each", "SCAN r")):
            if parent in outer:
                return True
        elif detail.startswith(("SCAN", "SEARCH")):
            outer.add(parent)
    return False


async def test_parameter_is_never_read_again_for_each_row_of_a_table(bench: Workbench) -> None:
    if not bench.database.is_sqlite:
        pytest.skip("PostgreSQL makes a table of the parameter")
    seen: dict[str, Any] = {}

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "json_each(" in statement:
            seen[statement] = parameters

    engines = {bench.database.writer.sync_engine, bench.database._reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    paid = PaidStandIn("paid", batch_size=2, knows=crowd(9))
    await use(bench, everywhere("paid"), paid)
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"out.example": "out.example"})
    made = await bench.create(linkedin_leads(*paid.knows, "nobody"), ALL_STEPS)
    await bench.finish(made)
    await bench.finish(await bench.create(linkedin_leads(*paid.knows), ALL_STEPS))
    assert len(seen) > 5
    connection = sqlite3.connect(str(bench.database.url.database))
    for statement, parameters in seen.items():
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        assert not rereads(plan), (statement, plan)
    connection.close()
