"""Hunter, version 2 of its API: a person's e-mail, the person behind an e-mail, and whether mail arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.providers import (
    CallFailed,
    Deferred,
    Failure,
    Group,
    Missing,
    PersonAnswer,
    PersonQuery,
    Unavailable,
    Verified,
    VerifierAnswer,
)
from leadyard.providers.answers import Batch, found
from leadyard.providers.hunter.mapping import (
    NAME,
    VERIFICATION_CREDITS,
    Question,
    confidence_of,
    person_of,
    question_of,
    verdict_of,
)
from leadyard.providers.reply import Reply
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import items, member, number, text

BASE_URL = "https://api.hunter.io/v2"
CALLS_A_SECOND = 500 / 60 * 0.95
"""15 a second and 500 a minute are allowed: the minute decides."""
VERIFICATIONS_A_SECOND = 300 / 60 * 0.95
"""10 a second and 300 a minute are allowed."""
PENDING_PAUSES_SECONDS = (1.0, 2.0, 4.0)
"""How long to wait before the same question is asked again that Hunter is still at work on."""

PENDING = 202
_MAIL_HOST_IN_THE_WAY = 222
ERASED = 451


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings."""

    base_url: str = BASE_URL
    rate: Annotated[float, msgspec.Meta(gt=0)] = CALLS_A_SECOND


class Api:
    """Asks, and asks again what Hunter is still at work on: it counts that as one request."""

    def __init__(self, api_key: str, options: Options, transport: Transport, pauses: Sequence[float]) -> None:
        self._endpoint = Endpoint(transport, options.base_url, {"X-API-KEY": api_key})
        self._pauses = pauses

    async def ask(self, path: str, params: Mapping[str, str] | None = None, *, can_buy: bool) -> Reply:
        """Raises CallFailed if there is no answer."""
        reply = await self._endpoint.get(path, params, can_buy=can_buy)
        for pause in self._pauses:
            if reply.status != PENDING:
                break
            await asyncio.sleep(pause)
            reply = await self._endpoint.get(path, params, can_buy=can_buy)
        return reply


class Hunter:
    """Asks Hunter for one person a call. An e-mail found costs a credit, a person behind one a fifth."""

    name = NAME
    batch_size = 1
    concurrency = 8
    groups = frozenset({Group.PERSON, Group.EMAIL, Group.COMPANY})
    repeats_are_free = False

    def __init__(
        self,
        api_key: str,
        options: Options,
        transport: Transport,
        *,
        pauses: Sequence[float] = PENDING_PAUSES_SECONDS,
    ) -> None:
        """`pauses` are in seconds."""
        self.rate = options.rate
        self._api = Api(api_key, options, transport, pauses)

    def most_cost(self, query: PersonQuery) -> float:
        """What the one request costs that the query is asked by."""
        question = question_of(query)
        return question.most_cost if question else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One a query."""
        return float(sum(1 for query in queries if question_of(query)))

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """One answer a query, in the same order. Raises CallFailed."""
        batch = Batch(queries)
        for place, query in enumerate(queries):
            if question := question_of(query):
                try:
                    batch.answer(place, await self._find(query, question))
                except CallFailed as failure:
                    batch.fail([place], failure)
        return batch.result()

    async def check_key(self) -> str:
        """Asks for the account, which costs nothing. Raises CallFailed."""
        reply = await self._api.ask("/account", can_buy=False)
        if reply.status != 200:
            raise _failure_of(reply)
        requests = member(reply.json(), "data", "requests")
        left = [
            f"{available - used:g} {name} left"
            for name in ("credits", "searches", "verifications")
            if (available := number(member(requests, name, "available"))) is not None
            and (used := number(member(requests, name, "used"))) is not None
        ]
        return ", ".join(left) or "works"

    async def _find(self, query: PersonQuery, question: Question) -> PersonAnswer:
        reply = await self._api.ask(question.path, question.params, can_buy=True)
        if reply.is_no_match:
            return None
        if reply.status == ERASED:
            return Missing(is_erased=True)
        if reply.status == PENDING:
            return Unavailable("pending")
        data = read_data(reply)
        person = person_of(query, question.path, data)
        if question.path == "/email-finder" and person.email is None:
            # An address that is none was paid for all the same.
            return Missing(question.most_cost) if text(member(data, "email")) else None
        return found(query, person, question.most_cost, confidence_of(question.path, data))


class HunterVerifier:
    """Asks Hunter whether mail to an address arrives; one address a call, half a credit each."""

    name = NAME
    batch_size = 1
    concurrency = 4
    repeats_are_free = False
    most_cost = VERIFICATION_CREDITS

    def __init__(
        self,
        api_key: str,
        options: Options,
        transport: Transport,
        *,
        pauses: Sequence[float] = PENDING_PAUSES_SECONDS,
    ) -> None:
        """`pauses` are in seconds."""
        self.rate = min(options.rate, VERIFICATIONS_A_SECOND)
        self._api = Api(api_key, options, transport, pauses)

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[VerifierAnswer]:
        """One answer an address, in the same order. Raises CallFailed."""
        return [await self._validate(email) for email in emails]

    async def _validate(self, email: str) -> VerifierAnswer:
        reply = await self._api.ask("/email-verifier", {"email": email}, can_buy=True)
        if reply.status in (PENDING, _MAIL_HOST_IN_THE_WAY):
            reason = "pending" if reply.status == PENDING else "mail_host_in_the_way"
            return Deferred(_unknown(email, reason))
        if reply.status == ERASED:
            return Missing(is_erased=True)
        if reply.status == 400 and _error_of(reply) == "invalid_email":
            return Verified(EmailVerdict(email, EmailResult.UNDELIVERABLE, "bad_syntax"))
        verdict = verdict_of(email, read_data(reply)) or _unknown(email, "unreadable")
        return Verified(verdict, VERIFICATION_CREDITS)


def _unknown(email: str, reason: str) -> EmailVerdict:
    return EmailVerdict(email, EmailResult.UNKNOWN, reason, is_complete=False)


def read_data(reply: Reply) -> Any:
    """What an answer tells. Raises CallFailed for an error, of whatever status."""
    if reply.status != 200:
        raise _failure_of(reply)
    answer = reply.json()
    if member(answer, "errors"):
        raise reply.failed_in_words()
    if not isinstance(member(answer, "data"), dict):
        raise reply.garbled()
    return member(answer, "data")


def _failure_of(reply: Reply) -> CallFailed:
    """Hunter's 403 says that calls come too fast, and its 429 that the plan's credits are used up."""
    if reply.status == 403:
        return reply.failed(Failure.THROTTLED)
    if reply.status == 429 and reply.retry_after is None:
        return reply.failed(Failure.OUT_OF_CREDIT)
    return reply.failed()


def _error_of(reply: Reply) -> str | None:
    errors = items(member(reply.json_or_none(), "errors"))
    return text(member(errors[0], "id")) if errors else None
