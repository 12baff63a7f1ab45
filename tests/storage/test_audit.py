"""The audit log can be added to, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.support.workbench import Workbench

from leadyard.actions import lead_lists as list_actions


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'list.created'",
        "UPDATE audit_entries SET detail = '{}' WHERE id = (SELECT min(id) FROM audit_entries)",
        "DELETE FROM audit_entries",
    ],
)
async def test_database_refuses_to_change_or_delete_an_entry(bench: Workbench, statement: str) -> None:
    before = await bench.query("SELECT * FROM audit_entries")
    assert before
    with pytest.raises(DBAPIError, match="audit entries cannot be changed"):
        await bench.write(statement)
    assert await bench.query("SELECT * FROM audit_entries") == before


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_postgresql_refuses_to_empty_the_table(bench: Workbench) -> None:
    with pytest.raises(DBAPIError, match="audit entries cannot be changed"):
        await bench.write("TRUNCATE audit_entries")


async def test_entry_and_what_it_tells_of_commit_together(bench: Workbench) -> None:
    lead_list = await bench.create()
    await bench.finish(lead_list)
    [before] = await bench.query("SELECT count(*) FROM audit_entries")
    with pytest.raises(RuntimeError):
        await _delete_and_fail(bench, lead_list.id)
    assert await bench.query("SELECT count(*) FROM audit_entries") == [before]
    assert not (await bench.read(lead_list)).is_deleted


async def _delete_and_fail(bench: Workbench, list_id: str) -> None:
    async with bench.database.write() as tx:
        await list_actions.delete_list(tx, bench.caller, list_id)
        count = await tx.conn.execute(
            text("SELECT count(*) FROM audit_entries WHERE action = 'list.deleted'")
        )
        assert count.scalar_one() == 1
        raise RuntimeError
