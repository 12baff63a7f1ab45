"""Asking a paid provider: what is known is not bought again, and nothing is bought twice.

A call is written down before it is made, within the limits and at the provider's pace, and settled after it.
A process that is killed in between leaves a call that is reserved: when its time is over it counts as paid
for, and its questions are not repeated, unless a repeat is free. An order keeps the provider's id of it, so
whoever comes next fetches the answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeGuard, TypeVar

import structlog

from leadyard.domain.lead_lists import PauseCause
from leadyard.domain.provider_calls import (
    AnswerState,
    CallState,
    KeptAnswer,
    NewCall,
    Question,
    cost_of,
    milli_costs,
    most_milli,
    queries_by_place,
    question_key,
    state_of,
)
from leadyard.domain.providers import (
    AsynchronousProvider,
    Bought,
    CallFailed,
    Deferred,
    Failure,
    FoundCompany,
    FoundPerson,
    MeteredAnswer,
    MeteredService,
    PersonQuery,
    Unavailable,
    Verified,
)
from leadyard.domain.spending import fitting, room_left
from leadyard.domain.suppression import Identity, identity_of
from leadyard.domain.waterfall import Blocked, SpendingLimits
from leadyard.pipeline.errands import Errands, insist
from leadyard.pipeline.gatekeeping import close_gate, note_refusals, tell_closed
from leadyard.pipeline.replies import Budget, KeptOut, Reply, Told
from leadyard.pipeline.telemetry import calling
from leadyard.storage import accounts as account_rows
from leadyard.storage import provider_answers as answer_rows
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.provider_gates import Pace
from leadyard.storage.suppression import find_suppressed

CALL_SECONDS = 60.0
LOST_AFTER = timedelta(seconds=90)
"""Longer than a call can take."""
IN_FLIGHT_SECONDS = 5.0
ORDER_SECONDS = 5.0
ORDER_LIFETIME = timedelta(hours=24)
SAME_LIST = timedelta(days=1)
"""For so long a list's own answers are used again, however short others are kept: its leads may wait."""
BUSY_SECONDS = 0.1

WrittenT = TypeVar("WrittenT")
ServiceT_co = TypeVar("ServiceT_co", bound=MeteredService, covariant=True)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Metered(Generic[ServiceT_co]):
    """One paid provider, as an account uses it. `credit_price` turns its credits into the account's unit.

    A call that is reserved for longer than `lost_after` has lost its process; one that is on its way is among
    the `errands`, whatever becomes of those who asked. `settings` is a digest of what
    the provider is set up with: who was not found with others may be found with these.
    """

    name: str
    provider: ServiceT_co
    database: Database
    credit_price: float = 1.0
    lost_after: timedelta = LOST_AFTER
    settings: str | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    errands: Errands = field(default_factory=Errands)

    def can_ask(self, query: PersonQuery) -> bool:
        """Whether the provider has use for what is known."""
        return self.provider.most_cost(query) > 0

    async def ask(
        self,
        budget: Budget,
        groups: frozenset[str],
        queries: Sequence[PersonQuery],
        since: Sequence[datetime | None] = (),
    ) -> list[Reply]:
        """One reply a query, in the same order; at most the provider's `batch_size` of them.

        What is known from before `since`, one moment a query, does not answer it.
        """
        moments = since or [None] * len(queries)
        questions = [self._question(*each) for each in zip(queries, moments, strict=True)]
        kept, now = await self._find(budget, questions)
        if await self._advance(budget, kept.values(), now):
            kept, now = await self._find(budget, questions)
        replies = self._read(kept, questions, budget, now)
        unknown = list({each.key: each for each in questions if each.key not in replies}.values())
        if unknown:
            replies |= await self._buy(budget, groups, unknown)
        return [replies[question.key] for question in questions]

    def _question(self, query: PersonQuery, since: datetime | None = None) -> Question:
        most = most_milli(self.provider.most_cost(query) * self.credit_price)
        return Question(question_key(query), query, most, since)

    async def _find(
        self, budget: Budget, questions: Sequence[Question]
    ) -> tuple[dict[str, KeptAnswer], datetime]:
        """What is kept of these questions, by key, and when that was so."""
        async with self.database.read() as tx:
            return await self._find_in(tx, budget, questions), tx.now

    async def _find_in(self, tx: Tx, budget: Budget, questions: Sequence[Question]) -> dict[str, KeptAnswer]:
        keys = [question.key for question in questions]
        return await call_rows.find_answers(tx, budget.workspace_id, self.name, keys)

    def _read(
        self, kept: Mapping[str, KeptAnswer], questions: Sequence[Question], budget: Budget, now: datetime
    ) -> dict[str, Reply]:
        """What kept answers say, without those that are too old or may be asked for again."""
        replies: dict[str, Reply] = {}
        for question in questions:
            each = kept.get(question.key)
            if each is None:
                continue
            if each.state is AnswerState.ASKED:
                is_ordered = each.call_state is CallState.ORDERED
                reason = "ordered" if is_ordered else "in_flight"
                replies[each.key] = Blocked(reason, ORDER_SECONDS if is_ordered else IN_FLIGHT_SECONDS)
            elif self._is_usable(each, question, budget, now):
                is_cached = each.list_id is None or each.list_id != budget.list_id
                replies[each.key] = Told(each.state, each.answer, each.cost, each.fetched_at, is_cached)
        return replies

    def _is_usable(self, kept: KeptAnswer, question: Question, budget: Budget, now: datetime) -> bool:
        if kept.state is AnswerState.LOST and self.provider.repeats_are_free:
            return False
        if question.since is not None and kept.fetched_at < question.since:
            return False
        is_of_others = kept.settings not in (None, self.settings)
        if is_of_others and kept.state in (AnswerState.MISSING, AnswerState.AMBIGUOUS):
            return False
        is_found = kept.state is AnswerState.FOUND
        lifetime = budget.freshness.found if is_found else budget.freshness.not_found
        if budget.list_id is not None and kept.list_id == budget.list_id:
            lifetime = max(lifetime, SAME_LIST)
        return now - kept.fetched_at <= lifetime

    async def _advance(self, budget: Budget, kept: Iterable[KeptAnswer], now: datetime) -> bool:
        """Fetches what was ordered, and gives up what a dead process had reserved; whether there was any."""
        calls = {each.call_id: each for each in kept if each.state is AnswerState.ASKED}
        has_advanced = False
        for call_id, each in calls.items():
            age = now - each.called_at
            if each.call_state is CallState.ORDERED and age < ORDER_LIFETIME:
                has_advanced |= await self._collect(budget, call_id, each.order_id or "")
            elif age > self.lost_after:
                async with self.database.write() as tx:
                    await call_rows.lose_call(tx, call_id, "interrupted")
                has_advanced = True
        return has_advanced

    async def close(self, budget: Budget, call_id: int) -> None:
        """Settles a call that nobody asks about any more, if that can be done now."""
        async with self.database.read() as tx:
            asked, now = await call_rows.list_call_answers(tx, call_id), tx.now
        await self._advance(budget, asked, now)

    async def _collect(self, budget: Budget, call_id: int, order_id: str) -> bool:
        """Fetches the answers to an order if they are there, at the provider's pace. To fail is free."""
        if not _is_asynchronous(self.provider):
            return False
        async with self.database.write() as tx:
            kept = await call_rows.list_call_answers(tx, call_id)
            gate = await gate_rows.pass_gate(tx, budget.workspace_id, self.name, Pace(self.provider.rate))
        if gate.closed_until is not None:
            return False
        await self.sleep(gate.wait_ms / 1000)
        asked = queries_by_place(kept)
        try:
            with calling(self.provider.name, len(asked)):
                async with asyncio.timeout(CALL_SECONDS):
                    answers = await self.provider.collect(order_id, asked)
        except Exception as error:
            failed = error if isinstance(error, CallFailed) else CallFailed(Failure.GARBLED)
            log.warning("order_not_collected", provider=self.name, error=type(error).__name__)
            async with self.database.write() as tx:
                await close_gate(tx, budget.workspace_id, self.name, failed)
            return False
        if answers is None or len(answers) != len(asked):
            async with self.database.write() as tx:
                await gate_rows.note_success(tx, budget.workspace_id, self.name)
            return False
        await self._settle(budget, call_id, [self._question(query) for query in asked], answers)
        return True

    async def _buy(
        self, budget: Budget, groups: frozenset[str], questions: list[Question]
    ) -> dict[str, Reply]:
        """Makes a call as soon as the provider takes another one of all processes together."""
        while (replies := await self._try_to_buy(budget, groups, questions)) is None:
            await self.sleep(BUSY_SECONDS)
        return replies

    async def _try_to_buy(
        self, budget: Budget, groups: frozenset[str], questions: list[Question]
    ) -> dict[str, Reply] | None:
        """Reserves a call within the limits, waits for its turn, and makes it; None if it has to wait."""
        async with self.database.write() as tx:
            await account_rows.lock_workspace(tx, budget.workspace_id)
            kept = await self._find_in(tx, budget, questions)
            replies = self._read(kept, questions, budget, tx.now)
            unknown = [question for question in questions if question.key not in replies]
            kept_out = await find_suppressed(tx, budget.workspace_id, map(_identity, unknown))
            replies |= {unknown[place].key: KeptOut() for place in kept_out}
            unknown = [question for question in unknown if question.key not in replies]
            call, blocked = await self._fit(tx, budget, groups, unknown)
            replies |= dict.fromkeys((question.key for question in unknown), blocked)
            if not call.questions:
                return replies
            since = tx.now - self.lost_after
            under_way = await call_rows.count_under_way(tx, budget.workspace_id, self.name, since)
            if under_way >= self.provider.concurrency:
                return None
            weight = self.provider.weight([question.query for question in call.questions])
            pace = Pace(self.provider.rate, weight)
            gate = await gate_rows.pass_gate(tx, budget.workspace_id, self.name, pace)
            if gate.closed_until is not None:
                closed = tell_closed(self.name, gate, tx.now)
                return replies | dict.fromkeys((question.key for question in call.questions), closed)
            call_id = await call_rows.reserve_call(tx, call)
            call = replace(call, former=_former(kept, call.questions))
        try:
            await self.sleep(gate.wait_ms / 1000)
        except asyncio.CancelledError:
            await self.errands.see_through(self._insist(lambda: self._take_back(call_id, call)))
            raise
        return replies | await self.errands.see_through(self._call(budget, call_id, call))

    async def _take_back(self, call_id: int, call: NewCall) -> None:
        async with self.database.write() as tx:
            await answer_rows.bring_back(tx, call.workspace_id, call_id, call.former)
            await call_rows.fail_call(tx, call_id, "not_sent")

    async def _fit(
        self, tx: Tx, budget: Budget, groups: frozenset[str], questions: list[Question]
    ) -> tuple[NewCall, Blocked]:
        """The call with as many questions as the limits have room for, and what the others are told."""
        room = None
        if budget.limits != SpendingLimits():
            spent = await call_rows.sum_spent(tx, budget.workspace_id, budget.list_id)
            room = room_left(budget.limits, spent, self.name, groups)
        fit = questions if room is None else fitting(questions, room[0])
        call = NewCall(budget.workspace_id, self.name, budget.list_id, groups, fit, self.settings)
        # It is the list that waits then, and it goes on when there is room for the least of these.
        needs = min((each.most_cost for each in questions if each not in fit), default=0)
        limit = "" if room is None else room[1]
        cause = PauseCause(self.name, limit=limit, groups=tuple(sorted(groups)), needs=needs)
        return call, Blocked("spending_limit", 0.0, cause)

    async def _call(self, budget: Budget, call_id: int, call: NewCall) -> dict[str, Reply]:
        """Makes a call and writes down what it came to, as soon as the database lets it."""
        try:
            came = await self._send([question.query for question in call.questions])
        except CallFailed as error:
            failed = error
        except TimeoutError:
            failed = CallFailed(Failure.TIMED_OUT, may_have_bought=True)
        except Exception as error:
            log.warning("provider_raised", provider=self.name, error=type(error).__name__)
            failed = CallFailed(Failure.GARBLED, may_have_bought=True)
        else:
            if isinstance(came, str):
                return await self._insist(lambda: self._order(call_id, call, came))
            replies = await self._insist(
                lambda: self._settle(budget, call_id, call.questions, came, call.former)
            )
            return dict(zip((question.key for question in call.questions), replies, strict=True))
        return await self._insist(lambda: self._fail(budget, call_id, call, failed))

    async def _send(self, queries: Sequence[PersonQuery]) -> str | Sequence[MeteredAnswer]:
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

    async def _order(self, call_id: int, call: NewCall, order_id: str) -> dict[str, Reply]:
        async with self.database.write() as tx:
            await call_rows.note_order(tx, call_id, order_id)
            await gate_rows.note_success(tx, call.workspace_id, self.name)
        waiting = Blocked("ordered", ORDER_SECONDS)
        return dict.fromkeys((question.key for question in call.questions), waiting)

    async def _settle(
        self,
        budget: Budget,
        call_id: int,
        questions: Sequence[Question],
        answers: Sequence[MeteredAnswer],
        former: Sequence[KeptAnswer] = (),
    ) -> list[Reply]:
        replies: list[Reply] = []
        kept: dict[int, tuple[AnswerState, Bought | None, int]] = {}
        costs = milli_costs(cost_of(answer) * self.credit_price for answer in answers)
        in_vain = 0
        async with self.database.write() as tx:
            await gate_rows.note_success(tx, budget.workspace_id, self.name)
            refused = await note_refusals(tx, budget.workspace_id, self.name, answers)
            for place, (question, answer) in enumerate(zip(questions, answers, strict=True)):
                if isinstance(answer, Deferred):
                    replies.append(answer)
                    continue
                state = state_of(answer)
                is_lost = state is AnswerState.LOST
                if state is None or (is_lost and self.provider.repeats_are_free):
                    in_vain += costs[place]
                    reason = answer.reason if isinstance(answer, Unavailable) else ""
                    replies.append(refused.get(reason) or Unavailable("provider_could_not"))
                    continue
                told = answer if isinstance(answer, FoundPerson | FoundCompany | Verified) else None
                cost = max(question.most_cost, costs[place]) if is_lost else costs[place]
                kept[place] = state, told, cost
                replies.append(Told(state, told, cost, tx.now))
            told_anew = {questions[place].key for place in kept}
            unanswered = [each for each in former if each.key not in told_anew]
            await answer_rows.bring_back(tx, budget.workspace_id, call_id, unanswered)
            await call_rows.settle_call(tx, call_id, kept, in_vain=in_vain)
            found = {place: told for place, (_, told, _) in kept.items() if told is not None}
            for place in await answer_rows.blank_erased(tx, budget.workspace_id, call_id, found):
                replies[place] = Told(AnswerState.ERASED, None, kept[place][2], tx.now)
        return replies

    async def _fail(self, budget: Budget, call_id: int, call: NewCall, error: CallFailed) -> dict[str, Reply]:
        """Writes a call down that came to nothing, and tells what its leads have to wait for."""
        is_lost = error.may_have_bought and not self.provider.repeats_are_free
        failure = error.failure
        async with self.database.write() as tx:
            if is_lost:
                await call_rows.lose_call(tx, call_id, failure)
            else:
                await answer_rows.bring_back(tx, budget.workspace_id, call_id, call.former)
                await call_rows.fail_call(tx, call_id, failure)
            wait = await close_gate(tx, budget.workspace_id, self.name, error)
            lost = Told(AnswerState.LOST, None, 0, tx.now)
        log.warning("provider_call_failed", provider=self.name, failure=failure, lost=is_lost)
        reply: Reply = wait or Unavailable(failure)
        return {
            question.key: Told(lost.state, None, question.most_cost, lost.fetched_at) if is_lost else reply
            for question in call.questions
        }


def _former(kept: Mapping[str, KeptAnswer], questions: Sequence[Question]) -> list[KeptAnswer]:
    known = [kept[question.key] for question in questions if question.key in kept]
    return [each for each in known if each.state is AnswerState.FOUND]


def _identity(question: Question) -> Identity:
    query = question.query
    return identity_of(query.email, query.linkedin_key, query.company_domain)


def _is_asynchronous(provider: MeteredService) -> TypeGuard[AsynchronousProvider]:
    return hasattr(provider, "order")
