"""`python -m benchmarks.mailcheck`: verdicts on 10,000 addresses of 200 domains by real conversations.

The DNS server and the mail hosts are in the same process as the validator, on addresses of loopback.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time

from tests.support.dns_server import serve_dns
from tests.support.mail_world import MailWorld, make_world, probing
from tests.support.smtp_server import serve_mail

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.providers import Deferred
from leadyard.providers.mailcheck.client import MailCheck

DOMAINS = 200
ADDRESSES_A_DOMAIN = 50
ALLOWED_SECONDS = 20.0
AT_ONCE = MailCheck.concurrency


async def check_all(check: MailCheck, world: MailWorld) -> dict[str, EmailVerdict]:
    """The verdicts on all addresses, asked for as the pipeline does; those that are deferred once more."""
    verdicts: dict[str, EmailVerdict] = {}
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(email: str) -> None:
        for _ in range(2):
            async with gate:
                (answer,) = await check.validate_emails([email])
            if isinstance(answer, EmailVerdict):
                verdicts[email] = answer
            elif not isinstance(answer, Deferred):
                raise TypeError(email)

    await asyncio.gather(*map(ask, world.expected))
    return verdicts


async def measure() -> bool:
    """Runs once and prints the figures; whether all verdicts were right, in time."""
    async with serve_dns() as dns, serve_mail() as hosts:
        world = await make_world(dns, hosts, DOMAINS, ADDRESSES_A_DOMAIN)
        check = MailCheck(True, [dns.address], probing=probing(hosts.port))
        # As `leadyard serve` does.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        begin, began = time.perf_counter(), time.process_time()
        verdicts = await check_all(check, world)
        seconds, processor = time.perf_counter() - begin, time.process_time() - began
        told = {email: (str(verdict.result), verdict.reason) for email, verdict in verdicts.items()}
        wrong = {email for email, expected in world.expected.items() if told.get(email) != expected}
        print(f"{len(told):,} addresses of {DOMAINS} domains")
        print(f"{seconds:.1f} s, {processor:.1f} s of processor with the DNS server and the mail hosts")
        print(f"wrong verdicts: {len(wrong)}")
        connections = sum(len(host.talks) for host in hosts.hosts)
        print(f"DNS queries: {dns.questions.total()}, connections: {connections}")
        print(f"most connections to a host at once: {max(host.most_open for host in hosts.hosts)}")
        sessions = [len(talk.recipients) for host in hosts.hosts for talk in host.talks]
        data = sum(host.commands["DATA"] for host in hosts.hosts)
        print(f"most recipients a session: {max(sessions)}, DATA: {data}")
        for email in sorted(wrong)[:20]:
            print(f"  {email}: {told.get(email)}, not {world.expected[email]}")
    return not wrong and seconds < ALLOWED_SECONDS


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(measure()) else 1)
