"""The embedded e-mail validator, which is loaded in full when the first address is to be judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from leadyard.domain.providers import Deferred, EmailAnswer
from leadyard.providers.mailcheck.asking import Probing
from leadyard.providers.mailcheck.kept import Clock
from leadyard.providers.mailcheck.reasons import COME_BACK
from leadyard.providers.mailcheck.servers import LOOKUP_SECONDS, QUERY_SECONDS, read_servers

if TYPE_CHECKING:
    from leadyard.providers.mailcheck.judge import Judge


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MailCheck:
    """Validates addresses as far as it can (docs/explanation/verdicts.md).

    It serves one event loop. One address a call, so that a slow domain does not keep its neighbors waiting;
    many calls at once, for most of them wait: what is asked at once is bounded further down.
    """

    name = "mailcheck"
    batch_size = 1
    concurrency = 100_000

    def __init__(
        self,
        dns: bool,
        servers: Sequence[str] | None = None,
        *,
        probing: Probing | None = None,
        query_seconds: float = QUERY_SECONDS,
        lookup_seconds: float = LOOKUP_SECONDS,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """`servers` are addresses with an optional port; None is what the system asks.

        With `dns` false nothing is asked, and without `probing` no mail host. `query_seconds` bound one
        question to one server, `lookup_seconds` all that is asked for a domain. Raises ValueError for a
        server that is no address.
        """
        if servers is not None:
            read_servers(servers)
        self._now = now
        self._judge: Judge | None = None
        self._make_judge = partial(
            _make_judge,
            dns,
            servers,
            probing,
            query_seconds=query_seconds,
            lookup_seconds=lookup_seconds,
            clock=clock,
        )

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """One answer an address, in the same order; what could not be asked is `is_complete` false."""
        if self._judge is None:
            self._judge = self._make_judge()
        if len(emails) == 1:
            return [await self._validate(self._judge, emails[0], line)]
        return await asyncio.gather(*(self._validate(self._judge, email, line) for email in emails))

    async def _validate(self, judge: Judge, email: str, line: int) -> EmailAnswer:
        verdict = msgspec.structs.replace(await judge.judge(email, line), checked_at=self._now())
        return Deferred(verdict) if verdict.reason in COME_BACK else verdict


def _make_judge(
    dns: bool,
    servers: Sequence[str] | None,
    probing: Probing | None,
    *,
    query_seconds: float,
    lookup_seconds: float,
    clock: Clock,
) -> Judge:
    # What asks the DNS and understands mail hosts takes some 15 MB, and a tenth of a start.
    from leadyard.providers.mailcheck.judge import Judge  # noqa: PLC0415

    return Judge(
        dns, servers, probing, query_seconds=query_seconds, lookup_seconds=lookup_seconds, clock=clock
    )
