"""Writing down what calls came to: answers, orders and failures, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from leadyard.domain.provider_calls import (
    AnswerState,
    KeptAnswer,
    Question,
    Settlement,
    cost_of,
    milli_costs,
    state_of,
)
from leadyard.domain.providers import (
    Bought,
    CallFailed,
    Deferred,
    FoundCompany,
    FoundPerson,
    MeteredAnswer,
    MeteredService,
    Unavailable,
    Verified,
)
from leadyard.domain.waterfall import Blocked
from leadyard.pipeline.gatekeeping import close_gate, note_refusals
from leadyard.pipeline.paid_service import PaidService, ordered
from leadyard.pipeline.replies import GivenUp, Reply, Told
from leadyard.storage import provider_answers as answer_rows
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Tx


class NotSent:
    """A call that was not made after all."""


Outcome = Sequence[MeteredAnswer] | str | CallFailed | NotSent
"""What a call came to: its answers, the id of an order, a failure, or nothing."""


class Ended(msgspec.Struct, frozen=True):
    """A call that has come to something.

    `passed_at` is when it went through the provider's gate; `former` are the answers that have made room for
    it.
    """

    call_id: int
    questions: Sequence[Question]
    outcome: Outcome
    passed_at: datetime
    former: Sequence[KeptAnswer] = ()

    @property
    def is_answered(self) -> bool:
        """Whether the provider did what it was asked for."""
        return not isinstance(self.outcome, CallFailed | NotSent)


class Settling(msgspec.Struct):
    """Calls that are written down together, in the order in which they ended."""

    tx: Tx
    service: PaidService[MeteredService]
    workspace_id: int
    ended: Sequence[Ended]
    _is_up: bool = False
    _settlements: list[Settlement] = msgspec.field(default_factory=list)

    async def settle(self) -> list[dict[str, Reply]]:
        """What those are told who asked, by key, for each call."""
        told = [await self._settle_one(each) for each in self.ended]
        if self._settlements:
            await call_rows.settle_calls(self.tx, self._settlements)
            await self._blank_erased(told)
        return told

    async def _settle_one(self, ended: Ended) -> dict[str, Reply]:
        keys = [question.key for question in ended.questions]
        match ended.outcome:
            case NotSent():
                await self._fail(ended, "not_sent")
                return {}
            case CallFailed() as error:
                return await self._note_failure(ended, error)
            case str() as order_id:
                await call_rows.note_order(self.tx, ended.call_id, order_id)
                await self._note_success()
                return dict.fromkeys(keys, ordered())
            case answers:
                return dict(zip(keys, await self._note_answers(ended, answers), strict=True))

    async def _note_success(self) -> None:
        if not self._is_up:
            await gate_rows.note_success(self.tx, self.workspace_id, self.service.name)
            self._is_up = True

    async def _note_answers(self, ended: Ended, answers: Sequence[MeteredAnswer]) -> list[Reply]:
        await self._note_success()
        name, passed_at = self.service.name, ended.passed_at
        refused = await note_refusals(self.tx, self.workspace_id, name, answers, passed_at)
        self._is_up = not refused
        costs = milli_costs(cost_of(answer) * self.service.credit_price for answer in answers)
        kept: dict[int, tuple[AnswerState, Bought | None, int]] = {}
        replies: list[Reply] = []
        in_vain = 0
        for place, (question, answer) in enumerate(zip(ended.questions, answers, strict=True)):
            reply = self._reply(question, answer, costs[place], refused)
            replies.append(reply)
            if isinstance(reply, Told):
                kept[place] = reply.state, reply.found, reply.cost
            elif not isinstance(reply, Deferred):
                in_vain += costs[place]
        forgotten = [place for place in range(len(answers)) if place not in kept]
        told_anew = {ended.questions[place].key for place in kept}
        unanswered = [each for each in ended.former if each.key not in told_anew]
        await answer_rows.bring_back(self.tx, self.workspace_id, ended.call_id, unanswered)
        self._settlements.append(Settlement(ended.call_id, kept, forgotten, in_vain))
        return replies

    def _reply(
        self,
        question: Question,
        answer: MeteredAnswer,
        cost: int,
        refused: dict[str, Blocked | GivenUp],
    ) -> Reply:
        if isinstance(answer, Deferred):
            return answer
        state = state_of(answer)
        is_lost = state is AnswerState.LOST
        if state is None or (is_lost and self.service.provider.repeats_are_free):
            reason = answer.reason if isinstance(answer, Unavailable) else ""
            return refused.get(reason) or Unavailable("provider_could_not")
        told = answer if isinstance(answer, FoundPerson | FoundCompany | Verified) else None
        return Told(state, told, max(question.most_cost, cost) if is_lost else cost, self.tx.now)

    async def _note_failure(self, ended: Ended, error: CallFailed) -> dict[str, Reply]:
        """Writes a call down that came to nothing, and tells what its leads have to wait for."""
        is_lost = self.service.is_lost(error)
        if is_lost:
            await call_rows.lose_call(self.tx, ended.call_id, error.failure)
        else:
            await self._fail(ended, error.failure)
        self._is_up = False
        wait = await close_gate(self.tx, self.workspace_id, self.service.name, error, ended.passed_at)
        reply: Reply = wait or Unavailable(error.failure)
        return {
            question.key: Told(AnswerState.LOST, None, question.most_cost, self.tx.now) if is_lost else reply
            for question in ended.questions
        }

    async def _fail(self, ended: Ended, failure: str) -> None:
        await answer_rows.bring_back(self.tx, self.workspace_id, ended.call_id, ended.former)
        await call_rows.fail_call(self.tx, ended.call_id, failure)

    async def _blank_erased(self, told: Sequence[dict[str, Reply]]) -> None:
        found = {
            (each.call_id, place): bought
            for each in self._settlements
            for place, (_, bought, _) in each.answers.items()
            if bought is not None
        }
        erased = await answer_rows.blank_erased(self.tx, self.workspace_id, found)
        places = {ended.call_id: (ended, replies) for ended, replies in zip(self.ended, told, strict=True)}
        for call_id, place in erased:
            ended, replies = places[call_id]
            key = ended.questions[place].key
            reply = replies[key]
            assert isinstance(reply, Told)
            replies[key] = Told(AnswerState.ERASED, None, reply.cost, self.tx.now)
