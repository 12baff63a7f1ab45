"""The third step finds the person's phone numbers."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.entries import Outcome, Step
from leadyard.domain.providers import Group
from leadyard.domain.waterfall import Search
from leadyard.pipeline.enrich import outcome_of
from leadyard.pipeline.journey import Journey, person_query
from leadyard.pipeline.waterfall import Waterfall


async def reveal(journeys: Sequence[Journey], waterfall: Waterfall) -> None:
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
    searches = [_search(journey) for journey in pending]
    await waterfall.search(Step.REVEAL, searches)
    for journey, search in zip(pending, searches, strict=True):
        if not journey.note_search(search):
            continue
        if search.person is None or not search.person.phone_numbers:
            journey.note(reveal=outcome_of(search))
        else:
            journey.note(reveal=Outcome.FOUND, person=search.person)


def _search(journey: Journey) -> Search:
    query = person_query(journey.item, frozenset({Group.PHONE}))
    search = Search(query, may_wait=not journey.is_last_attempt, overheard=journey.findings.overheard)
    if journey.findings.person is not None:
        search.begin_with(journey.findings.person)
    return search
