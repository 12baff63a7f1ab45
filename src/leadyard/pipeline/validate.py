"""The second step checks whether mail to an address arrives."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.entries import Outcome
from leadyard.domain.identity import email_key
from leadyard.domain.verification import Verification
from leadyard.pipeline.journey import Journey
from leadyard.pipeline.verification import Validators


async def validate(journeys: Sequence[Journey], validators: Validators) -> None:
    """Checks the e-mail that was sent or found; a lead without one skips the step.

    Where a validator asks to come back later and no other can tell, the lead waits, and after the last time
    the best verdict stands. A check that could not be done is an `unknown` verdict with the outcome
    `unavailable`: nothing is charged for it, and an address is never called bad because we could not ask.
    """
    pending: list[Journey] = []
    for journey in journeys:
        if journey.findings.validate is not None or journey.must_wait:
            continue
        if journey.email is None:
            journey.note(validate=Outcome.SKIPPED)
        else:
            pending.append(journey)
    checks = [_check(journey, journey.email or "") for journey in pending]
    await validators.check(checks)
    for journey, check in zip(pending, checks, strict=True):
        _note(journey, check)


def _check(journey: Journey, email: str) -> Verification:
    return Verification(email_key(email), may_wait=not journey.is_last_attempt)


def _note(journey: Journey, check: Verification) -> None:
    if not journey.go_on_after(check):
        return
    if check.is_deferred and not check.is_decided and journey.defer():
        return
    journey.note_visits(check.visits)
    verdict = check.verdict
    is_complete = verdict is not None and verdict.is_complete
    journey.note(validate=Outcome.FOUND if is_complete else Outcome.UNAVAILABLE, verdict=verdict)
    if check.source is not None:
        journey.note_sources({"email_validation_result": check.source})
