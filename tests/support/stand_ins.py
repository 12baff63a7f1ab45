"""What stands in for the outside: a clock that is moved by hand, and a service that plays all three roles."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import Step
from leadyard.domain.people import Company, Person, PhoneNumber
from leadyard.domain.providers import (
    ALL_GROUPS,
    Ambiguous,
    CallFailed,
    EmailAnswer,
    FoundPerson,
    FoundPhones,
    Group,
    PersonAnswer,
    PersonQuery,
    PhoneAnswer,
    Providers,
    Unavailable,
    Verified,
    VerifierAnswer,
)

AnswerT = TypeVar("AnswerT")


@dataclass(slots=True)
class Clock:
    """A time of day that stands still until it is moved."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Moves it on; named as for timedelta."""
        self.now += timedelta(**duration)


class RunningClock(Clock):
    """The time of day as it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What the service knows of whom a lead's key stands for."""

    person_id: str
    email: str | None = None
    phones: tuple[str, ...] = ()

    def person(self) -> Person:
        """As it tells of them, phone numbers included."""
        return Person(
            id=self.person_id,
            email=self.email,
            first_name="Found",
            title="Found Title",
            company=Company("Found Company", "found.example"),
            phone_numbers=self.numbers(),
        )

    def numbers(self) -> tuple[PhoneNumber, ...]:
        """The phone numbers."""
        return tuple(PhoneNumber(number, "mobile") for number in self.phones)


async def _nothing(_step: Step, _key: str) -> None:
    pass


@dataclass(slots=True)
class StandIn:
    """An outside service that finds, reveals and validates, and fails as it is told.

    `knows` maps keys of leads to people. `down` are the steps it is unavailable for now, `failures` how often
    more it is unavailable for one key, `raises` what it raises instead of an answer, `miscounts` the steps
    for which it forgets the last answer. `before_answer` is awaited for each query. It counts what it is
    `asked`.
    """

    name: str = "stand-in"
    batch_size: int = 10
    concurrency: int = 4
    knows: dict[str, Known] = field(default_factory=dict)
    down: set[Step] = field(default_factory=set)
    failures: Counter[tuple[Step, str]] = field(default_factory=Counter)
    raises: dict[Step, Exception] = field(default_factory=dict)
    miscounts: set[Step] = field(default_factory=set)
    verdict: Callable[[str], EmailAnswer] = lambda email: EmailVerdict(email, EmailResult.DELIVERABLE, "told")
    is_ambiguous: bool = False
    before_answer: Callable[[Step, str], Awaitable[None]] = _nothing
    asked: Counter[tuple[Step, str]] = field(default_factory=Counter)
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def providers(self) -> Providers:
        """Itself in each role."""
        return Providers(people=self, phones=self, emails=self)

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """The people it knows."""

        def find(key: str) -> FoundPerson | Ambiguous | None:
            if self.is_ambiguous:
                return Ambiguous()
            known = self.knows.get(key)
            return None if known is None else FoundPerson(known.person(), confidence=0.9, cost=0.02)

        return await self._answer(Step.ENRICH, [query.key for query in queries], find)

    async def reveal_phones(self, queries: Sequence[PersonQuery]) -> Sequence[PhoneAnswer]:
        """The phone numbers of the people it knows."""

        def find(key: str) -> FoundPhones | None:
            known = self.knows.get(key)
            if known is None or not known.phones:
                return None
            return FoundPhones(known.person_id, known.numbers(), confidence=0.8)

        return await self._answer(Step.REVEAL, [query.key for query in queries], find)

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """A verdict on each address."""
        return await self._answer(Step.VALIDATE, emails, self.verdict)

    async def _answer(
        self, step: Step, keys: Sequence[str], find: Callable[[str], AnswerT]
    ) -> list[AnswerT | Unavailable]:
        async with self._counted():
            answers = [await self._answer_one(step, key, find) for key in keys]
        if step in self.raises:
            raise self.raises[step]
        return answers[:-1] if step in self.miscounts else answers

    async def _answer_one(
        self, step: Step, key: str, find: Callable[[str], AnswerT]
    ) -> AnswerT | Unavailable:
        self.asked[step, key] += 1
        await self.before_answer(step, key)
        if self.failures[step, key] > 0:
            self.failures[step, key] -= 1
            return Unavailable("told to")
        return Unavailable("down") if step in self.down else find(key)

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            yield
        finally:
            self.at_once -= 1


@dataclass(slots=True)
class PaidStandIn:
    """A paid service: tells of those it knows by their profile, and counts what it sold.

    `failures` are raised instead of the next answers, after `sells_before_failing` says that it sold them.
    """

    name: str = "paid"
    batch_size: int = 10
    concurrency: int = 4
    groups: frozenset[Group] = ALL_GROUPS
    rate: float = 1_000.0
    repeats_are_free: bool = False
    price: float = 1.0
    knows: dict[str, Person] = field(default_factory=dict)
    answers: dict[str, PersonAnswer] = field(default_factory=dict)
    failures: list[CallFailed] = field(default_factory=list)
    sold: Counter[str] = field(default_factory=Counter)
    asked: list[PersonQuery] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None

    def most_cost(self, query: PersonQuery) -> float:
        """The price, if there is a profile."""
        return self.price if query.linkedin_key else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One call."""
        return 1.0

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """Those it knows."""
        self.asked += queries
        if self.before_answer is not None:
            await self.before_answer()
        if self.failures:
            raise self.failures.pop(0)
        return [self._answer(query.linkedin_key or "") for query in queries]

    async def check_key(self) -> str:
        """It may do everything."""
        return "all"

    def _answer(self, key: str) -> PersonAnswer:
        if key in self.answers:
            return self.answers[key]
        if key not in self.knows:
            return None
        self.sold[key] += 1
        return FoundPerson(self.knows[key], confidence=0.7, cost=self.price)


@dataclass(slots=True)
class PaidValidatorStandIn:
    """A paid verifier: says of an address what `answers` has, else that mail arrives; counts what it sold.

    `failures` are raised instead of the next answers.
    """

    name: str = "verifier"
    batch_size: int = 10
    concurrency: int = 4
    rate: float = 1_000.0
    repeats_are_free: bool = False
    most_cost: float = 0.5
    answers: dict[str, VerifierAnswer] = field(default_factory=dict)
    failures: list[CallFailed] = field(default_factory=list)
    sold: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[VerifierAnswer]:
        """What it says of each."""
        self.asked += emails
        if self.before_answer is not None:
            await self.before_answer()
        if self.failures:
            raise self.failures.pop(0)
        return [self._answer(email) for email in emails]

    def _answer(self, email: str) -> VerifierAnswer:
        arrives = Verified(EmailVerdict(email, EmailResult.DELIVERABLE, "valid"), self.most_cost)
        answer = self.answers.get(email, arrives)
        if isinstance(answer, Verified):
            self.sold[email] += 1
        return answer


@dataclass(slots=True)
class OrderedStandIn(PaidStandIn):
    """A paid service that takes orders; an order is ready once it is in `ready`."""

    orders: dict[str, list[PersonQuery]] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)

    async def order(self, queries: Sequence[PersonQuery]) -> str:
        """Takes an order."""
        if self.before_answer is not None:
            await self.before_answer()
        if self.failures:
            raise self.failures.pop(0)
        order_id = f"order-{len(self.orders) + 1}"
        self.orders[order_id] = list(queries)
        return order_id

    async def collect(self, order_id: str, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer] | None:
        """The answers, in the order of the queries."""
        assert list(queries) == self.orders[order_id]
        if order_id not in self.ready:
            return None
        return [self._answer(query.linkedin_key or "") for query in queries]
