"""Totals for those who run the service."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from tests.support.workbench import Workbench

from leadyard.domain.lead_lists import Chunk
from leadyard.domain.statistics import Breakers, BreakerState, QueueState
from leadyard.storage.statistics import get_statistics

_GATE = (
    "INSERT INTO provider_gates (workspace_id, provider, failures, closed_until) "
    "VALUES (:workspace, :name, :failures, :until)"
)
_PROVIDER = (
    "INSERT INTO provider_settings (workspace_id, name, kind, options, credit_price, updated_at) "
    "VALUES (:workspace, :name, 'hunter', '{}', 1, 0)"
)


async def test_jobs_that_are_due_are_told_from_those_that_wait(bench: Workbench) -> None:
    database = bench.installation.database
    async with database.write() as tx:
        assert await tx.queue.measure(tx) == QueueState(0, 0, 0, 0.0)
        await tx.queue.enqueue(tx, [Chunk(1, 1, 1, 100), Chunk(1, 1, 101, 200)], pending=0)
        await tx.conn.execute(
            text(
                f"UPDATE chunks SET run_at = {tx.now_ms + 60_000} WHERE first_sequence = 101"
                if database.is_sqlite
                else "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 minute' "
                "WHERE args ->> 'first_sequence' = '101'"
            )
        )
    async with database.write() as tx:
        found = await tx.queue.measure(tx)
        assert (found.waiting, found.later, found.running) == (1, 1, 0)
        assert 0 <= found.oldest_seconds < 60
        await tx.queue.drop(tx, 1)


async def test_breakers_are_counted_by_kind_and_state_not_by_the_names_of_accounts(bench: Workbench) -> None:
    async with bench.installation.database.write() as tx:
        workspace = (await tx.conn.execute(text("SELECT min(id) FROM workspaces"))).scalar_one()
        open_until = tx.now_ms + timedelta(minutes=1) // timedelta(milliseconds=1)
        for name, failures, until in (("a", 0, 0), ("b", 5, open_until), ("c", 5, 1), ("d", 2, 0)):
            values = {"workspace": workspace, "name": name, "failures": failures, "until": until}
            await tx.conn.execute(text(_GATE), values)
            await tx.conn.execute(text(_PROVIDER), {"workspace": workspace, "name": name})
        found = await get_statistics(tx)
    assert list(found.breakers) == [
        Breakers("hunter", BreakerState.CLOSED, 2),
        Breakers("hunter", BreakerState.OPEN, 1),
        Breakers("hunter", BreakerState.TRIAL, 1),
    ]


async def test_credits_are_summed_over_workspaces(bench: Workbench) -> None:
    async with bench.installation.database.write() as tx:
        before = (await get_statistics(tx)).credits
        await tx.conn.execute(text("UPDATE credit_balances SET held = 7 WHERE kind = 'phone'"))
        after = (await get_statistics(tx)).credits
        counted = text("SELECT count(*) FROM credit_balances WHERE kind = 'phone'")
        balances = (await tx.conn.execute(counted)).scalar_one()
        await tx.conn.execute(text("UPDATE credit_balances SET held = 0"))
    assert sum(total.held for total in before) == 0
    assert sum(total.held for total in after) == 7 * balances
    assert {(total.mode, total.kind) for total in after} >= {("live", "phone"), ("test", "email")}
