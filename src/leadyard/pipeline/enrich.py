"""The first step finds out who a lead is."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.entries import Outcome, Step
from leadyard.domain.providers import Group
from leadyard.domain.reopening import keep_known
from leadyard.domain.waterfall import Search
from leadyard.pipeline.journey import Journey, person_query
from leadyard.pipeline.waterfall import Waterfall


async def enrich(journeys: Sequence[Journey], waterfall: Waterfall, *, with_emails: bool) -> None:
    """Finds the persons of these leads and notes what was found, and from where.

    With `with_emails` an e-mail is looked for too, where none was sent.
    """
    pending = [journey for journey in journeys if journey.findings.enrich is None]
    searches = [_search(journey, with_emails) for journey in pending]
    await waterfall.search(Step.ENRICH, searches)
    for journey, search in zip(pending, searches, strict=True):
        if not journey.note_search(search):
            continue
        if search.person is None:
            journey.note(enrich=outcome_of(search), is_erased="erased" in search.outcomes, since=None)
        else:
            person = keep_known(search.person, journey.findings.person)
            journey.note(enrich=Outcome.FOUND, person=person, since=None)


def outcome_of(search: Search) -> Outcome:
    """What a search came to that found nobody."""
    if "unavailable" in search.outcomes or "lost" in search.outcomes:
        return Outcome.UNAVAILABLE
    return Outcome.AMBIGUOUS if "ambiguous" in search.outcomes else Outcome.NOT_FOUND


def _search(journey: Journey, with_emails: bool) -> Search:
    wanted = {Group.PERSON, Group.COMPANY}
    if with_emails and journey.item.email is None:
        wanted.add(Group.EMAIL)
    query = person_query(journey.item, frozenset(wanted))
    return Search(query, may_wait=not journey.is_last_attempt, since=journey.findings.since)
