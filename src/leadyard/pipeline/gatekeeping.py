"""What failures do to a provider's gate, and what those are told who find it closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadyard.domain.lead_lists import PauseCause
from leadyard.domain.pausing import PAUSE_AFTER_SECONDS, is_given_up
from leadyard.domain.providers import CallFailed, Failure, MeteredAnswer, Unavailable
from leadyard.domain.waterfall import Blocked
from leadyard.pipeline.replies import GivenUp
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Tx
from leadyard.storage.provider_gates import TRIAL_SECONDS, Gate

THROTTLED_SECONDS = 30.0
REFUSALS = {
    failure.value: failure for failure in (Failure.THROTTLED, Failure.UNAUTHORIZED, Failure.OUT_OF_CREDIT)
}
"""Failures that no lead is to blame for."""


async def close_gate(
    tx: Tx, workspace_id: int, provider: str, error: CallFailed, passed_at: datetime
) -> Blocked | GivenUp | None:
    """Tells the provider's gate of a failure; what leads wait for that are not to blame for it.

    `passed_at` is when the call that failed went through the gate.
    """
    failure = error.failure
    if failure is Failure.THROTTLED:
        seconds = error.retry_after or THROTTLED_SECONDS
        since = await gate_rows.delay_calls(tx, workspace_id, provider, round(seconds * 1000))
        return tell_closed(provider, Gate(0, tx.now + timedelta(seconds=seconds), failure, since), tx.now)
    if failure in (Failure.UNAUTHORIZED, Failure.OUT_OF_CREDIT):
        gate = await gate_rows.refuse_calls(tx, workspace_id, provider, failure)
        return tell_closed(provider, gate, tx.now)
    await gate_rows.note_failure(tx, workspace_id, provider, failure, passed_at)
    return None


async def note_refusals(
    tx: Tx, workspace_id: int, provider: str, answers: Sequence[MeteredAnswer], passed_at: datetime
) -> dict[str, Blocked | GivenUp]:
    """What they wait for whom the provider refused although it answered others, by the reason."""
    refused: dict[str, Blocked | GivenUp] = {}
    for answer in answers:
        if isinstance(answer, Unavailable) and answer.reason in REFUSALS and answer.reason not in refused:
            error = CallFailed(REFUSALS[answer.reason])
            blocked = await close_gate(tx, workspace_id, provider, error, passed_at)
            assert blocked is not None
            refused[answer.reason] = blocked
    return refused


def tell_closed(provider: str, gate: Gate, now: datetime) -> Blocked | GivenUp:
    """What a lead is told whose provider takes no calls: to wait, unless that took too long already."""
    seconds = max(0.5, ((gate.closed_until or now) - now).total_seconds())
    # What is closed for no longer than that may be so for a trial, and soon be open again.
    if seconds > TRIAL_SECONDS and is_given_up(gate.reason, gate.failing_since, now):
        return GivenUp()
    cause = PauseCause(provider, failure=gate.reason) if seconds >= PAUSE_AFTER_SECONDS else None
    return Blocked(gate.reason, seconds, cause)
