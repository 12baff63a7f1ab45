"""The pace and the circuit breaker of each provider, shared by all processes: one row each."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx

FAILURES_TO_CLOSE = 5
FIRST_CLOSED_MS = 30_000
MAX_CLOSED_MS = 600_000
TRIAL_SECONDS = FIRST_CLOSED_MS / 1000
"""For so long the gate stays closed to others while one call tries whether the provider is back."""
FIRST_REFUSED_MS = 300_000
MAX_REFUSED_MS = 3_600_000
FORGOTTEN_MS = 2 * MAX_REFUSED_MS
"""A failure that nothing followed for so long tells nothing of now: nobody has asked meanwhile."""
LONGEST_QUEUE_MS = 2_000
"""How far ahead a call may be scheduled; later ones are not, so that nobody has to wait behind them."""

_OPEN = text(
    "INSERT INTO provider_gates (workspace_id, provider) VALUES (:workspace_id, :provider) "
    "ON CONFLICT (workspace_id, provider) DO NOTHING"
)
_WHERE = "WHERE workspace_id = :workspace_id AND provider = :provider"
_FIND = text(f"SELECT closed_until, next_call_at FROM provider_gates {_WHERE}")
_PASS = text(f"UPDATE provider_gates SET next_call_at = :next_call_at, closed_until = :closed_until {_WHERE}")
_FAILING = (
    "failing_since = CASE WHEN failing_since IS NULL OR failed_at < :forgotten THEN :now "
    "ELSE failing_since END, failed_at = :now"
)
_DELAY = text(
    "UPDATE provider_gates SET next_call_at = CASE WHEN next_call_at > :until THEN next_call_at "
    f"ELSE :until END, {_FAILING} {_WHERE} RETURNING failing_since"
)
_SUCCEED = text(
    f"UPDATE provider_gates SET failures = 0, closed_until = 0, last_failure = NULL, "
    f"failing_since = NULL {_WHERE} AND (failures > 0 OR closed_until > 0 OR failing_since IS NOT NULL)"
)
_FAIL = text(
    "UPDATE provider_gates SET failures = failures + 1, last_failure = :failure, "
    "closed_until = CASE WHEN failures + 1 >= :most THEN :closed_until ELSE closed_until END, "
    f"{_FAILING} {_WHERE}"
)
_FAILURES = text(f"SELECT failures, failed_at FROM provider_gates {_WHERE}")
_CLOSE = text(
    "UPDATE provider_gates SET failures = :failures, closed_until = :closed_until, last_failure = :failure, "
    f"{_FAILING} {_WHERE} RETURNING failing_since"
)


class Gate(msgspec.Struct, frozen=True):
    """Whether a call may be made: after so many milliseconds, or not before `closed_until`.

    `failing_since` is when the provider began to do nothing but fail.
    """

    wait_ms: int
    closed_until: datetime | None = None
    reason: str = ""
    failing_since: datetime | None = None


class Pace(msgspec.Struct, frozen=True):
    """How fast a provider may be called, in requests a second, and how many requests a call takes."""

    rate: float
    weight: float = 1.0


class OpenGate:
    """A provider's gate as it is in a transaction that has it locked, for the calls that it makes."""

    def __init__(self, row: Row[Any], now: int) -> None:
        self.next_call_at: int = row.next_call_at
        self.closed_until: int = row.closed_until
        self._failures: int = row.failures
        self._reason: str | None = row.last_failure
        self._since = None if row.failing_since is None else from_ms(row.failing_since)
        self._now = now

    def pass_through(self, pace: Pace) -> Gate:
        """Takes the next place in the pace (GCRA, calls evenly apart), unless the breaker is open.

        After the breaker's time one call is let through, and others only once it has succeeded.
        """
        now = self._now
        if self.closed_until > now:
            return Gate(0, from_ms(self.closed_until), self._reason or "down", self._since)
        at = max(self.next_call_at, now)
        if at - now > LONGEST_QUEUE_MS:
            return Gate(0, from_ms(at), "rate" if self._since is None else "throttled", self._since)
        self.next_call_at = at + math.ceil(round(1000 * pace.weight / pace.rate, 6))
        if self._failures >= FAILURES_TO_CLOSE:
            self.closed_until = now + FIRST_CLOSED_MS
        return Gate(at - now)


async def open_gate(tx: Tx, workspace_id: int, provider: str) -> OpenGate:
    """Locks a provider's gate until the commit."""
    values = {"workspace_id": workspace_id, "provider": provider}
    await tx.conn.execute(_OPEN, values)
    statement = text(
        "SELECT next_call_at, closed_until, failures, last_failure, failing_since FROM provider_gates "
        f"{_WHERE} {tx.dialect.lock_clause()}"
    )
    return OpenGate((await tx.conn.execute(statement, values)).one(), tx.now_ms)


async def leave_gate(tx: Tx, workspace_id: int, provider: str, gate: OpenGate) -> None:
    """Writes down what the calls that went through have left of the pace."""
    values = {
        "workspace_id": workspace_id,
        "provider": provider,
        "next_call_at": gate.next_call_at,
        "closed_until": gate.closed_until,
    }
    await tx.conn.execute(_PASS, values)


async def pass_gate(tx: Tx, workspace_id: int, provider: str, pace: Pace) -> Gate:
    """Takes the next place in a provider's pace for one call."""
    gate = await open_gate(tx, workspace_id, provider)
    passed = gate.pass_through(pace)
    await leave_gate(tx, workspace_id, provider, gate)
    return passed


async def note_success(tx: Tx, workspace_id: int, provider: str) -> None:
    """The provider answered: the breaker is as new."""
    await tx.conn.execute(_SUCCEED, {"workspace_id": workspace_id, "provider": provider})


async def note_failure(tx: Tx, workspace_id: int, provider: str, failure: str, passed_at: datetime) -> None:
    """The provider failed; the fifth time in a row the breaker opens, longer each time, up to ten minutes.

    `passed_at` is when the call went through the gate. What had gone through before the breaker opened says
    nothing new: a moment without an answer would else count as often as calls were under way.
    """
    values = _failing(tx, workspace_id, provider)
    row = (await tx.conn.execute(_FAILURES, values)).one_or_none()
    failures, failed_at = (0, 0) if row is None else (row.failures, row.failed_at or 0)
    if failures >= FAILURES_TO_CLOSE and to_ms(passed_at) <= failed_at:
        return
    doublings = max(0, min(failures + 1 - FAILURES_TO_CLOSE, 10))
    closed_ms = min(FIRST_CLOSED_MS * 2**doublings, MAX_CLOSED_MS)
    more = {"failure": failure, "most": FAILURES_TO_CLOSE, "closed_until": tx.now_ms + closed_ms}
    await tx.conn.execute(_FAIL, {**values, **more})


async def delay_calls(tx: Tx, workspace_id: int, provider: str, milliseconds: int) -> datetime | None:
    """The provider wants nothing for a while (HTTP 429); returns since when it has answered nothing else."""
    values = {**_failing(tx, workspace_id, provider), "until": tx.now_ms + milliseconds}
    since = (await tx.conn.execute(_DELAY, values)).scalar_one_or_none()
    return None if since is None else from_ms(since)


async def refuse_calls(tx: Tx, workspace_id: int, provider: str, failure: str) -> Gate:
    """Nothing can be asked for a while: the key is refused, or the provider's credits are used up.

    For five minutes, then for twice as long each time, up to an hour; refusals at the same time count once.
    """
    values = {**_failing(tx, workspace_id, provider), "failure": failure}
    statement = text(f"SELECT failures, closed_until FROM provider_gates {_WHERE} {tx.dialect.lock_clause()}")
    row = (await tx.conn.execute(statement, values)).one()
    failures, closed_until = row.failures, row.closed_until
    # A trial closes the gate behind itself for a moment; longer is what another refusal did.
    if closed_until <= tx.now_ms + FIRST_CLOSED_MS:
        failures = max(failures + 1, FAILURES_TO_CLOSE)
        doublings = min(failures - FAILURES_TO_CLOSE, 10)
        closed_until = tx.now_ms + min(FIRST_REFUSED_MS * 2**doublings, MAX_REFUSED_MS)
    more = {"failures": failures, "closed_until": closed_until}
    since = (await tx.conn.execute(_CLOSE, {**values, **more})).scalar_one()
    return Gate(0, from_ms(closed_until), failure, from_ms(since))


def _failing(tx: Tx, workspace_id: int, provider: str) -> dict[str, Any]:
    now = tx.now_ms
    return {
        "workspace_id": workspace_id,
        "provider": provider,
        "now": now,
        "forgotten": now - FORGOTTEN_MS,
    }


async def takes_calls(tx: Tx, workspace_id: int, provider: str) -> bool:
    """Whether a provider may be asked now, as far as its breaker is concerned."""
    values = {"workspace_id": workspace_id, "provider": provider}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return row is None or max(row.closed_until, row.next_call_at - LONGEST_QUEUE_MS) <= tx.now_ms


async def reopen_gate(tx: Tx, workspace_id: int, provider: str) -> None:
    """Forgets what is held against a provider: its settings have changed."""
    await note_success(tx, workspace_id, provider)
