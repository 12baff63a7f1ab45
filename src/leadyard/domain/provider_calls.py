"""Calls to paid providers as a ledger: reserved before the request, settled after it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from leadyard.domain.leads import ListType
from leadyard.domain.providers import (
    Ambiguous,
    Bought,
    CompanyQuery,
    Deferred,
    FoundCompany,
    FoundPerson,
    Group,
    MeteredAnswer,
    Missing,
    PersonQuery,
    Unavailable,
    Verified,
)

MILLI = 1_000
"""Costs are kept as exact integers of thousandths."""


class CallState(StrEnum):
    """reserved → settled, failed or lost; with an order at the provider in between: ordered.

    Lost: the request was sent, and nobody knows whether it was paid for. It counts with what was reserved.
    """

    RESERVED = "reserved"
    ORDERED = "ordered"
    SETTLED = "settled"
    FAILED = "failed"
    LOST = "lost"


class AnswerState(StrEnum):
    """What is known of the answer to one query; `asked` while its call is under way.

    A verdict on an e-mail is `found`, but `missing` if it is that nobody knows.
    """

    ASKED = "asked"
    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    ERASED = "erased"
    LOST = "lost"


class Question(msgspec.Struct, frozen=True):
    """One query to one provider, and the most that it can cost, in thousandths.

    `key` is the same whenever the same is asked. What was told before `since` does not answer it.
    """

    key: str
    query: PersonQuery
    most_cost: int
    since: datetime | None = None


class KeptAnswer(msgspec.Struct, frozen=True):
    """The answer to a question as it is kept, and the call that it belongs to."""

    key: str
    call_id: int
    place: int
    state: AnswerState
    query: PersonQuery
    answer: Bought | None
    cost: int
    fetched_at: datetime
    list_id: int | None
    call_state: CallState
    order_id: str | None
    called_at: datetime
    settings: str | None = None


class NewCall(msgspec.Struct, frozen=True):
    """A call that is about to be made, since `passed_at`, when the provider's gate let it through.

    `reserved` is the most that it can cost, in thousandths. `groups` are what its costs are counted under:
    groups of fields, or the verification of e-mails. `settings` is a digest of what the provider is set up
    with. `former` are the answers that were found before and make room: where the call comes to nothing, they
    are kept on.
    """

    workspace_id: int
    provider: str
    list_id: int | None
    groups: frozenset[str]
    questions: Sequence[Question]
    passed_at: datetime
    settings: str | None = None
    former: Sequence[KeptAnswer] = ()

    @property
    def reserved(self) -> int:
        """The most that the call can cost."""
        return sum(question.most_cost for question in self.questions)


class Settlement(msgspec.Struct, frozen=True):
    """What a call came to: its answers by place, each with what it cost, in thousandths.

    `in_vain` is what was spent without an answer; the questions at the places of `forgotten` may be asked
    again.
    """

    call_id: int
    answers: Mapping[int, tuple[AnswerState, Bought | None, int]]
    forgotten: Sequence[int] = ()
    in_vain: int = 0

    @property
    def cost(self) -> int:
        """What the call cost in all."""
        return self.in_vain + sum(cost for _, _, cost in self.answers.values())

    @property
    def found(self) -> int:
        """How many of its questions were answered with somebody or something."""
        return sum(state is AnswerState.FOUND for state, _, _ in self.answers.values())


class OpenCall(msgspec.Struct, frozen=True):
    """A call whose answers are not there yet."""

    id: int
    workspace_id: int
    provider: str
    list_id: int | None
    called_at: datetime


class Spent(msgspec.Struct, frozen=True):
    """What providers have cost so far today, and for one list ever; reservations count. In thousandths."""

    today: int
    for_list: int
    by_group: Mapping[str, int]
    by_provider: Mapping[str, int]

    def plus(self, call: NewCall, *, is_for_list: bool) -> Spent:
        """With a call that is reserved beside."""
        cost = call.reserved
        by_group = dict(self.by_group)
        for group in call.groups:
            by_group[group] = by_group.get(group, 0) + cost
        by_provider = {**self.by_provider, call.provider: self.by_provider.get(call.provider, 0) + cost}
        return Spent(self.today + cost, self.for_list + cost * is_for_list, by_group, by_provider)


class ProviderStatistics(msgspec.Struct, frozen=True):
    """What a provider did in the last 30 days, and how it is now.

    Costs are in thousandths, the latency in milliseconds. `closed_until` is set while it takes no calls.
    """

    provider: str

    calls: int
    asked: int
    found: int
    failed: int
    lost: int
    cost: int
    mean_latency: int | None
    failures: int
    closed_until: datetime | None
    last_failure: str | None
    failing_since: datetime | None
    is_given_up: bool


def verification_query(email: str) -> PersonQuery:
    """How a verifier is asked about an address: nothing is wanted of the person."""
    return PersonQuery(email, ListType.EMAIL, None, email, None, None, None, wanted=frozenset())


def company_query(company: CompanyQuery) -> PersonQuery:
    """How a provider is asked about a company: nothing is known of a person."""
    wanted = frozenset({Group.COMPANY})
    return PersonQuery("", ListType.LINKEDIN, None, None, None, None, None, wanted=wanted, company=company)


def question_key(query: PersonQuery) -> str:
    """A digest of what is known and wanted: equal questions have equal keys, and the key tells nothing."""
    company = query.company
    clues = (
        query.linkedin_key,
        query.email,
        query.title,
        query.company_name,
        query.company_domain,
        query.first_name,
        query.last_name,
        sorted(query.wanted),
        *((company.domain, company.linkedin_url, company.name) if company else ()),
    )
    return sha256(msgspec.json.encode(clues)).hexdigest()


def state_of(answer: MeteredAnswer) -> AnswerState | None:
    """The state that an answer is kept in; None for one that is not kept, since it may be asked again."""
    is_verdict = isinstance(answer, Verified) and answer.verdict.is_decisive
    if is_verdict or isinstance(answer, FoundPerson | FoundCompany):
        return AnswerState.FOUND
    match answer:
        case Ambiguous():
            return AnswerState.AMBIGUOUS
        case Missing(is_erased=True):
            return AnswerState.ERASED
        case Missing() | Verified() | None:
            return AnswerState.MISSING
        case Unavailable(may_have_bought=True):
            return AnswerState.LOST
    return None


def cost_of(answer: MeteredAnswer) -> float:
    """What an answer cost, in the provider's credits."""
    return 0.0 if answer is None or isinstance(answer, Deferred) else answer.cost


def most_milli(cost: float) -> int:
    """The most that a question can cost in thousandths, rounded up: no limit is exceeded by a fraction."""
    return math.ceil(round(cost * MILLI, 6))


def milli_costs(costs: Iterable[float]) -> list[int]:
    """Costs in thousandths, rounded so that they add up to what all of them cost."""
    total, so_far, rounded = 0.0, 0, []
    for cost in costs:
        total += cost * MILLI
        rounded.append(round(total) - so_far)
        so_far = round(total)
    return rounded


def queries_by_place(kept: Sequence[KeptAnswer]) -> list[PersonQuery]:
    """The questions of a call, each in the place it was asked in.

    One that was deleted since leaves an empty question behind: were the others to move up, they would get
    each other's answers.
    """
    queries = {each.place: each.query for each in kept}
    return [queries.get(place, NO_QUERY) for place in range(max(queries, default=-1) + 1)]


NO_QUERY = PersonQuery("", ListType.LINKEDIN, None, None, None, None, None)
