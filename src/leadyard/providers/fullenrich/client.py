"""FullEnrich, version 2 of its API: up to 100 people an order, whose answers are collected minutes later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from leadyard.domain.providers import (
    ALL_GROUPS,
    CallFailed,
    Failure,
    PersonAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.answers import by_reference, found, spread, unanswered
from leadyard.providers.fullenrich.mapping import (
    NAME,
    confidence_of,
    contact_of,
    credits_of,
    fields_of,
    has_found,
    most_credits,
    person_of,
)
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import amount, items, member, number, text

BASE_URL = "https://app.fullenrich.com/api/v2"
BATCH_SIZE = 100
CALLS_A_SECOND = 60 / 60 * 0.95
"""60 a minute are allowed, collecting included."""

_FINISHED = "FINISHED"
_BROKEN_OFF = {
    "CREDITS_INSUFFICIENT": Failure.OUT_OF_CREDIT,
    "RATE_LIMIT": Failure.THROTTLED,
    "CANCELED": Failure.DOWN,
    "FAILED": Failure.DOWN,
    "UNKNOWN": Failure.DOWN,
}
_IN_PROGRESS = "error.enrichment.in_progress"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings. `personal_emails` buys private addresses too, at three credits each."""

    base_url: str = BASE_URL
    rate: Annotated[float, msgspec.Meta(gt=0)] = CALLS_A_SECOND
    personal_emails: bool = False


class FullEnrich:
    """Orders from FullEnrich. A work e-mail costs 1 credit, a private one 3, a phone number 10."""

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = 4
    groups = ALL_GROUPS
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._options = options
        self._endpoint = Endpoint(transport, options.base_url, {"Authorization": f"Bearer {api_key}"})

    def most_cost(self, query: PersonQuery) -> float:
        """What all that is wanted costs; 0 without an e-mail or phone number to buy."""
        return most_credits(self._fields(query)) if contact_of(query) else 0.0

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """One for all; collecting takes calls of its own."""
        return 1.0 if any(map(self.most_cost, queries)) else 0.0

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        """Not for this provider: it takes orders. Raises CallFailed."""
        raise CallFailed(Failure.GARBLED)

    async def order(self, queries: Sequence[PersonQuery]) -> str:
        """Places an order for those who can be looked up; returns its id. Raises CallFailed."""
        contacts = [
            {
                **contact_of(query),
                "enrich_fields": self._fields(query),
                "custom": {"reference": _reference(place)},
            }
            for place, query in enumerate(queries)
            if self.most_cost(query)
        ]
        body = {"name": f"Leadyard, {len(contacts)} contacts", "data": contacts}
        reply = await self._endpoint.post("/contact/enrich/bulk", body, can_buy=True)
        if not 200 <= reply.status < 300:
            raise reply.failed()
        answer = reply.json()
        order_id = text(member(answer, "enrichment_id")) or text(member(answer, "id"))
        if order_id is None:
            raise reply.failed_in_words() if member(answer, "code") else reply.garbled()
        return order_id

    async def collect(self, order_id: str, queries: Sequence[PersonQuery]) -> list[PersonAnswer] | None:
        """The answers to an order, in the order of the same queries; None while it is not finished.

        An order that was broken off has answers for those that were done. Raises CallFailed.
        """
        path = f"/contact/enrich/bulk/{quote(order_id, safe='')}"
        reply = await self._endpoint.get(path, can_buy=False)
        answer = reply.json() if reply.status in (200, 402) else reply.json_or_none()
        if reply.status == 400 and text(member(answer, "code")) == _IN_PROGRESS:
            return None
        if reply.is_no_match:
            # Nobody will ever know what came of it.
            return [unanswered() if self.most_cost(query) else None for query in queries]
        if reply.status not in (200, 402):
            raise reply.failed()
        status = (text(member(answer, "status")) or "").upper()
        if reply.status == 402:
            status = "CREDITS_INSUFFICIENT"
        if not status:
            raise reply.failed_in_words() if member(answer, "code") else reply.garbled()
        if status != _FINISHED and status not in _BROKEN_OFF:
            return None
        return self._read(answer, queries, _BROKEN_OFF.get(status))

    async def check_key(self) -> str:
        """Asks for the balance, which costs nothing. Raises CallFailed."""
        reply = await self._endpoint.get("/account/credits", can_buy=False)
        if reply.status != 200:
            raise reply.failed()
        answer = reply.json()
        balance = number(member(answer, "balance"))
        if balance is None:
            balance = number(member(answer, "credits"))
        return "works" if balance is None else f"{balance:g} credits left"

    def _fields(self, query: PersonQuery) -> list[str]:
        return fields_of(query, personal_emails=self._options.personal_emails)

    def _read(
        self, answer: Any, queries: Sequence[PersonQuery], broken_off: Failure | None
    ) -> list[PersonAnswer]:
        references = [_reference(place) for place in range(len(queries))]
        told = by_reference(items(member(answer, "data")), references, _custom_reference)
        expected = [credits_of(told[key]) if key in told else 0.0 for key in references]
        costs = spread(amount(member(answer, "cost", "credits")), expected)
        answers: list[PersonAnswer] = []
        for query, key, cost in zip(queries, references, costs, strict=True):
            if not self.most_cost(query):
                answers.append(None)
            elif key in told and has_found(told[key]):
                person = person_of(query, told[key])
                answers.append(found(query, person, cost, confidence_of(told[key])))
            elif broken_off is not None:
                answers.append(Unavailable(broken_off.value, cost))
            elif key in told:
                answers.append(None)
            else:
                answers.append(unanswered(cost))
        return answers


def _reference(place: int) -> str:
    return f"q{place}"


def _custom_reference(told: Any) -> str | None:
    return text(member(told, "custom", "reference"))
