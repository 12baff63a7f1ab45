"""Looking for persons: provider after provider, each asked only for what is still missing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from leadyard.domain.entries import FREE, Provenance, Step, Visit, usual
from leadyard.domain.people import Person
from leadyard.domain.provider_calls import MILLI, AnswerState, cost_of, state_of
from leadyard.domain.providers import (
    Deferred,
    FoundPerson,
    FoundPhones,
    Group,
    MeteredProvider,
    PeopleProvider,
    PersonAnswer,
    PersonQuery,
    PhoneAnswer,
    PhoneProvider,
    Unavailable,
)
from leadyard.domain.waterfall import Blocked, Order, Search
from leadyard.pipeline.gathering import Gathering
from leadyard.pipeline.identities import Identities
from leadyard.pipeline.journey import Gates, together
from leadyard.pipeline.metered import Metered
from leadyard.pipeline.replies import Budget, GivenUp, KeptOut, Reply, Told
from leadyard.storage.person_keys import Met


class Local:
    """A provider of our own: it costs nothing, so it has no ledger and no cache.

    Where it takes many at once, those who come while others are asked about are asked about together.
    """

    def __init__(
        self, people: PeopleProvider, phones: PhoneProvider, gates: Gates, clock: Callable[[], datetime]
    ) -> None:
        self.people = people
        self.phones = phones
        self.gates = gates
        self.clock = clock
        self._people: Gathering[Sequence[PersonQuery], Sequence[PersonAnswer]] = Gathering(self._find_all)

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.people.name

    def can_ask(self, query: PersonQuery) -> bool:
        """Always: who cannot be looked for is not found."""
        return True

    async def ask(
        self,
        budget: Budget,
        groups: frozenset[str],
        queries: Sequence[PersonQuery],
        since: Sequence[datetime | None] = (),
        until: float = math.inf,
    ) -> list[Reply]:
        """One reply a query, in the same order. Phone numbers are asked for by themselves."""
        answers: Sequence[PersonAnswer]
        if groups == {Group.PHONE}:
            found = await self.gates.call(self.phones, self.phones.reveal_phones, queries)
            answers = [_as_person(answer) for answer in found]
        elif len(queries) < self.people.batch_size:
            answers = await self._people.ask(queries)
        else:
            answers = await self.gates.call(self.people, self.people.find_people, queries)
        now = self.clock()
        return [_told(answer, now) for answer in answers]

    async def _find_all(self, asked: Sequence[Sequence[PersonQuery]]) -> list[Sequence[PersonAnswer]]:
        everybody = [query for queries in asked for query in queries]
        answers = iter(await self.gates.call(self.people, self.people.find_people, everybody))
        return [list(islice(answers, len(queries))) for queries in asked]


Source = Local | Metered[MeteredProvider]


class Waterfall(msgspec.Struct, frozen=True):
    """The providers of one list in their order.

    With `identities` every person found gets the account's own id for them, the same whichever provider told
    of them; without one the providers' ids stand. After `turn_ends_at` (of `time.monotonic`) no paid
    provider is asked any more.
    """

    sources: Mapping[str, Source]
    order: Order
    budget: Budget
    gates: Gates
    clock: Callable[[], datetime]
    identities: Identities | None = None
    turn_ends_at: float = math.inf

    @property
    def batch_size(self) -> int:
        """As many leads as the first provider takes at once."""
        for name in self.order.person:
            source = self.sources.get(name)
            if source is not None:
                return (source.people if isinstance(source, Local) else source.provider).batch_size
        return 1

    async def search(self, step: Step, searches: Sequence[Search]) -> None:
        """Asks until nothing is missing, nobody is left to ask, or somebody has to be waited for."""
        while turns := self._turns(step, searches):
            await together(
                [self._ask(step, name, groups, members) for (name, groups), members in turns.items()]
            )
        await self._identify([search for search in searches if search.told])

    def _turns(
        self, step: Step, searches: Sequence[Search]
    ) -> dict[tuple[str, frozenset[Group]], list[Search]]:
        turns: defaultdict[tuple[str, frozenset[Group]], list[Search]] = defaultdict(list)
        for search in searches:
            while not search.is_over and (name := search.next_provider(self.order, self._can_ask)):
                groups = search.groups_for(self.order, name)
                is_free = isinstance(self.sources[name], Local)
                source = None if is_free else search.take_overheard(name, groups)
                if source is None:
                    turns[name, groups].append(search)
                    break
                search.tried.add(name)
                search.visits.append(Visit(step, name, source.fetched_at, "found", FREE, is_cached=True))
        return turns

    def _can_ask(self, name: str, query: PersonQuery) -> bool:
        source = self.sources.get(name)
        return source is not None and source.can_ask(query)

    async def _ask(self, step: Step, name: str, groups: frozenset[Group], members: list[Search]) -> None:
        source = self.sources[name]
        if isinstance(source, Local):
            await self._ask_batch(step, name, groups, members)
            return
        size = source.provider.batch_size
        batches = [members[at : at + size] for at in range(0, len(members), size)]
        await together([self._ask_batch(step, name, groups, batch) for batch in batches])

    async def _ask_batch(
        self, step: Step, name: str, groups: frozenset[Group], members: list[Search]
    ) -> None:
        queries = [_asking_for(search.query, groups) for search in members]
        since = [search.since for search in members]
        replies = await self.sources[name].ask(self.budget, groups, queries, since, self.turn_ends_at)
        for search, reply in zip(members, replies, strict=True):
            self._note(step, name, groups, search, reply)

    def _note(self, step: Step, name: str, groups: frozenset[Group], search: Search, reply: Reply) -> None:
        if isinstance(reply, Blocked):
            search.blocked = reply
            return
        if isinstance(reply, KeptOut):
            search.is_kept_out = True
            return
        if isinstance(reply, Unavailable | Deferred | GivenUp):
            search.outcomes.add("unavailable")
            search.must_wait = search.may_wait and not isinstance(reply, GivenUp)
            outcome, cost, at, is_cached = "unavailable", FREE, self.clock(), False
        else:
            outcome, at, is_cached = reply.state.value, reply.fetched_at, reply.is_cached
            cost = usual(reply.cost / MILLI)
            found = reply.found
            if isinstance(found, FoundPerson):
                source = Provenance(name, at, usual(found.confidence), cost, is_cached)
                outcome = outcome if search.take(found.person, groups, source) else "other_person"
            search.outcomes.add(outcome)
        if not search.must_wait:
            search.tried.add(name)
            search.visits.append(Visit(step, name, at, outcome, cost, is_cached))

    async def _identify(self, found: Sequence[Search]) -> None:
        if self.identities is None or not found:
            return
        met = [Met(search.keys, search.known_id) for search in found]
        ids = await self.identities.resolve(self.budget.workspace_id, met)
        for search, person_id in zip(found, ids, strict=True):
            assert search.person is not None
            search.person = msgspec.structs.replace(search.person, id=person_id)


def _asking_for(query: PersonQuery, groups: frozenset[Group]) -> PersonQuery:
    return query if query.wanted == groups else msgspec.structs.replace(query, wanted=groups)


def _as_person(answer: PhoneAnswer) -> PersonAnswer:
    if not isinstance(answer, FoundPhones):
        return answer
    person = Person(id=answer.person_id, phone_numbers=answer.numbers)
    return FoundPerson(person, answer.confidence, answer.cost)


def _told(answer: PersonAnswer, now: datetime) -> Reply:
    if isinstance(answer, Unavailable):
        return answer
    state = state_of(answer) or AnswerState.MISSING
    found = answer if isinstance(answer, FoundPerson) else None
    return Told(state, found, round(cost_of(answer) * MILLI), now)
