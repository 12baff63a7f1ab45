"""The minutes of keys, counted for all processes. PostgreSQL has no log of them: a crash may forget them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from leadyard.domain.request_windows import Lease
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

FORGOTTEN_AFTER = timedelta(hours=1)
SHARE = 16
"""One lease is this part of what is left: many at first, one by one at the end."""

# One that begins later than any clock is ahead was begun before the clock was set back.
_OVER = "(w.begun_at <= :now - :window OR w.begun_at > :now + :window)"
_LEFT = f"(CASE WHEN {_OVER} THEN :limit ELSE :limit - w.taken END)"
_GRANT = f"(CASE WHEN {_LEFT} >= {SHARE} THEN {_LEFT} / {SHARE} WHEN {_LEFT} > 0 THEN 1 ELSE 0 END)"
_LEASE = text(
    "INSERT INTO request_windows AS w (key_id, begun_at, taken, granted) "
    "VALUES (:key_id, :now, :first, :first) ON CONFLICT (key_id) DO UPDATE SET "
    f"begun_at = CASE WHEN {_OVER} THEN :now ELSE w.begun_at END, granted = {_GRANT}, "
    f"taken = {_GRANT} + CASE WHEN {_OVER} THEN 0 ELSE w.taken END "
    "RETURNING begun_at, taken, granted"
)
_FORGET = text("DELETE FROM request_windows WHERE begun_at < :before")


async def lease_requests(tx: Tx, key_id: int, limit: int, window: timedelta) -> Lease:
    """Takes some requests of a key out of its window, which begins with the first if the last one is over."""
    window_ms = window // timedelta(milliseconds=1)
    first = max(1, limit // SHARE)
    values = {"key_id": key_id, "now": tx.now_ms, "window": window_ms, "limit": limit, "first": first}
    row = (await tx.conn.execute(_LEASE, values)).one()
    left = (row.begun_at + window_ms - tx.now_ms) / 1000
    # Another machine's clock may be ahead.
    return Lease(row.granted, row.taken, min(left, window.total_seconds()))


async def forget_windows(tx: Tx) -> int:
    """Deletes those that have been over for long; returns how many."""
    values = {"before": to_ms(tx.now - FORGOTTEN_AFTER)}
    return (await tx.conn.execute(_FORGET, values)).rowcount
