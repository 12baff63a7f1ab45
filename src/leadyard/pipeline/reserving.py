"""Writing calls down before they are made: within the limits, in time, and about nobody who is kept out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from leadyard.domain.lead_lists import PauseCause
from leadyard.domain.provider_calls import AnswerState, KeptAnswer, NewCall, Question, Spent
from leadyard.domain.providers import MeteredService
from leadyard.domain.spending import fitting, room_left
from leadyard.domain.suppression import Identity, identity_of
from leadyard.domain.waterfall import Blocked, SpendingLimits
from leadyard.pipeline.gatekeeping import tell_closed
from leadyard.pipeline.paid_service import PaidService, in_flight
from leadyard.pipeline.replies import Budget, KeptOut, Reply
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage.database import Tx
from leadyard.storage.provider_gates import OpenGate, Pace
from leadyard.storage.suppression import find_suppressed


class Wish(msgspec.Struct, frozen=True):
    """Questions that somebody wants to ask in one call, and what their costs are counted under."""

    budget: Budget
    groups: frozenset[str]
    questions: Sequence[Question]


class Reserved(msgspec.Struct, frozen=True):
    """What a wish came to: replies by key, and the call to make about the other questions, if any is left.

    It is made `wait_ms` after it was written down.
    """

    replies: dict[str, Reply]
    call: NewCall | None = None
    call_id: int = 0
    wait_ms: int = 0


class Reservation(msgspec.Struct):
    """Calls that are written down together, in the transaction that has the workspace locked."""

    tx: Tx
    service: PaidService[MeteredService]
    workspace_id: int
    wishes: Sequence[Wish]
    _kept: Mapping[str, KeptAnswer] = msgspec.field(default_factory=dict)
    _kept_out: set[str] = msgspec.field(default_factory=set)
    _spent: dict[int | None, Spent] = msgspec.field(default_factory=dict)
    _asked: set[str] = msgspec.field(default_factory=set)

    async def reserve(self) -> list[Reserved]:
        """What each wish came to; every call among them is written down."""
        if not self.wishes:
            return []
        await self._look_up()
        gate = await gate_rows.open_gate(self.tx, self.workspace_id, self.service.name)
        reserved = [self._fit(wish, gate) for wish in self.wishes]
        await gate_rows.leave_gate(self.tx, self.workspace_id, self.service.name, gate)
        calls = [each.call for each in reserved if each.call is not None]
        call_ids = iter(await call_rows.reserve_calls(self.tx, calls))
        return [each if each.call is None else replace(each, call_id=next(call_ids)) for each in reserved]

    async def _look_up(self) -> None:
        questions = {each.key: each for wish in self.wishes for each in wish.questions}
        keys = list(questions)
        self._kept = await call_rows.find_answers(self.tx, self.workspace_id, self.service.name, keys)
        places = await find_suppressed(self.tx, self.workspace_id, map(_identity, questions.values()))
        self._kept_out = {keys[place] for place in places}
        for wish in self.wishes:
            list_id = wish.budget.list_id
            if wish.budget.limits != SpendingLimits() and list_id not in self._spent:
                self._spent[list_id] = await call_rows.sum_spent(self.tx, self.workspace_id, list_id)

    def _fit(self, wish: Wish, gate: OpenGate) -> Reserved:
        replies = self.service.read(self._kept, wish.questions, wish.budget, self.tx.now)
        for question in wish.questions:
            if question.key in replies:
                continue
            if question.key in self._asked:
                replies[question.key] = in_flight()
            elif question.key in self._kept_out:
                replies[question.key] = KeptOut()
        unknown = [question for question in wish.questions if question.key not in replies]
        call, blocked = self._within_limits(wish, unknown)
        replies |= {each.key: blocked for each in unknown if each not in call.questions}
        if not call.questions:
            return Reserved(replies)
        weight = self.service.provider.weight([question.query for question in call.questions])
        passed = gate.pass_through(Pace(self.service.provider.rate, weight))
        if passed.closed_until is not None:
            closed = tell_closed(self.service.name, passed, self.tx.now)
            return Reserved(replies | dict.fromkeys((each.key for each in call.questions), closed))
        self._note(call)
        return Reserved(replies, call, wait_ms=passed.wait_ms)

    def _within_limits(self, wish: Wish, questions: list[Question]) -> tuple[NewCall, Blocked]:
        """The call with as many questions as the limits have room for, and what the others are told."""
        budget, room = wish.budget, None
        if budget.limits != SpendingLimits():
            spent = self._spent[budget.list_id]
            room = room_left(budget.limits, spent, self.service.name, wish.groups)
        fit = questions if room is None else fitting(questions, room[0])
        known = [self._kept[question.key] for question in fit if question.key in self._kept]
        former = [each for each in known if each.state is AnswerState.FOUND]
        name, settings = self.service.name, self.service.settings
        list_id, now = budget.list_id, self.tx.now
        call = NewCall(self.workspace_id, name, list_id, wish.groups, fit, now, settings, former)
        # It is the list that waits then, and it goes on when there is room for the least of these.
        needs = min((each.most_cost for each in questions if each not in fit), default=0)
        limit = "" if room is None else room[1]
        cause = PauseCause(name, limit=limit, groups=tuple(sorted(wish.groups)), needs=needs)
        return call, Blocked("spending_limit", 0.0, cause)

    def _note(self, call: NewCall) -> None:
        self._asked.update(question.key for question in call.questions)
        for list_id, spent in self._spent.items():
            is_for_list = list_id is not None and list_id == call.list_id
            self._spent[list_id] = spent.plus(call, is_for_list=is_for_list)


def _identity(question: Question) -> Identity:
    query = question.query
    return identity_of(query.email, query.linkedin_key, query.company_domain)
