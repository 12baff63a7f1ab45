"""What an address is judged by: syntax, the DNS, lists and, if it is set up for that, the mail hosts."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.providers.mailcheck.asking import Probing
from leadyard.providers.mailcheck.kept import AskedOnce, Clock
from leadyard.providers.mailcheck.lookup import Lookup, mail_domains, mail_hosts
from leadyard.providers.mailcheck.mapping import (
    Heard,
    verdict_by_mail_host,
    verdict_on,
    verdict_on_syntax,
)
from leadyard.providers.mailcheck.probing import Prober
from leadyard.providers.mailcheck.reasons import Reason
from leadyard.providers.mailcheck.selftest import Fault, find_faults

TEST_AGAIN_SECONDS = 600.0
TEST_HOLDS_SECONDS = 24 * 3600.0

_WORTH_PROBING = frozenset({Reason.NOT_PROBED, Reason.ROLE_ACCOUNT})
_OURSELVES = "ourselves"


class Judge:
    """Judges addresses. It serves one event loop."""

    def __init__(
        self,
        dns: bool,
        servers: Sequence[str] | None,
        probing: Probing | None,
        *,
        query_seconds: float,
        lookup_seconds: float,
        clock: Clock,
    ) -> None:
        """What these are, `MailCheck` says."""
        self._asks_dns = dns
        lookup = Lookup(servers, query_seconds=query_seconds, lookup_seconds=lookup_seconds, clock=clock)
        self._domains = mail_domains(lookup, clock)
        self._prober: Prober | None = None
        if dns and probing is not None:
            self._prober = Prober(probing, mail_hosts(lookup, clock), clock)
            self._faults = AskedOnce(lambda _: _test(probing, lookup), 1, clock)

    async def judge(self, email: str, line: int) -> EmailVerdict:
        """The verdict on an address; `line` is whom it stands in line with for the mail hosts."""
        key = _key(email)
        if key is None:
            return verdict_on_syntax(email)
        domain = await self._domains.get(key.rpartition("@")[2]) if self._asks_dns else None
        verdict = verdict_on(key, domain)
        if self._prober is None or verdict.reason not in _WORTH_PROBING:
            return verdict
        if await self._faults.get(_OURSELVES):
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
