"""Apollo, version 1 of its API: people by what names them, up to 10 at once, or by a search that is free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from leadyard.domain.candidates import Choice, SeveralFit, choose
from leadyard.domain.providers import (
    Ambiguous,
    CallFailed,
    Failure,
    Group,
    PersonAnswer,
    PersonQuery,
)
from leadyard.providers.answers import Batch, found, spread, unanswered
from leadyard.providers.apollo.mapping import (
    NAME,
    Detail,
    assign,
    candidate_of,
    confidence_of,
    detail_of,
    person_of,
    search_of,
)
from leadyard.providers.reply import Reply
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import amount, items, member, text

BASE_URL = "https://api.apollo.io/api/v1"
BATCH_SIZE = 10
CALLS_A_SECOND = 100 / 60 * 0.95
"""Half of 200 a minute, which plans begin with: bulk calls have half the limit of single ones."""
SEARCH_SIZE = 25


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings. `personal_emails` asks for private addresses too."""

    base_url: str = BASE_URL
    rate: Annotated[float, msgspec.Meta(gt=0)] = CALLS_A_SECOND
    personal_emails: bool = False


class Apollo:
    """Asks Apollo. A person costs a credit; a search, which hides most of what it finds, is free."""

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = 4
    groups = frozenset({Group.PERSON, Group.EMAIL, Group.COMPANY})
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._options = options
        self._endpoint = Endpoint(transport, options.base_url, {"x-api-key": api_key})

    def most_cost(self, query: PersonQuery) -> float:
        """One credit. Phone numbers come by a callback only, so they are not asked for."""
        if query.wanted <= {Group.PHONE}:
            return 0.0
        return 1.0 if detail_of(query) or search_of(query, 1) else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One for all, and one for each search."""
        asked = [query for query in queries if self.most_cost(query)]
        return min(len(asked), 1) + sum(1 for query in asked if detail_of(query) is None)

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order. Raises CallFailed."""
        batch = Batch(queries)
        asked = [place for place, query in enumerate(queries) if self.most_cost(query)]
        details = {place: detail for place in asked if (detail := detail_of(queries[place]))}
        chosen = await self._search_all(batch, [place for place in asked if place not in details])
        for place, (identity, _) in chosen.items():
            details[place] = Detail({"id": identity}, queries[place])
        if details:
            titles = {place: choice.confidence for place, (_, choice) in chosen.items()}
            try:
                await self._match(batch, details, titles)
            except CallFailed as failure:
                batch.fail(details, failure)
        return batch.result()

    async def check_key(self) -> str:
        """Asks whether the key is one, which costs nothing. Raises CallFailed."""
        reply = await self._endpoint.get("/auth/health", can_buy=False)
        if reply.status != 200:
            raise _failure_of(reply)
        if member(reply.json(), "is_logged_in") is not True:
            raise reply.failed(Failure.UNAUTHORIZED)
        return "works"

    async def _search_all(self, batch: Batch, places: Sequence[int]) -> dict[int, tuple[str, Choice]]:
        """Apollo's id of who was chosen at each of these places; where nobody was, the answer is noted."""
        chosen: dict[int, tuple[str, Choice]] = {}
        stopped: CallFailed | None = None
        for place in places:
            if stopped is not None:
                batch.fail([place], stopped)
                continue
            try:
                choice = await self._search(batch.queries[place])
            except SeveralFit:
                batch.answer(place, Ambiguous())
            except CallFailed as failure:
                stopped = failure
                batch.fail([place], failure)
            else:
                if choice is None:
                    batch.answer(place, None)
                else:
                    chosen[place] = choice
        return chosen

    async def _search(self, query: PersonQuery) -> tuple[str, Choice] | None:
        search = search_of(query, SEARCH_SIZE)
        reply = await self._endpoint.post("/mixed_people/api_search", search, can_buy=False)
        told = member(require_answer(reply), "people")
        if not isinstance(told, list):
            raise reply.garbled()
        people = items(told)
        choice = choose(query, [candidate_of(each) for each in people])
        identity = text(member(people[choice.place], "id")) if choice else None
        return (identity, choice) if identity and choice else None

    async def _match(self, batch: Batch, details: dict[int, Detail], titles: dict[int, float]) -> None:
        reply = await self._endpoint.post(
            "/people/bulk_match",
            {"details": [detail.sent for detail in details.values()]},
            {
                "reveal_personal_emails": str(self._options.personal_emails).lower(),
                "reveal_phone_number": "false",
            },
            can_buy=True,
        )
        answer = require_answer(reply)
        matches = member(answer, "matches")
        if not isinstance(matches, list):
            raise reply.garbled()
        assigned = assign(list(details.values()), matches)
        total = amount(member(answer, "credits_consumed"))
        costs = spread(total, [float(match is not None) for _, match in assigned])
        for place, (is_answered, match), cost in zip(details, assigned, costs, strict=True):
            query = batch.queries[place]
            if match is not None:
                confidence = titles.get(place, 1.0) * confidence_of(match)
                batch.answer(place, found(query, person_of(query, match), cost, confidence))
            else:
                batch.answer(place, None if is_answered else unanswered(cost))


def require_answer(reply: Reply) -> Any:
    """The answer's JSON. Raises CallFailed for one that is an error, of whatever status."""
    if reply.status != 200:
        raise _failure_of(reply)
    answer = reply.json()
    if not isinstance(answer, dict):
        raise reply.garbled()
    status = text(member(answer, "status"))
    if member(answer, "error") or member(answer, "error_code") or status in ("error", "failed"):
        raise _failure_of(reply)
    return answer


def _failure_of(reply: Reply) -> CallFailed:
    """What an answer fails with; one of status 200 may name another status inside."""
    if reply.status != 200:
        return reply.failed()
    return reply.failed_in_words()
