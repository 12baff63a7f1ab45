"""Prospeo: people by what names them, up to 50 at once, or by a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from leadyard.domain.candidates import Choice, SeveralFit, choose
from leadyard.domain.providers import (
    ALL_GROUPS,
    Ambiguous,
    CallFailed,
    Group,
    Missing,
    PersonAnswer,
    PersonQuery,
)
from leadyard.providers.answers import Batch, by_reference, found, spread, unanswered
from leadyard.providers.prospeo.mapping import (
    MOBILE_CREDITS,
    NAME,
    NOBODY,
    PERSON_CREDITS,
    candidate_of,
    confidence_of,
    credits_of,
    data_of,
    failure_of_code,
    flags_of,
    person_of,
    search_of,
)
from leadyard.providers.reply import Reply
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import amount, items, member, number, text

BASE_URL = "https://api.prospeo.io"
BATCH_SIZE = 50
CALLS_A_SECOND = 5 * 0.95
"""The first paid plan allows 5 a second and 300 a minute."""
SEARCH_WEIGHT = 10.0
"""Searches are limited to a tenth of that: 30 a minute."""
SEARCH_CREDITS = 1.0


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings."""

    base_url: str = BASE_URL
    rate: Annotated[float, msgspec.Meta(gt=0)] = CALLS_A_SECOND


class Prospeo:
    """Asks Prospeo. A person costs one credit, ten with a mobile number; a search that finds anybody one."""

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = 4
    groups = ALL_GROUPS
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._endpoint = Endpoint(transport, options.base_url, {"X-KEY": api_key})

    def most_cost(self, query: PersonQuery) -> float:
        """What a person costs with all that is wanted, and a search where nothing names them."""
        person = MOBILE_CREDITS if Group.PHONE in query.wanted else PERSON_CREDITS
        if data_of(query):
            return person
        return person + SEARCH_CREDITS if search_of(query) else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One for all who want the same, more for each search."""
        asked = [query for query in queries if self.most_cost(query)]
        kinds = {tuple(flags_of(query).items()) for query in asked}
        return len(kinds) + SEARCH_WEIGHT * sum(1 for query in asked if not data_of(query))

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order. Raises CallFailed."""
        batch = Batch(queries)
        asked = [place for place, query in enumerate(queries) if self.most_cost(query)]
        data = {place: sent for place in asked if (sent := data_of(queries[place]))}
        chosen = await self._search_all(batch, [place for place in asked if place not in data])
        data.update({place: {"person_id": identity} for place, (identity, _) in chosen.items()})
        by_flags: defaultdict[tuple[tuple[str, bool], ...], list[int]] = defaultdict(list)
        for place in data:
            by_flags[tuple(flags_of(queries[place]).items())].append(place)
        for flags, places in by_flags.items():
            try:
                await self._enrich(batch, dict(flags), places, data, chosen)
            except CallFailed as failure:
                batch.fail(places, failure)
        return batch.result()

    async def check_key(self) -> str:
        """Asks for the account, which costs nothing. Raises CallFailed."""
        answer = require_answer(await self._endpoint.get("/account-information", can_buy=False))
        account = member(answer, "response")
        left = number(member(account, "remaining_credits"))
        if left is None:
            left = number(member(account, "credits_remaining"))
        return "works" if left is None else f"{left:g} credits left"

    async def _search_all(self, batch: Batch, places: Sequence[int]) -> dict[int, tuple[str, Choice]]:
        """Prospeo's id of who was chosen at each of these places; where nobody was, the answer is noted."""
        chosen: dict[int, tuple[str, Choice]] = {}
        stopped: CallFailed | None = None
        for place in places:
            if stopped is not None:
                batch.fail([place], stopped)
                continue
            try:
                choice = await self._search(batch, place)
            except SeveralFit:
                batch.answer(place, Ambiguous(batch.spent[place]))
            except CallFailed as failure:
                batch.fail([place], failure)
                # What was not asked was not bought.
                stopped = CallFailed(failure.failure, retry_after=failure.retry_after)
            else:
                if choice is None:
                    cost = batch.spent[place]
                    batch.answer(place, Missing(cost) if cost else None)
                else:
                    chosen[place] = choice
        return chosen

    async def _search(self, batch: Batch, place: int) -> tuple[str, Choice] | None:
        query = batch.queries[place]
        reply = await self._endpoint.post("/search-person", search_of(query), can_buy=True)
        told = member(require_answer(reply), "results")
        if not isinstance(told, list):
            raise reply.garbled()
        results = items(told)
        batch.spent[place] = SEARCH_CREDITS if results else 0.0
        choice = choose(query, [candidate_of(result) for result in results])
        identity = text(member(results[choice.place], "person", "person_id")) if choice else None
        return (identity, choice) if identity and choice else None

    async def _enrich(
        self,
        batch: Batch,
        flags: dict[str, bool],
        places: Sequence[int],
        data: dict[int, dict[str, str]],
        chosen: dict[int, tuple[str, Choice]],
    ) -> None:
        references = {place: f"q{place}" for place in places}
        sent = [{"identifier": references[place], **data[place]} for place in places]
        reply = await self._endpoint.post("/bulk-enrich-person", {**flags, "data": sent}, can_buy=True)
        answer = require_answer(reply)
        known = list(references.values())
        matched = by_reference(items(member(answer, "matched")), known, _identifier)
        nobody = {
            text(each) for name in ("not_matched", "invalid_datapoints") for each in _list(answer, name)
        }
        total = amount(member(answer, "total_cost"))
        if not (matched or nobody or total == 0):
            raise reply.garbled()
        expected = [credits_of(matched[key]) if key in matched else 0.0 for key in known]
        for place, cost in zip(places, spread(total, expected), strict=True):
            query, spent, key = batch.queries[place], batch.spent[place], references[place]
            if key in matched:
                sure = chosen[place][1].confidence if place in chosen else 1.0
                person = person_of(query, matched[key])
                answer_here = found(query, person, spent + cost, sure * confidence_of(matched[key]))
                batch.answer(place, answer_here)
            elif key in nobody or total == 0:
                batch.answer(place, Missing(spent) if spent else None)
            else:
                batch.answer(place, unanswered(spent + cost))


def _identifier(match: Any) -> str | None:
    return text(member(match, "identifier"))


def _list(answer: Any, name: str) -> list[Any]:
    """Identifiers, or what has one."""
    return [_identifier(each) if isinstance(each, dict) else each for each in items(member(answer, name))]


def require_answer(reply: Reply) -> Any:
    """The answer's JSON; nobody found is an empty one. Raises CallFailed for an error, of whatever status."""
    answer = reply.json_or_none() if reply.status != 200 else reply.json()
    code = text(member(answer, "error_code"))
    if code in NOBODY:
        return {"matched": [], "results": [], "total_cost": 0}
    if failure := failure_of_code(code):
        raise reply.failed(failure)
    if reply.status != 200:
        raise reply.failed()
    if member(answer, "error"):
        raise reply.failed_in_words()
    if not isinstance(answer, dict):
        raise reply.garbled()
    return answer
