"""Checking addresses: validator after validator, until one of them can tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from leadyard.domain.entries import Provenance, usual
from leadyard.domain.provider_calls import MILLI, state_of, verification_query
from leadyard.domain.providers import (
    VERIFICATION,
    Deferred,
    EmailAnswer,
    EmailValidator,
    MeteredValidator,
    PersonQuery,
    Unavailable,
    Verified,
    VerifierAnswer,
)
from leadyard.domain.verification import Verification
from leadyard.domain.waterfall import TURN_OVER, Blocked
from leadyard.pipeline.inquiries import Inquiries
from leadyard.pipeline.journey import Gates, together
from leadyard.pipeline.metered import Metered
from leadyard.pipeline.replies import Budget, GivenUp, KeptOut, Reply, Told

DEFERRED = "deferred"
UNAVAILABLE = "unavailable"


class Verifier(msgspec.Struct, frozen=True):
    """A paid validator as the ledger of calls knows services: asked about a person's e-mail, and no more."""

    validator: MeteredValidator

    @property
    def name(self) -> str:
        """The validator's name."""
        return self.validator.name

    @property
    def batch_size(self) -> int:
        """The most addresses it takes in one call."""
        return self.validator.batch_size

    @property
    def concurrency(self) -> int:
        """The most calls it takes at once."""
        return self.validator.concurrency

    @property
    def rate(self) -> float:
        """The most calls a second."""
        return self.validator.rate

    @property
    def repeats_are_free(self) -> bool:
        """Whether the same address within a day is not charged for twice."""
        return self.validator.repeats_are_free

    def most_cost(self, query: PersonQuery) -> float:
        """The same for every address."""
        return self.validator.most_cost

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """A call is one request."""
        return 1.0

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[VerifierAnswer]:
        """One answer a query, about its e-mail. Raises CallFailed."""
        return await self.validator.validate_emails([query.email or "" for query in queries])


class OwnValidator(msgspec.Struct, frozen=True):
    """A validator of our own: it costs nothing, so it has no ledger and no cache.

    `name` is the one it has in the order, `line` the list it is asked for.
    """

    name: str
    validator: EmailValidator
    gates: Gates
    inquiries: Inquiries
    clock: Callable[[], datetime]
    line: int = 0

    async def ask(self, budget: Budget, emails: Sequence[str], until: float) -> list[Reply]:
        """One reply an address, in the same order. What is not answered in this turn may be in the next."""
        validate = partial(self.validator.validate_emails, line=self.line)
        size = self.validator.batch_size
        batches = [tuple(emails[at : at + size]) for at in range(0, len(emails), size)]
        answers = await self.inquiries.ask(
            (self.name, self.line), partial(self.gates.call, self.validator, validate), batches, until
        )
        now = self.clock()
        return [
            reply
            for batch, told in zip(batches, answers, strict=True)
            for reply in (self._replies(told, now) if told is not None else [TURN_OVER] * len(batch))
        ]

    def _replies(self, answers: Sequence[EmailAnswer], now: datetime) -> list[Reply]:
        return [
            answer if isinstance(answer, Deferred | Unavailable) else _told(Verified(answer), now)
            for answer in answers
        ]


class PaidValidator(msgspec.Struct, frozen=True):
    """A paid validator of an account; each address is asked about once, however many leads have it."""

    metered: Metered[Verifier]

    @property
    def name(self) -> str:
        """The name that the account gave it."""
        return self.metered.name

    async def ask(self, budget: Budget, emails: Sequence[str], until: float) -> list[Reply]:
        """One reply an address, in the same order. What is begun is waited for: it costs something."""
        unique, size = list(dict.fromkeys(emails)), self.metered.provider.batch_size
        batches = [unique[at : at + size] for at in range(0, len(unique), size)]
        replies = await together([self._ask(budget, batch) for batch in batches])
        known = dict(zip(unique, (reply for batch in replies for reply in batch), strict=True))
        return [known[email] for email in emails]

    async def _ask(self, budget: Budget, emails: Sequence[str]) -> list[Reply]:
        queries = [verification_query(email) for email in emails]
        return await self.metered.ask(budget, frozenset({VERIFICATION}), queries)


class Validators(msgspec.Struct, frozen=True):
    """The validators of one list, in their order; our own are waited for until `turn_ends_at`."""

    validators: Sequence[OwnValidator | PaidValidator]
    budget: Budget
    clock: Callable[[], datetime]
    turn_ends_at: float = math.inf

    async def check(self, checks: Sequence[Verification]) -> None:
        """Asks until a verdict decides, nobody is left to ask, or somebody has to be waited for.

        What one validator cannot tell, be it for now or for good, the next one is asked.
        """
        for validator in self.validators:
            pending = [check for check in checks if not check.is_over]
            if pending:
                emails = [check.email for check in pending]
                replies = await validator.ask(self.budget, emails, self.turn_ends_at)
                for check, reply in zip(pending, replies, strict=True):
                    self._note(check, validator.name, reply)

    def _note(self, check: Verification, name: str, reply: Reply) -> None:
        match reply:
            case Blocked():
                check.blocked = reply
            case KeptOut():
                check.is_kept_out = True
            case Unavailable() if check.may_wait:
                check.must_wait = True
            case Unavailable() | GivenUp():
                check.note(name, self.clock(), UNAVAILABLE)
            case Deferred(verdict=verdict):
                now = self.clock()
                check.is_deferred = True
                check.take(verdict, Provenance(verdict.checked_by or name, now))
                check.note(name, now, DEFERRED)
            case Told():
                _take(check, name, reply)


def _take(check: Verification, name: str, told: Told) -> None:
    at, cost = told.fetched_at, usual(told.cost / MILLI)
    check.note(name, at, told.state, cost, told.is_cached)
    if isinstance(told.found, Verified):
        verdict = told.found.verdict
        source = Provenance(verdict.checked_by or name, at, cost=cost, is_cached=told.is_cached)
        checked_at = verdict.checked_at or at
        check.take(msgspec.structs.replace(verdict, checked_at=checked_at), source)


def _told(answer: Verified, now: datetime) -> Reply:
    state = state_of(answer)
    assert state is not None
    return Told(state, answer, 0, now)
