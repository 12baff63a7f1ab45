"""How often somebody tried to sign in, counted for all processes together; of whom, is kept as digests."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from leadyard.domain.sign_in import Allowance
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

FORGOTTEN_AT_ONCE = 100

# When all tries of a kind will have come back: each that is taken moves it on. It is never further away than
# all of them together.
_TAKE = text(
    "INSERT INTO sign_in_tries (digest, full_at) VALUES (:digest, :now + :step) ON CONFLICT (digest) "
    "DO UPDATE SET full_at = :step + CASE WHEN sign_in_tries.full_at > :now THEN sign_in_tries.full_at "
    "ELSE :now END WHERE sign_in_tries.full_at <= :now + :room RETURNING full_at"
)
_FULL_AT = text("SELECT full_at FROM sign_in_tries WHERE digest = :digest")
_REMEMBER = text(
    "INSERT INTO sign_in_tries (digest, full_at) VALUES (:digest, :until) "
    "ON CONFLICT (digest) DO UPDATE SET full_at = excluded.full_at"
)
_FORGET = text("DELETE FROM sign_in_tries WHERE digest = :digest")
_FORGET_OLD = (
    "DELETE FROM sign_in_tries WHERE digest IN "
    "(SELECT digest FROM sign_in_tries WHERE full_at < :now LIMIT :limit {clause})"
)


async def take_try(tx: Tx, counted_by: str, allowance: Allowance) -> int:
    """Counts a try; returns how many milliseconds there are to wait, and then it is not counted."""
    step = allowance.seconds * 1000
    room = (allowance.tries - 1) * step
    digest = tx.digest(counted_by)
    values = {"digest": digest, "now": tx.now_ms, "step": step, "room": room}
    if (await tx.conn.execute(_TAKE, values)).first() is not None:
        return 0
    full_at: int = (await tx.conn.execute(_FULL_AT, {"digest": digest})).scalar_one()
    return max(1, full_at - room - tx.now_ms)


async def is_remembered(tx: Tx, mark: str) -> bool:
    """Whether a mark was remembered that is not over."""
    full_at = (await tx.conn.execute(_FULL_AT, {"digest": tx.digest(mark)})).scalar_one_or_none()
    return full_at is not None and full_at > tx.now_ms


async def remember(tx: Tx, mark: str, lifetime: timedelta) -> None:
    """Remembers a mark for so long from now on."""
    values = {"digest": tx.digest(mark), "until": to_ms(tx.now + lifetime)}
    await tx.conn.execute(_REMEMBER, values)


async def forget_tries(tx: Tx, counted_by: str) -> None:
    """Gives all tries back."""
    await tx.conn.execute(_FORGET, {"digest": tx.digest(counted_by)})


async def forget_old_tries(tx: Tx) -> None:
    """Deletes some of what tells nothing any more."""
    # Whoever counts a try has the row locked: there is always another time to forget it.
    clause = "FOR UPDATE SKIP LOCKED" if tx.dialect.lock_clause() else ""
    statement = text(_FORGET_OLD.format(clause=clause))
    await tx.conn.execute(statement, {"now": tx.now_ms, "limit": FORGOTTEN_AT_ONCE})
