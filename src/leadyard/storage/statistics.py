"""Totals over everything, for those who run the service. Each is a small table's, or the jobs'."""

from __future__ import annotations

from sqlalchemy import text

from leadyard.domain.statistics import Breakers, BreakerState, CreditTotal, Statistics
from leadyard.storage.database import Tx
from leadyard.storage.provider_gates import FAILURES_TO_CLOSE

_CREDITS = text(
    "SELECT w.mode, b.kind, CAST(sum(b.balance) AS bigint) AS balance, CAST(sum(b.held) AS bigint) AS held "
    "FROM credit_balances b JOIN workspaces w ON w.id = b.workspace_id "
    "GROUP BY w.mode, b.kind ORDER BY w.mode, b.kind"
)
_BREAKERS = text(
    "SELECT kind, state, count(*) AS count FROM (SELECT s.kind, "
    "CASE WHEN g.closed_until > :now THEN 'open' WHEN g.failures >= :most THEN 'trial' ELSE 'closed' END "
    "AS state FROM provider_gates g JOIN provider_settings s "
    "ON s.workspace_id = g.workspace_id AND s.name = g.provider) AS gates "
    "GROUP BY kind, state ORDER BY kind, state"
)


async def get_statistics(tx: Tx) -> Statistics:
    """All totals."""
    totals = await tx.conn.execute(_CREDITS)
    breakers = await tx.conn.execute(_BREAKERS, {"now": tx.now_ms, "most": FAILURES_TO_CLOSE})
    return Statistics(
        queue=await tx.queue.measure(tx),
        credits=[CreditTotal(row.mode, row.kind, int(row.balance), int(row.held)) for row in totals],
        breakers=[Breakers(row.kind, BreakerState(row.state), int(row[2])) for row in breakers],
    )
