"""The third step finds the person's phone numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from leadyard.domain.entries import Outcome
from leadyard.domain.people import Person
from leadyard.domain.providers import Ambiguous, FoundPhones, PhoneProvider, Unavailable
from leadyard.pipeline.journey import Gates, Journey, person_query, source_of


async def reveal(journeys: Sequence[Journey], provider: PhoneProvider, gates: Gates, now: datetime) -> None:
    """Finds the phone numbers of these leads' persons.

    It goes by what identifies the lead, so it needs no enrichment; but a person that enrichment did not
    find has no numbers either, and the step is skipped.
    """
    pending = []
    for journey in journeys:
        if journey.findings.reveal is not None or journey.must_wait:
            continue
        if journey.findings.enrich in (Outcome.NOT_FOUND, Outcome.AMBIGUOUS):
            journey.note(reveal=Outcome.SKIPPED)
        else:
            pending.append(journey)
    queries = [person_query(journey.item) for journey in pending]
    answers = await gates.call(provider, provider.reveal_phones, queries)
    for journey, answer in zip(pending, answers, strict=True):
        if isinstance(answer, Unavailable):
            journey.give_up_or_wait(reveal=Outcome.UNAVAILABLE)
        elif isinstance(answer, Ambiguous):
            journey.note(reveal=Outcome.AMBIGUOUS)
        elif answer is None or not answer.numbers:
            journey.note(reveal=Outcome.NOT_FOUND)
        else:
            _note_phones(journey, answer, provider, now)


def _note_phones(journey: Journey, found: FoundPhones, provider: PhoneProvider, now: datetime) -> None:
    person = journey.findings.person or Person(id=found.person_id)
    person = msgspec.structs.replace(person, phone_numbers=found.numbers)
    journey.note(reveal=Outcome.FOUND, person=person)
    journey.note_sources(["phone_numbers"], source_of(provider, now, found.confidence, found.cost))
