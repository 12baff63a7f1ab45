"""The pace and the circuit breaker of each provider, shared by all processes: one row each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx

FAILURES_TO_CLOSE = 5
FIRST_CLOSED_MS = 30_000
MAX_CLOSED_MS = 600_000
LONGEST_QUEUE_MS = 2_000
"""How far ahead a call may be scheduled; later ones are not, so that nobody has to wait behind them."""

_OPEN = text(
    "INSERT INTO provider_gates (workspace_id, provider) VALUES (:workspace_id, :provider) "
    "ON CONFLICT (workspace_id, provider) DO NOTHING"
)
_WHERE = "WHERE workspace_id = :workspace_id AND provider = :provider"
_PASS = text(f"UPDATE provider_gates SET next_call_at = :next_call_at, closed_until = :closed_until {_WHERE}")
_DELAY = text(
    "UPDATE provider_gates SET next_call_at = CASE WHEN next_call_at > :until THEN next_call_at "
    f"ELSE :until END {_WHERE}"
)
_SUCCEED = text(
    f"UPDATE provider_gates SET failures = 0, closed_until = 0, last_failure = NULL {_WHERE} "
    "AND (failures > 0 OR closed_until > 0)"
)
_FAIL = text(
    "UPDATE provider_gates SET failures = failures + 1, last_failure = :failure, "
    "closed_until = CASE WHEN failures + 1 >= :most THEN :closed_until ELSE closed_until END "
    f"{_WHERE}"
)
_FAILURES = text(f"SELECT failures FROM provider_gates {_WHERE}")
_CLOSE = text(f"UPDATE provider_gates SET closed_until = :closed_until, last_failure = :failure {_WHERE}")


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a call may be made: after so many milliseconds, or not before `closed_until`."""

    wait_ms: int
    closed_until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a provider may be called, in requests a second, and how many requests a call takes."""

    rate: float
    weight: float = 1.0


async def pass_gate(tx: Tx, workspace_id: int, provider: str, pace: Pace) -> Gate:
    """Takes the next place in a provider's pace (GCRA, calls evenly apart), unless the breaker is open.

    After the breaker's time one call is let through, and others only once it has succeeded.
    """
    values = {"workspace_id": workspace_id, "provider": provider}
    await tx.conn.execute(_OPEN, values)
    statement = text(
        "SELECT next_call_at, closed_until, failures, last_failure FROM provider_gates "
        f"{_WHERE} {tx.dialect.lock_clause()}"
    )
    row = (await tx.conn.execute(statement, values)).one()
    now = tx.now_ms
    if row.closed_until > now:
        return Gate(0, from_ms(row.closed_until), row.last_failure or "down")
    at = max(row.next_call_at, now)
    if at - now > LONGEST_QUEUE_MS:
        return Gate(0, from_ms(at), "rate")
    trial_until = now + FIRST_CLOSED_MS if row.failures >= FAILURES_TO_CLOSE else row.closed_until
    interval = math.ceil(round(1000 * pace.weight / pace.rate, 6))
    await tx.conn.execute(_PASS, {**values, "next_call_at": at + interval, "closed_until": trial_until})
    return Gate(at - now)


async def note_success(tx: Tx, workspace_id: int, provider: str) -> None:
    """The provider answered: the breaker is as new."""
    await tx.conn.execute(_SUCCEED, {"workspace_id": workspace_id, "provider": provider})


async def note_failure(tx: Tx, workspace_id: int, provider: str, failure: str) -> None:
    """The provider failed; the fifth time in a row the breaker opens, longer each time, up to ten minutes."""
    values = {"workspace_id": workspace_id, "provider": provider}
    failures = (await tx.conn.execute(_FAILURES, values)).scalar_one_or_none() or 0
    doublings = max(0, min(failures + 1 - FAILURES_TO_CLOSE, 10))
    closed_ms = min(FIRST_CLOSED_MS * 2**doublings, MAX_CLOSED_MS)
    more = {"failure": failure, "most": FAILURES_TO_CLOSE, "closed_until": tx.now_ms + closed_ms}
    await tx.conn.execute(_FAIL, {**values, **more})


async def delay_calls(tx: Tx, workspace_id: int, provider: str, milliseconds: int) -> None:
    """The provider wants nothing for a while; that is no failure (HTTP 429)."""
    values = {"workspace_id": workspace_id, "provider": provider, "until": tx.now_ms + milliseconds}
    await tx.conn.execute(_DELAY, values)


async def close_gate(tx: Tx, workspace_id: int, provider: str, failure: str, milliseconds: int) -> None:
    """Nothing can be asked for a while: the key is refused, or the provider's credits are used up."""
    values = {"workspace_id": workspace_id, "provider": provider, "failure": failure}
    await tx.conn.execute(_CLOSE, {**values, "closed_until": tx.now_ms + milliseconds})


async def reopen_gate(tx: Tx, workspace_id: int, provider: str) -> None:
    """Forgets what is held against a provider: its settings have changed."""
    await note_success(tx, workspace_id, provider)
