"""The embedded e-mail validator: syntax, the DNS, lists and, if it is set up for that, the mail hosts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.providers import Deferred, EmailAnswer
from leadyard.providers.mailcheck.kept import AskedOnce, Clock
from leadyard.providers.mailcheck.lookup import (
    LOOKUP_SECONDS,
    QUERY_SECONDS,
    Lookup,
    mail_domains,
    mail_hosts,
)
from leadyard.providers.mailcheck.mapping import (
    Heard,
    verdict_by_mail_host,
    verdict_on,
    verdict_on_syntax,
)
from leadyard.providers.mailcheck.probing import Prober, Probing
from leadyard.providers.mailcheck.reasons import COME_BACK, Reason
from leadyard.providers.mailcheck.selftest import Fault, find_faults

TEST_AGAIN_SECONDS = 600.0
TEST_HOLDS_SECONDS = 24 * 3600.0

_WORTH_PROBING = frozenset({Reason.NOT_PROBED, Reason.ROLE_ACCOUNT})


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
        self._asks_dns = dns
        self._now = now
        lookup = Lookup(servers, query_seconds=query_seconds, lookup_seconds=lookup_seconds, clock=clock)
        self._domains = mail_domains(lookup, clock)
        self._prober: Prober | None = None
        if dns and probing is not None:
            self._prober = Prober(probing, mail_hosts(lookup, clock), clock)
            self._faults = AskedOnce(lambda _: _test(probing, lookup), 1, clock)

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """One answer an address, in the same order; what could not be asked is `is_complete` false."""
        if len(emails) == 1:
            return [await self._validate(emails[0], line)]
        return await asyncio.gather(*(self._validate(email, line) for email in emails))

    async def _validate(self, email: str, line: int) -> EmailAnswer:
        verdict = msgspec.structs.replace(await self._judge(email, line), checked_at=self._now())
        return Deferred(verdict) if verdict.reason in COME_BACK else verdict

    async def _judge(self, email: str, line: int) -> EmailVerdict:
        key = _key(email)
        if key is None:
            return verdict_on_syntax(email)
        domain = await self._domains.get(key.rpartition("@")[2]) if self._asks_dns else None
        verdict = verdict_on(key, domain)
        if self._prober is None or verdict.reason not in _WORTH_PROBING:
            return verdict
        if await self._faults.get(self.name):
            return verdict_by_mail_host(verdict, Heard(Reason.CANNOT_PROBE))
        return verdict_by_mail_host(verdict, await self._prober.ask(key, verdict.mail_hosts, line))


async def _test(probing: Probing, lookup: Lookup) -> tuple[tuple[Fault, ...], float]:
    """What keeps us from asking mail hosts, and for how many seconds to believe that."""
    faults = tuple(await find_faults(probing, lookup)) if probing.witness is not None else ()
    return faults, TEST_AGAIN_SECONDS if faults else TEST_HOLDS_SECONDS


def _key(email: str) -> str | None:
    try:
        return email_key(email)
    except InvalidIdentity:
        return None
