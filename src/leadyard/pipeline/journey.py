"""A lead on its way through the steps, and how a step calls a provider."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import msgspec
import structlog

from leadyard.domain.entries import Findings, Provenance, Visit, WorkItem, withhold
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Group, PersonQuery, Provider, Unavailable
from leadyard.domain.suppression import find_profile
from leadyard.domain.verification import Verification
from leadyard.domain.waterfall import TURN_OVER, Blocked, Search
from leadyard.pipeline.telemetry import calling

MAX_ATTEMPTS = 3
FIRST_RETRY = timedelta(seconds=1)
RETRY_FACTOR = 4
MIN_WAIT_SECONDS = 0.5
MAX_VISITS = 50
DEFERRALS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
"""How long a lead waits when a mail host greylists its address, the first, second and third time."""

QueryT = TypeVar("QueryT")
AnswerT = TypeVar("AnswerT")

log = structlog.get_logger()


class Journey(msgspec.Struct):
    """One lead under way. `must_wait` is set when a provider was unavailable and may be asked again.

    `deferred_for` is how long it waits through no fault of its own, so that no attempt is counted: a mail
    host wants it so, or a provider takes no calls. `blocked` is what its whole list waits for. With
    `is_turn_over` it goes on as soon as others have had their turn.
    """

    item: WorkItem
    findings: Findings
    must_wait: bool = False
    deferred_for: timedelta | None = None
    blocked: Blocked | None = None
    is_turn_over: bool = False

    @property
    def is_last_attempt(self) -> bool:
        """Whether a provider that is unavailable now is not asked again."""
        return self.item.attempts + 1 >= MAX_ATTEMPTS

    @property
    def email(self) -> str | None:
        """The e-mail that came with the lead, else the one that was found."""
        if self.item.email is not None or self.findings.person is None:
            return self.item.email
        return self.findings.person.email

    def note(self, **changes: Any) -> None:
        """Writes findings down."""
        self.findings = msgspec.structs.replace(self.findings, **changes)

    def note_sources(self, sources: Mapping[str, Provenance]) -> None:
        """Writes down where values came from."""
        self.note(provenance={**self.findings.provenance, **sources})

    def note_search(self, search: Search) -> bool:
        """Writes down what a search came to; False if it has to be taken up again later."""
        if not self.go_on_after(search):
            return False
        self.note_visits(search.visits)
        self.note_sources(search.sources)
        if numbers := search.numbers_told():
            self.note(overheard={**self.findings.overheard, **numbers})
        return True

    def go_on_after(self, asked: Search | Verification) -> bool:
        """Whether what was asked has come to an end; if not, the lead waits, or it is stopped."""
        if asked.is_kept_out:
            self.stop()
            return False
        if asked.blocked is not None:
            self.must_wait = True
            self.is_turn_over = asked.blocked is TURN_OVER
            self.blocked = None if asked.blocked.cause is None else asked.blocked
            # Where the list waits, its pause says for how long.
            seconds = asked.blocked.seconds if self.blocked is None else 0.0
            self.deferred_for = timedelta(seconds=max(seconds, MIN_WAIT_SECONDS))
        elif asked.must_wait:
            self.must_wait = True
        return not self.must_wait

    def note_visits(self, visits: Sequence[Visit]) -> None:
        """Writes down who was asked."""
        self.note(history=(*self.findings.history, *visits)[-MAX_VISITS:])

    def stop(self) -> None:
        """The lead may not be looked up: it ends with nothing done, nothing new shown and nothing to pay."""
        self.findings = withhold(self.findings)
        self.must_wait, self.deferred_for = False, None

    def defer(self) -> bool:
        """A mail host wants to be asked later: waits for that, or returns False after the last deferral."""
        if self.findings.deferrals >= len(DEFERRALS):
            return False
        self.must_wait, self.deferred_for = True, DEFERRALS[self.findings.deferrals]
        self.note(deferrals=self.findings.deferrals + 1)
        return True


def retry_delay(attempts: int) -> timedelta:
    """How long a lead waits after its n-th attempt: 1 s, then 4 s, and so on."""
    return FIRST_RETRY * math.pow(RETRY_FACTOR, attempts - 1)


def person_query(item: WorkItem, wanted: frozenset[Group]) -> PersonQuery:
    """What the lead says of the person, and what is wanted, in the form that providers are asked in."""
    lead = item.lead
    return PersonQuery(
        key=item.key,
        list_type=item.list_type,
        linkedin_key=_usable_linkedin_key(item),
        email=item.email,
        title=lead.title or None,
        company_name=lead.company_name or None,
        company_domain=lead.company_domain or None,
        wanted=wanted,
        first_name=item.first_name,
        last_name=item.last_name,
    )


def _usable_linkedin_key(item: WorkItem) -> str | None:
    return item.key if item.list_type is ListType.LINKEDIN else find_profile(item.lead.linkedin_url)


async def _give_way() -> None:
    """Lets who waits for the slot that is free now begin their call before its answer is made use of.

    Calls that began together end together; were all their answers looked at first, every slot would be
    empty for as long. It takes two turns: one to be woken up, and one to begin.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def together(calls: Sequence[Coroutine[Any, Any, AnswerT]]) -> list[AnswerT]:
    """What these come to, all at once; a single one needs no task of its own."""
    return [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)


class _Slot(msgspec.Struct):
    """A place in each of several lines, taken one after the other. There is one for every call."""

    lines: Sequence[asyncio.Semaphore]
    taken: int = 0

    async def __aenter__(self) -> None:
        try:
            for line in self.lines:
                await line.acquire()
                self.taken += 1
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *error: object) -> None:
        self._leave()

    def _leave(self) -> None:
        for line in self.lines[: self.taken]:
            line.release()


class Gates(msgspec.Struct, weakref=True):
    """How many calls each provider has under way in this process, never more than it takes.

    Those of a list have as many in the line of the whole process, which is `process`, and no more: a list
    with few leads does not stand behind all the leads of another.
    """

    process: Gates | None = None
    _semaphores: dict[str, asyncio.Semaphore] = msgspec.field(default_factory=dict)
    _lists: WeakValueDictionary[int, Gates] = msgspec.field(default_factory=WeakValueDictionary)

    async def call(
        self,
        provider: Provider,
        ask: Callable[[Sequence[QueryT]], Awaitable[Sequence[AnswerT]]],
        queries: Sequence[QueryT],
    ) -> list[AnswerT | Unavailable]:
        """Asks in batches as large as the provider takes; one answer a query, in the same order.

        A provider that raises, or answers more or fewer queries than it was asked, was unavailable for
        that batch.
        """
        size = provider.batch_size
        if len(queries) <= size:
            return list(await self._ask(provider, ask, queries)) if queries else []
        batches = [queries[start : start + size] for start in range(0, len(queries), size)]
        answers = await together([self._ask(provider, ask, batch) for batch in batches])
        return [answer for batch in answers for answer in batch]

    def for_list(self, list_id: int | None) -> Gates:
        """The gates that the chunks of one list go through, on their way to these; None is no list."""
        known = None if list_id is None else self._lists.get(list_id)
        gates = known or Gates(process=self)
        if list_id is not None:
            self._lists[list_id] = gates
        return gates

    def slot(self, provider: str, concurrency: int) -> _Slot:
        """One of the calls that a provider takes at once, for as long as the block lasts."""
        lines = [self._line(provider, concurrency)]
        if self.process is not None:
            lines.append(self.process._line(provider, concurrency))
        return _Slot(lines)

    def _line(self, provider: str, concurrency: int) -> asyncio.Semaphore:
        line = self._semaphores.get(provider)
        if line is None:
            line = self._semaphores[provider] = asyncio.Semaphore(concurrency)
        return line

    async def _ask(
        self,
        provider: Provider,
        ask: Callable[[Sequence[QueryT]], Awaitable[Sequence[AnswerT]]],
        batch: Sequence[QueryT],
    ) -> Sequence[AnswerT | Unavailable]:
        try:
            async with self.slot(provider.name, provider.concurrency):
                with calling(provider.name, len(batch)):
                    answers = await ask(batch)
            await _give_way()
        except Exception as error:
            log.warning("provider_raised", provider=provider.name, error=type(error).__name__)
            return [Unavailable(type(error).__name__)] * len(batch)
        if len(answers) != len(batch):
            # Nobody can tell whose answers these are.
            log.warning("provider_miscounted", provider=provider.name, asked=len(batch), got=len(answers))
            return [Unavailable("miscounted")] * len(batch)
        return answers
