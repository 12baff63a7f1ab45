"""People Data Labs, version 5 of its API: people by what names them, up to 100 at once, or by a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from leadyard.domain.candidates import SeveralFit, choose
from leadyard.domain.providers import (
    ALL_GROUPS,
    Ambiguous,
    CallFailed,
    Missing,
    PersonAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.answers import Batch, by_reference, spread, unanswered
from leadyard.providers.people_data_labs.mapping import (
    NAME,
    answer_of,
    candidate_of,
    params_of,
    person_answer,
    search_of,
)
from leadyard.providers.reply import Reply, failure_of_status
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import amount, items, member, number, text

BASE_URL = "https://api.peopledatalabs.com/v5"
BATCH_SIZE = 100
CALLS_A_SECOND = 100 / 60 * 0.95
"""The least limit that a plan has for enrichment is 100 a minute."""
SEARCH_WEIGHT = 10.0
"""Searches are limited to a tenth of that."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings. A search buys `search_size` records; a match has to be as sure as `min_likelihood`."""

    base_url: str = BASE_URL
    rate: Annotated[float, msgspec.Meta(gt=0)] = CALLS_A_SECOND
    search_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    min_likelihood: Annotated[int, msgspec.Meta(ge=1, le=10)] = 6


class PeopleDataLabs:
    """Asks People Data Labs. A record costs a credit, found by enrichment or by a search."""

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = 4
    groups = ALL_GROUPS
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._options = options
        self._endpoint = Endpoint(transport, options.base_url, {"X-Api-Key": api_key})

    def most_cost(self, query: PersonQuery) -> float:
        """One credit for who can be looked up, as many as a search returns for a title and company."""
        if params_of(query):
            return 1.0
        return float(self._options.search_size) if search_of(query, 1) else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One for all who can be looked up, more for each search."""
        looked_up = sum(1 for query in queries if params_of(query))
        searched = sum(1 for query in queries if not params_of(query) and search_of(query, 1))
        return min(looked_up, 1) + searched * SEARCH_WEIGHT

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order. Raises CallFailed."""
        batch = Batch(queries)
        params = {place: params_of(query) for place, query in enumerate(queries)}
        places = [place for place in params if params[place]]
        if places:
            try:
                await self._enrich(batch, places, [params[place] for place in places])
            except CallFailed as failure:
                batch.fail(places, failure)
        await self._search_all(batch, [place for place in params if not params[place]])
        return batch.result()

    async def check_key(self) -> str:
        """Asks for a completion of a title, which costs nothing. Raises CallFailed."""
        params = {"field": "title", "text": "ceo", "size": "1"}
        reply = await self._endpoint.get("/autocomplete", params, can_buy=False)
        if reply.status != 200 and not reply.is_no_match:
            raise failure_of(reply)
        left = number(reply.headers.get("x-totallimit-remaining"))
        return "works" if left is None else f"{left:g} credits left"

    async def _enrich(self, batch: Batch, places: Sequence[int], params: Sequence[Any]) -> None:
        references = [str(number) for number in range(len(places))]
        reply = await self._endpoint.post(
            "/person/bulk",
            {
                "requests": [
                    {"metadata": {"reference": reference}, "params": each}
                    for reference, each in zip(references, params, strict=True)
                ],
                "min_likelihood": self._options.min_likelihood,
                "titlecase": True,
            },
            can_buy=True,
        )
        if reply.is_no_match:
            told: dict[str, Any] = {reference: {"status": 404} for reference in references}
        elif reply.status != 200:
            raise failure_of(reply)
        else:
            told = _match(reply, references)
        sold = [number(member(told.get(reference), "status")) == 200 for reference in references]
        costs = spread(credits_spent(reply), [float(is_sold) for is_sold in sold])
        for place, reference, cost in zip(places, references, costs, strict=True):
            batch.answer(place, _answer(batch.queries[place], told.get(reference), cost))

    async def _search_all(self, batch: Batch, places: Sequence[int]) -> None:
        stopped: CallFailed | None = None
        for place in places:
            search = search_of(batch.queries[place], self._options.search_size)
            if search is None:
                continue
            if stopped is not None:
                batch.fail([place], stopped)
                continue
            try:
                batch.answer(place, await self._search(batch.queries[place], search))
            except CallFailed as failure:
                batch.fail([place], failure)
                # What was not asked was not bought.
                stopped = CallFailed(failure.failure, retry_after=failure.retry_after)

    async def _search(self, query: PersonQuery, search: Any) -> PersonAnswer:
        reply = await self._endpoint.post("/person/search", search, can_buy=True)
        if reply.is_no_match:
            return None
        answer = reply.json() if reply.status == 200 else None
        if answer is None or member(answer, "error"):
            raise failure_of(reply)
        if not isinstance(member(answer, "data"), list):
            raise reply.garbled()
        records = items(member(answer, "data"))
        spent = credits_spent(reply)
        cost = float(len(records)) if spent is None else spent
        try:
            choice = choose(query, [candidate_of(record) for record in records])
        except SeveralFit:
            return Ambiguous(cost)
        if choice is None:
            return Missing(cost) if cost else None
        return person_answer(query, records[choice.place], cost, choice.confidence)


def _match(reply: Reply, references: Sequence[str]) -> dict[str, Any]:
    """The entries of a bulk answer by their references; by their order if none of them carries one."""
    entries = reply.json()
    if not isinstance(entries, list):
        raise failure_of(reply) if member(entries, "error") else reply.garbled()
    if any(_reference(entry) is not None for entry in entries):
        return by_reference(entries, references, _reference)
    if len(entries) != len(references):
        raise reply.garbled()
    return dict(zip(references, entries, strict=True))


def _reference(entry: Any) -> str | None:
    return text(member(entry, "metadata", "reference"))


def _answer(query: PersonQuery, entry: Any, cost: float) -> PersonAnswer:
    """The answer that an entry is; each has a status of its own."""
    status = number(member(entry, "status"))
    if status == 200:
        return answer_of(query, entry, cost)
    if status in (400, 404):
        return None
    if status == 451:
        return Missing(is_erased=True)
    if status is None:
        return unanswered()
    return Unavailable(failure_of_status(int(status)).value)


def failure_of(reply: Reply) -> CallFailed:
    """What an answer fails with; one of status 200 may have an error inside."""
    status = number(member(reply.json_or_none(), "status"))
    if reply.status == 200 and status is not None and status != 200:
        return CallFailed(failure_of_status(int(status)), retry_after=reply.retry_after)
    return reply.garbled() if reply.status == 200 else reply.failed()


def credits_spent(reply: Reply) -> float | None:
    """What a call cost, if the answer says so."""
    return amount(reply.headers.get("x-call-credits-spent"))
