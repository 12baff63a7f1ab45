"""The ledger added up: by day, list, user and key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller
from leadyard.domain.credits import Cost
from leadyard.domain.usage import DayUsage, Share, Usage
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx

DAY_MS = 86_400_000
MAX_SHARES = 10

_SPENT = (
    "coalesce(sum(CASE WHEN c.kind = 'email' THEN -c.amount END), 0) AS email, "
    "coalesce(sum(CASE WHEN c.kind = 'phone' THEN -c.amount END), 0) AS phone"
)
_WHERE = "WHERE c.workspace_id = :workspace_id AND c.id >= :first AND c.created_at >= :since AND c.amount < 0"
_BY_DAY = text(
    f"SELECT c.created_at / {DAY_MS} AS day, {_SPENT} FROM credit_entries c {_WHERE} "
    f"GROUP BY c.created_at / {DAY_MS}"
)
_BY_LIST = text(
    f"SELECT l.public_id AS id, l.name AS name, {_SPENT} FROM credit_entries c "
    "LEFT JOIN lead_lists l ON l.id = c.list_id AND l.purpose = 'list' "
    f"AND (l.shared OR l.owner_id = coalesce(:viewer_id, l.owner_id)) {_WHERE} GROUP BY l.public_id, l.name"
)
_BY_USER = text(
    f"SELECT u.public_id AS id, u.email AS name, {_SPENT} FROM credit_entries c "
    f"LEFT JOIN users u ON u.id = c.user_id {_WHERE} GROUP BY u.public_id, u.email"
)
_BY_KEY = text(
    f"SELECT k.public_id AS id, k.name AS name, {_SPENT} FROM credit_entries c "
    f"LEFT JOIN api_keys k ON k.id = c.key_id {_WHERE} GROUP BY k.public_id, k.name"
)
_BOUNDS = text(
    "SELECT min(id) AS low, max(id) AS high FROM credit_entries WHERE workspace_id = :workspace_id"
)
_NEXT = text(
    "SELECT id, created_at FROM credit_entries WHERE workspace_id = :workspace_id AND id >= :id "
    "ORDER BY id LIMIT 1"
)


async def get_usage(tx: Tx, caller: Caller, days: int) -> Usage:
    """What was spent in the last days, today included. Lists that the caller may not know of have no name."""
    first_day = tx.now.astimezone(UTC).date() - timedelta(days=days - 1)
    since = to_ms(datetime.combine(first_day, time(), UTC))
    values = {
        "workspace_id": caller.workspace_id,
        "since": since,
        "first": await _find_first(tx, caller.workspace_id, since),
    }
    rows = await tx.conn.execute(_BY_DAY, values)
    by_day = {row.day: Cost(int(row.email), int(row.phone)) for row in rows}
    numbers = range(since // DAY_MS, since // DAY_MS + days)
    listed = await tx.conn.execute(_BY_LIST, {**values, "viewer_id": caller.viewer_id})
    return Usage(
        days=[DayUsage(from_ms(day * DAY_MS).date(), by_day.get(day, Cost())) for day in numbers],
        lists=_shares(listed.all()),
        users=_shares((await tx.conn.execute(_BY_USER, values)).all()),
        keys=_shares((await tx.conn.execute(_BY_KEY, values)).all()),
    )


async def _find_first(tx: Tx, workspace_id: int, since: int) -> int:
    """An id before which nothing is as young as this; ids follow time but for what was written at once.

    Halving the ids takes some twenty look-ups, where reading a large ledger through would take seconds.
    """
    bounds = (await tx.conn.execute(_BOUNDS, {"workspace_id": workspace_id})).one()
    low, high = bounds.low or 0, bounds.high or 0
    before = since - DAY_MS // 24
    while low < high:
        middle = (low + high) // 2
        row = (await tx.conn.execute(_NEXT, {"workspace_id": workspace_id, "id": middle})).one()
        if row.created_at < before:
            low = row.id + 1
        else:
            high = middle
    return low


def _shares(rows: Sequence[Row[Any]]) -> list[Share]:
    """The largest, and the rest in one."""
    shares = [Share(row.name, Cost(int(row.email), int(row.phone)), row.id) for row in rows]
    shares.sort(key=lambda share: (share.id is None, -(share.spent.email + share.spent.phone)))
    rest = [share.spent for share in shares[MAX_SHARES:]]
    return [*shares[:MAX_SHARES], *([Share(None, sum(rest, Cost()))] if rest else [])]
