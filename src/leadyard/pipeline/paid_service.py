"""A paid provider as an account has it: what it is asked, and whether what is known of it still counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from leadyard.domain.provider_calls import (
    AnswerState,
    CallState,
    KeptAnswer,
    Question,
    most_milli,
    question_key,
)
from leadyard.domain.providers import CallFailed, MeteredService, PersonQuery
from leadyard.domain.waterfall import Blocked
from leadyard.pipeline.replies import Budget, Reply, Told

IN_FLIGHT_SECONDS = 5.0
ORDER_SECONDS = 5.0
SAME_LIST = timedelta(days=1)
"""For so long a list's own answers are used again, however short others are kept: its leads may wait."""

ServiceT_co = TypeVar("ServiceT_co", bound=MeteredService, covariant=True)


class PaidService(msgspec.Struct, Generic[ServiceT_co], frozen=True):
    """One provider of an account. `credit_price` turns its credits into the account's unit.

    `settings` is a digest of what the provider is set up with: who was not found with others may be found
    with these.
    """

    name: str
    provider: ServiceT_co
    credit_price: float = 1.0
    settings: str | None = None

    def question(self, query: PersonQuery, since: datetime | None = None) -> Question:
        """What is asked by a query, and the most that it can cost."""
        most = most_milli(self.provider.most_cost(query) * self.credit_price)
        return Question(question_key(query), query, most, since)

    def is_lost(self, error: CallFailed) -> bool:
        """Whether a call that failed has to be taken for paid for, and may not be repeated."""
        return error.may_have_bought and not self.provider.repeats_are_free

    def read(
        self, kept: Mapping[str, KeptAnswer], questions: Sequence[Question], budget: Budget, now: datetime
    ) -> dict[str, Reply]:
        """What kept answers say, without those that are too old or may be asked for again."""
        replies: dict[str, Reply] = {}
        for question in questions:
            each = kept.get(question.key)
            if each is None:
                continue
            if each.state is AnswerState.ASKED:
                replies[each.key] = ordered() if each.call_state is CallState.ORDERED else in_flight()
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


def in_flight() -> Blocked:
    """What is told of a question that is asked by somebody else right now."""
    return Blocked("in_flight", IN_FLIGHT_SECONDS)


def ordered() -> Blocked:
    """What is told of a question that the provider works on."""
    return Blocked("ordered", ORDER_SECONDS)
