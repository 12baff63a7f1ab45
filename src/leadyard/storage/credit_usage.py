"""The ledger added up: by day, list, user and key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import text

from leadyard.domain.accounts import Caller
from leadyard.domain.credits import Cost
from leadyard.domain.usage import DayUsage, Share, Usage
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx

DAY_MS = 86_400_000
MAX_SHARES = 10

_SPENT = text(
    "WITH spent AS ("
    f"SELECT c.created_at / {DAY_MS} AS day, c.list_id, c.user_id, c.key_id, "
    "coalesce(sum(CASE WHEN c.kind = 'email' THEN -c.amount END), 0) AS email, "
    "coalesce(sum(CASE WHEN c.kind = 'phone' THEN -c.amount END), 0) AS phone FROM credit_entries c "
    "WHERE c.workspace_id = :workspace_id AND c.id >= :first AND c.created_at >= :since AND c.amount < 0 "
    f"GROUP BY c.created_at / {DAY_MS}, c.list_id, c.user_id, c.key_id) "
    "SELECT spent.day, spent.email, spent.phone, l.public_id AS list_id, l.name AS list_name, "
    "u.public_id AS user_id, u.email AS user_email, k.public_id AS key_id, k.name AS key_name FROM spent "
    "LEFT JOIN lead_lists l ON l.id = spent.list_id AND l.purpose = 'list' "
    "AND (l.shared OR l.owner_id = coalesce(:viewer_id, l.owner_id)) "
    "LEFT JOIN users u ON u.id = spent.user_id LEFT JOIN api_keys k ON k.id = spent.key_id"
)
"""The ledger is read once, and what is left of it put together by us: a few rows for each list and day."""
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
        "viewer_id": caller.viewer_id,
        "since": since,
        "first": await _find_first(tx, caller.workspace_id, since),
    }
    by_day, lists, users, keys = (defaultdict[Any, Cost](Cost) for _ in range(4))
    for row in await tx.conn.execute(_SPENT, values):
        spent = Cost(int(row.email), int(row.phone))
        by_day[row.day] += spent
        lists[row.list_id, row.list_name] += spent
        users[row.user_id, row.user_email] += spent
        keys[row.key_id, row.key_name] += spent
    numbers = range(since // DAY_MS, since // DAY_MS + days)
    return Usage(
        days=[DayUsage(from_ms(day * DAY_MS).date(), by_day[day]) for day in numbers],
        lists=_shares(lists),
        users=_shares(users),
        keys=_shares(keys),
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


def _shares(spent: Mapping[tuple[str | None, str | None], Cost]) -> list[Share]:
    """The largest, and the rest in one."""
    shares = [Share(name, cost, public_id) for (public_id, name), cost in spent.items()]
    shares.sort(key=lambda share: (share.id is None, -(share.spent.email + share.spent.phone)))
    rest = [share.spent for share in shares[MAX_SHARES:]]
    return [*shares[:MAX_SHARES], *([Share(None, sum(rest, Cost()))] if rest else [])]
