"""The first step finds out who a lead is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from leadyard.domain.entries import Outcome
from leadyard.domain.leads import sent_email
from leadyard.domain.providers import Ambiguous, FoundPerson, Missing, PeopleProvider, Unavailable
from leadyard.pipeline.journey import Gates, Journey, person_query, source_of

PERSON_FIELDS = ("linkedin_url", "email", "first_name", "last_name", "title", "headline", "location")


async def enrich(journeys: Sequence[Journey], provider: PeopleProvider, gates: Gates, now: datetime) -> None:
    """Finds the persons of these leads and notes what was found, and from where."""
    pending = [journey for journey in journeys if journey.findings.enrich is None]
    queries = [person_query(journey.item) for journey in pending]
    answers = await gates.call(provider, provider.find_people, queries)
    for journey, answer in zip(pending, answers, strict=True):
        if isinstance(answer, Unavailable):
            journey.give_up_or_wait(enrich=Outcome.UNAVAILABLE)
        elif answer is None or isinstance(answer, Missing):
            is_erased = answer is not None and answer.is_erased
            journey.note(enrich=Outcome.NOT_FOUND, is_erased=is_erased)
        elif isinstance(answer, Ambiguous):
            journey.note(enrich=Outcome.AMBIGUOUS)
        else:
            _note_person(journey, answer, provider, now)


def _note_person(journey: Journey, found: FoundPerson, provider: PeopleProvider, now: datetime) -> None:
    # Phone numbers are shown, and paid for, only when they are revealed. An e-mail that is none is no find.
    email = found.person.email if sent_email(found.person.email) else None
    person = msgspec.structs.replace(found.person, email=email, phone_numbers=())
    known = [name for name in PERSON_FIELDS if getattr(person, name)]
    known += [f"company_{name}" for name in ("name", "domain") if getattr(person.company, name)]
    known += ["industry"] if person.company.industry else []
    journey.note(enrich=Outcome.FOUND, person=person)
    journey.note_sources(known, source_of(provider, now, found.confidence, found.cost))
