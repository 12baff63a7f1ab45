"""The first step: who is this?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from leadyard.domain.entries import Outcome
from leadyard.domain.providers import FoundPerson, PeopleProvider, Unavailable
from leadyard.pipeline.journey import Gates, Journey, person_query, source_of


async def enrich(journeys: Sequence[Journey], provider: PeopleProvider, gates: Gates, now: datetime) -> None:
    """Finds the persons of these leads and notes what was found, and from where."""
    pending = [journey for journey in journeys if journey.findings.enrich is None]
    queries = [person_query(journey.item) for journey in pending]
    answers = await gates.call(provider, provider.find_people, queries)
    for journey, answer in zip(pending, answers, strict=True):
        if isinstance(answer, Unavailable):
            journey.give_up_or_wait(enrich=Outcome.UNAVAILABLE)
        elif answer is None:
            journey.note(enrich=Outcome.NOT_FOUND)
        else:
            _note_person(journey, answer, provider, now)


def _note_person(journey: Journey, found: FoundPerson, provider: PeopleProvider, now: datetime) -> None:
    # Phone numbers are shown, and paid for, only when they are revealed.
    person = msgspec.structs.replace(found.person, phone_numbers=())
    known = [name for name, value in msgspec.structs.asdict(person).items() if value and name != "id"]
    journey.note(enrich=Outcome.FOUND, person=person)
    journey.note_sources(known, source_of(provider, now, found.confidence, found.cost))
