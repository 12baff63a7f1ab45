"""Answers of paid providers: what they say, and what one fails with that says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from leadyard.domain.providers import CallFailed, Failure

MAX_RETRY_AFTER_SECONDS = 24 * 3600.0

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXCERPT_BYTES = 4096
_THROTTLED_WORDS = re.compile(rb"rate.?limit|too many (?:requests|calls)|throttl", re.IGNORECASE)
_CREDIT_WORDS = re.compile(
    rb"(?:insufficient|not enough|out of|no more|ran out of)[ _](?:[a-z]+[ _])?credits?"
    rb"|credits?[ _](?:insufficient|exhausted)|payment.required",
    re.IGNORECASE,
)
_WORDS = (
    (_THROTTLED_WORDS, Failure.THROTTLED),
    (_CREDIT_WORDS, Failure.OUT_OF_CREDIT),
    (re.compile(rb"api.?key|unauthori[sz]ed|authenticat", re.IGNORECASE), Failure.UNAUTHORIZED),
    (re.compile(rb"internal.?(?:server.?)?error|unavailable|try again", re.IGNORECASE), Failure.DOWN),
)
_GATEWAY_TIMED_OUT = frozenset((504, 520, 522, 524))
"""Statuses of a proxy that lost sight of a request: it may have been carried out."""


class Reply(msgspec.Struct, frozen=True):
    """An answer as it came. `can_buy` says whether the question was one that costs."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    can_buy: bool
    now: float

    def json(self) -> Any:
        """The body's JSON, whatever type it was said to have. Raises CallFailed (GARBLED)."""
        failure = None
        try:
            return msgspec.json.decode(self.body.removeprefix(_BYTE_ORDER_MARK))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            failure = self.garbled()
        raise failure

    def json_or_none(self) -> Any:
        """The body's JSON, or None if it is none: for answers whose status says enough."""
        try:
            return self.json()
        except CallFailed:
            return None

    def garbled(self) -> CallFailed:
        """The failure of an answer that says nothing sensible."""
        return CallFailed(Failure.GARBLED, may_have_bought=self.can_buy and self.status < 300)

    @property
    def retry_after(self) -> float | None:
        """How long to wait before the next call, in seconds (RFC 9110 10.2.3); None if that is not said."""
        value = self.headers.get("Retry-After", "").strip()
        try:
            seconds = float(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - self.now
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)

    def failed(self, failure: Failure | None = None) -> CallFailed:
        """What this answer fails with: as told, else by its status.

        An answer of 500, 502 or 503 says that the service did not do it, and services charge for what they
        deliver: it can be asked again. One of a proxy that gave up waiting says nothing of the kind, and a
        success that is not understood may well have been one.
        """
        failure = failure or self._failure()
        is_success = failure is Failure.GARBLED and 200 <= self.status < 300
        may_have_bought = self.can_buy and (is_success or self.status in _GATEWAY_TIMED_OUT)
        return CallFailed(failure, retry_after=self.retry_after, may_have_bought=may_have_bought)

    def failed_in_words(self) -> CallFailed:
        """What an answer of status 200 fails with that has an error inside: what its words say.

        Words that say nothing known are GARBLED, and then it may have been paid for.
        """
        excerpt = self.body[:_EXCERPT_BYTES]
        for words, failure in _WORDS:
            if words.search(excerpt):
                return CallFailed(failure, retry_after=self.retry_after)
        return self.garbled()

    @property
    def is_no_match(self) -> bool:
        """Whether a 404 speaks of the person, not of the address: it has no body, or JSON."""
        return self.status == 404 and (not self.body.strip() or self.json_or_none() is not None)

    def _failure(self) -> Failure:
        """The status says it, except where services refuse in words that they have a status for."""
        excerpt = self.body[:_EXCERPT_BYTES]
        if self.status == 403 and (self.retry_after is not None or _THROTTLED_WORDS.search(excerpt)):
            return Failure.THROTTLED
        if self.status in (400, 403, 409, 422) and _CREDIT_WORDS.search(excerpt):
            return Failure.OUT_OF_CREDIT
        return failure_of_status(self.status)


def failure_of_status(status: int) -> Failure:
    """What a status that is no success stands for."""
    if status in (401, 403, 407):
        return Failure.UNAUTHORIZED
    if status == 402:
        return Failure.OUT_OF_CREDIT
    if status == 429:
        return Failure.THROTTLED
    if status == 408 or status in _GATEWAY_TIMED_OUT:
        return Failure.TIMED_OUT
    return Failure.DOWN if status >= 500 else Failure.GARBLED
