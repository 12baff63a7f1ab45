"""A promise of what a request will cost at most: short enough to be copied, and checked by its seal."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from leadyard.domain.credits import Cost
from leadyard.domain.errors import ErrorCode, Fault, Refused

ESTIMATE_HEADER = "Estimate-Token"
ESTIMATE_LIFETIME = timedelta(minutes=15)
SEAL_LENGTH = 32

Digest = Callable[[str], str]

_TOKEN = re.compile(r"est-(\d{1,15})-(\d{1,15})-(\d{1,10})-([0-9a-f]{32})")


class Estimate(msgspec.Struct, frozen=True):
    """The most that a request can cost, and until when that is promised, to the second."""

    most: Cost
    expires_at: datetime

    @classmethod
    def made_at(cls, moment: datetime, most: Cost) -> Estimate:
        """An estimate from now on."""
        return cls(most, (moment + ESTIMATE_LIFETIME).replace(microsecond=0))

    def token(self, digest: Digest, purpose: str) -> str:
        """The promise as a text. It is good for the request that `purpose` names, and for no other."""
        content = self._content()
        return f"{content}-{_seal(digest, purpose, content)}"

    def _content(self) -> str:
        seconds = int(self.expires_at.timestamp())
        return f"est-{self.most.email}-{self.most.phone}-{seconds}"


def read_estimate(token: str, digest: Digest, purpose: str) -> Estimate:
    """The promise that a token holds, expired or not. Raises Refused for a forged one, or another request."""
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        raise invalid_estimate("This is no token of an estimate.")
    email, phone, seconds, seal = match.groups()
    estimate = Estimate(Cost(int(email), int(phone)), datetime.fromtimestamp(int(seconds), UTC))
    if not hmac.compare_digest(_seal(digest, purpose, estimate._content()), seal):
        raise invalid_estimate("The token is of an estimate for something else.")
    return estimate


def invalid_estimate(detail: str) -> Refused:
    """The error of a token that cannot be used."""
    return Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, header=ESTIMATE_HEADER))


def _seal(digest: Digest, purpose: str, content: str) -> str:
    return digest(f"estimate\n{purpose}\n{content}")[:SEAL_LENGTH]
