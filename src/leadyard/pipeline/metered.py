"""Asking a paid provider: what is known is not bought again, and nothing is bought twice.

A call is written down before it is made, within the limits and at the provider's pace, and settled after it.
A process that is killed in between leaves a call that is reserved: when its time is over it counts as paid
for, and its questions are not repeated, unless a repeat is free. An order keeps the provider's id of it, so
whoever comes next fetches the answers.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeGuard, TypeVar

import structlog

from leadyard.domain.provider_calls import AnswerState, CallState, KeptAnswer, Question, queries_by_place
from leadyard.domain.providers import (
    AsynchronousProvider,
    CallFailed,
    Failure,
    MeteredService,
    PersonQuery,
)
from leadyard.pipeline.call_desk import CallDesk
from leadyard.pipeline.errands import Errands, insist
from leadyard.pipeline.gatekeeping import close_gate
from leadyard.pipeline.gathering import Gathering
from leadyard.pipeline.paid_service import PaidService, ServiceT_co
from leadyard.pipeline.replies import Budget, Reply
from leadyard.pipeline.reserving import Reserved, Wish
from leadyard.pipeline.settling import Ended, Outcome
from leadyard.pipeline.telemetry import calling
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Database
from leadyard.storage.provider_gates import Pace

CALL_SECONDS = 60.0
LOST_AFTER = timedelta(seconds=90)
"""Longer than a call can take."""
ORDER_LIFETIME = timedelta(hours=24)

WrittenT = TypeVar("WrittenT")
Known = tuple[Mapping[str, KeptAnswer], datetime]
"""What is kept, by key, and when that was so."""

log = structlog.get_logger()


class Metered(Generic[ServiceT_co]):
    """One paid provider, as a workspace uses it.

    A call that is reserved for longer than `lost_after` has lost its process; one that is on its way is among
    the `errands`, whatever becomes of those who asked.
    """

    def __init__(
        self,
        service: PaidService[ServiceT_co],
        database: Database,
        workspace_id: int,
        lost_after: timedelta = LOST_AFTER,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        errands: Errands | None = None,
    ) -> None:
        self.service = service
        self.database = database
        self.workspace_id = workspace_id
        self.lost_after = lost_after
        self.sleep = sleep
        self.errands = errands or Errands()
        self._desk = CallDesk(service, database, workspace_id, lost_after, self.errands)
        self._looks: Gathering[Collection[str], Known] = Gathering(self._look)
        self._collecting = asyncio.Semaphore(self.provider.concurrency)

    @property
    def name(self) -> str:
        """The name that the account gave it."""
        return self.service.name

    @property
    def provider(self) -> ServiceT_co:
        """Who is asked."""
        return self.service.provider

    def can_ask(self, query: PersonQuery) -> bool:
        """Whether the provider has use for what is known."""
        return self.provider.most_cost(query) > 0

    async def ask(
        self,
        budget: Budget,
        groups: frozenset[str],
        queries: Sequence[PersonQuery],
        since: Sequence[datetime | None] = (),
        until: float = math.inf,
    ) -> list[Reply]:
        """One reply a query, in the same order; at most the provider's `batch_size` of them.

        What is known from before `since`, one moment a query, does not answer it. After `until`, of
        `time.monotonic`, no call is begun.
        """
        moments = since or [None] * len(queries)
        questions = [self.service.question(*each) for each in zip(queries, moments, strict=True)]
        kept, now = await self._find(questions)
        if await self._advance(kept.values(), now):
            kept, now = await self._find(questions)
        replies = self.service.read(kept, questions, budget, now)
        unknown = list({each.key: each for each in questions if each.key not in replies}.values())
        if unknown:
            replies |= await self._buy(Wish(budget, groups, unknown), until)
        return [replies[question.key] for question in questions]

    async def _find(self, questions: Sequence[Question]) -> Known:
        """What is kept of these questions."""
        keys = [question.key for question in questions]
        kept, now = await self._looks.ask(keys)
        return {key: kept[key] for key in keys if key in kept}, now

    async def _look(self, asked: Sequence[Collection[str]]) -> list[Known]:
        keys = list({key: None for each in asked for key in each})
        async with self.database.read() as tx:
            kept = await call_rows.find_answers(tx, self.workspace_id, self.name, keys)
            return [(kept, tx.now)] * len(asked)

    async def _advance(self, kept: Iterable[KeptAnswer], now: datetime) -> bool:
        """Fetches what was ordered, and gives up what a dead process had reserved; whether there was any."""
        calls = {each.call_id: each for each in kept if each.state is AnswerState.ASKED}
        has_advanced = False
        for call_id, each in calls.items():
            age = now - each.called_at
            if each.call_state is CallState.ORDERED and age < ORDER_LIFETIME:
                has_advanced |= await self._collect(call_id, each.order_id or "")
            elif age > self.lost_after:
                async with self.database.write() as tx:
                    await call_rows.lose_call(tx, call_id, "interrupted")
                has_advanced = True
        return has_advanced

    async def close(self, call_id: int) -> None:
        """Settles a call that nobody asks about any more, if that can be done now."""
        async with self.database.read() as tx:
            asked, now = await call_rows.list_call_answers(tx, call_id), tx.now
        await self._advance(asked, now)

    async def _collect(self, call_id: int, order_id: str) -> bool:
        """Fetches the answers to an order if they are there, at the provider's pace. To fail is free."""
        if not _is_asynchronous(self.provider):
            return False
        async with self._collecting:
            return await self._collect_from(self.provider, call_id, order_id)

    async def _collect_from(self, provider: AsynchronousProvider, call_id: int, order_id: str) -> bool:
        async with self.database.write() as tx:
            kept = await call_rows.list_call_answers(tx, call_id)
            passed_at = tx.now
            gate = await gate_rows.pass_gate(tx, self.workspace_id, self.name, Pace(provider.rate))
        if gate.closed_until is not None:
            return False
        await self.sleep(gate.wait_ms / 1000)
        asked = queries_by_place(kept)
        try:
            with calling(provider.name, len(asked)):
                async with asyncio.timeout(CALL_SECONDS):
                    answers = await provider.collect(order_id, asked)
        except Exception as error:
            failed = error if isinstance(error, CallFailed) else CallFailed(Failure.GARBLED)
            log.warning("order_not_collected", provider=self.name, error=type(error).__name__)
            async with self.database.write() as tx:
                await close_gate(tx, self.workspace_id, self.name, failed, passed_at)
            return False
        if answers is None or len(answers) != len(asked):
            async with self.database.write() as tx:
                await gate_rows.note_success(tx, self.workspace_id, self.name)
            return False
        questions = [self.service.question(query) for query in asked]
        await self._desk.settle(Ended(call_id, questions, answers, passed_at))
        return True

    async def _buy(self, wish: Wish, until: float) -> dict[str, Reply]:
        """Reserves a call, waits for its time and its turn, and makes it."""
        reserved = await self._desk.reserve(wish, until)
        if reserved.call is None:
            return reserved.replies
        try:
            await self.sleep(reserved.wait_ms / 1000)
            await self._desk.begin()
        except asyncio.CancelledError:
            self._desk.drop()
            await self.errands.see_through(self._insist(lambda: self._desk.take_back(reserved)))
            raise
        return reserved.replies | await self.errands.see_through(self._call(reserved))

    async def _call(self, reserved: Reserved) -> dict[str, Reply]:
        """Makes a call and writes down what it came to, as soon as the database lets it."""
        assert reserved.call is not None
        call = reserved.call
        try:
            outcome = await self._try([question.query for question in call.questions])
        finally:
            self._desk.end()
        ended = Ended(reserved.call_id, call.questions, outcome, call.passed_at, call.former)
        return await self._insist(lambda: self._desk.settle(ended))

    async def _try(self, queries: Sequence[PersonQuery]) -> Outcome:
        try:
            return await self._send(queries)
        except CallFailed as error:
            failed = error
        except TimeoutError:
            failed = CallFailed(Failure.TIMED_OUT, may_have_bought=True)
        except Exception as error:
            log.warning("provider_raised", provider=self.name, error=type(error).__name__)
            failed = CallFailed(Failure.GARBLED, may_have_bought=True)
        is_lost = self.service.is_lost(failed)
        log.warning("provider_call_failed", provider=self.name, failure=failed.failure, lost=is_lost)
        return failed

    async def _send(self, queries: Sequence[PersonQuery]) -> Outcome:
        """The answers, or the id of an order."""
        with calling(self.provider.name, len(queries)):
            async with asyncio.timeout(CALL_SECONDS):
                if _is_asynchronous(self.provider):
                    return await self.provider.order(queries)
                answers = await self.provider.find_people(queries)
        if len(answers) != len(queries):
            raise CallFailed(Failure.GARBLED, may_have_bought=True)
        return answers

    async def _insist(self, write: Callable[[], Awaitable[WrittenT]]) -> WrittenT:
        return await insist(write, self.lost_after.total_seconds())


def _is_asynchronous(provider: MeteredService) -> TypeGuard[AsynchronousProvider]:
    return hasattr(provider, "order")
