"""The second step checks whether mail to an address arrives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from leadyard.domain.entries import Outcome, Provenance
from leadyard.domain.identity import email_key
from leadyard.domain.providers import Deferred, EmailValidator, Unavailable
from leadyard.pipeline.journey import Gates, Journey


async def validate(
    journeys: Sequence[Journey], validator: EmailValidator, gates: Gates, now: datetime
) -> None:
    """Checks the e-mail that was sent or found; a lead without one skips the step.

    Where a mail host asks to come back later the lead waits, and after the last time the verdict stands. A
    check that could not be done is an `unknown` verdict with the outcome `unavailable`: nothing is
    charged for it, and an address is never called bad because we could not ask.
    """
    pending = []
    for journey in journeys:
        if journey.findings.validate is not None or journey.must_wait:
            continue
        if journey.email is None:
            journey.note(validate=Outcome.SKIPPED)
        else:
            pending.append((journey, email_key(journey.email)))
    answers = await gates.call(validator, validator.validate_emails, [email for _, email in pending])
    for (journey, email), answer in zip(pending, answers, strict=True):
        if isinstance(answer, Unavailable):
            journey.give_up_or_wait(validate=Outcome.UNAVAILABLE)
            continue
        if isinstance(answer, Deferred) and journey.defer():
            continue
        told = answer.verdict if isinstance(answer, Deferred) else answer
        # The address goes into the charge key: it is the one that was asked for, however it is answered.
        verdict = msgspec.structs.replace(told, email=email)
        outcome = Outcome.FOUND if verdict.is_complete else Outcome.UNAVAILABLE
        journey.note(validate=outcome, verdict=verdict)
        source = Provenance(verdict.checked_by or validator.name, now)
        journey.note_sources({"email_validation_result": source})
