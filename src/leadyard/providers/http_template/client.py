"""Asks the service that a template describes, one person a call."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.candidates import SeveralFit, choose
from leadyard.domain.providers import (
    Ambiguous,
    CallFailed,
    Failure,
    Missing,
    PersonAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.answers import Batch, found
from leadyard.providers.http_template.mapping import NAME, Template, fill_address, fill_body, fill_text
from leadyard.providers.http_template.options import KEY, Meaning, Options
from leadyard.providers.reply import Reply
from leadyard.providers.transport import Transport

_FAILURES = {
    "throttled": Failure.THROTTLED,
    "unauthorized": Failure.UNAUTHORIZED,
    "out_of_credit": Failure.OUT_OF_CREDIT,
    "down": Failure.DOWN,
}
_USUAL_MEANINGS: dict[int, Meaning] = {202: "pending", 204: "not_found", 451: "erased"}


class HttpTemplate:
    """Any service that answers JSON over HTTP."""

    name = NAME
    batch_size = 1

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        """Raises InvalidOptions."""
        self._template = Template(options)
        self._transport = transport
        self._key = {KEY: api_key}
        self.rate = options.rate
        self.concurrency = options.concurrency
        self.groups = options.groups
        self.repeats_are_free = options.repeats_are_free

    def most_cost(self, query: PersonQuery) -> float:
        """The price, if the lead has what the template needs."""
        return self._template.options.price if self._template.is_answerable(query) else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One a query."""
        return float(sum(map(self._template.is_answerable, queries)))

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order. Raises CallFailed."""
        batch = Batch(queries)
        for place, query in enumerate(queries):
            if self._template.is_answerable(query):
                try:
                    batch.answer(place, await self._find(query))
                except CallFailed as failure:
                    batch.fail([place], failure)
        return batch.result()

    async def check_key(self) -> str:
        """Asks what the template names for that, if it does. Raises CallFailed."""
        options = self._template.options
        if options.check is None:
            return "not checked: the template names no request for it"
        reply = await self._transport.send(
            options.check.method,
            fill_address(options.check.url, self._key),
            headers=self._headers({}),
            can_buy=False,
        )
        if reply.status != 200:
            raise reply.failed()
        return "works"

    async def _find(self, query: PersonQuery) -> PersonAnswer:
        options, clues = self._template.options, self._template.clues_of(query)
        values = {**clues, **self._key}
        reply = await self._transport.send(
            options.method,
            fill_address(options.url, values),
            headers=self._headers(clues),
            body=fill_body(options.body, values),
            can_buy=True,
        )
        match self._meaning(reply):
            case "not_found":
                return None
            case "erased":
                return Missing(is_erased=True)
            case "pending":
                return Unavailable("pending")
            case "found":
                return self._read(query, reply)
            case meaning:
                raise reply.failed(_FAILURES.get(meaning or ""))

    def _meaning(self, reply: Reply) -> Meaning | None:
        """What a status means: as the template says, else as usual; None for a failure."""
        if told := self._template.options.statuses.get(str(reply.status)):
            return told
        if reply.is_no_match:
            return "not_found"
        return _USUAL_MEANINGS.get(reply.status, "found" if 200 <= reply.status < 300 else None)

    def _read(self, query: PersonQuery, reply: Reply) -> PersonAnswer:
        answer = reply.json()
        if self._template.is_failed(answer):
            raise reply.failed_in_words()
        if not isinstance(answer, dict | list):
            raise reply.garbled()
        people = self._template.found(answer)
        told_cost = self._template.cost_of(answer)
        if not people:
            return Missing(told_cost) if told_cost else None
        cost = self._template.options.price if told_cost is None else told_cost
        sure = 1.0
        if len(people) > 1 or _is_named_by_title_only(query):
            try:
                choice = choose(query, [self._template.candidate_of(each) for each in people])
            except SeveralFit:
                return Ambiguous(cost)
            if choice is None:
                return Missing(cost)
            people, sure = [people[choice.place]], choice.confidence
        person = self._template.person_of(query, people[0])
        return found(query, person, cost, sure * self._template.confidence_of(people[0]))

    def _headers(self, clues: dict[str, str]) -> dict[str, str]:
        values = {**clues, **self._key}
        headers = self._template.options.headers
        return {name: fill_text(value, values) for name, value in headers.items()}


def _is_named_by_title_only(query: PersonQuery) -> bool:
    return not (query.linkedin_key or query.email or (query.first_name and query.last_name))
