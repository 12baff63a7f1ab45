"""Asks one validator, and another about what that leaves open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.providers import Deferred, EmailAnswer, EmailValidator, Unavailable


class SecondOpinion:
    """A validator of two: the second is asked only where the first comes to no certain verdict."""

    batch_size = 1

    def __init__(self, first: EmailValidator, second: EmailValidator) -> None:
        self._first = first
        self._second = second
        self.name = first.name
        self.concurrency = first.concurrency

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """One answer an address, in the same order."""
        return await asyncio.gather(*(self._validate(email, line) for email in emails))

    async def _validate(self, email: str, line: int) -> EmailAnswer:
        (first,) = await self._first.validate_emails([email], line)
        if isinstance(first, EmailVerdict) and first.result is not EmailResult.UNKNOWN:
            return first
        (second,) = await self._second.validate_emails([email], line)
        if isinstance(first, Unavailable):
            return second
        return _choose(first, second)


def _choose(first: EmailVerdict | Deferred, second: EmailAnswer) -> EmailAnswer:
    """The second's answer, with what the first knows besides. A lead that waits does, if it is unsure."""
    if isinstance(first, Deferred):
        is_certain = isinstance(second, EmailVerdict) and second.result is not EmailResult.UNKNOWN
        return second if is_certain else first
    if not isinstance(second, EmailVerdict):
        return second
    return second.with_evidence_of(first)
