"""The embedded e-mail validator: syntax, the DNS and lists; no mail host is spoken to."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from collections.abc import Callable, Sequence

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.providers.mailcheck.mapping import (
    DNS_UNAVAILABLE,
    NO_MAIL_HOST,
    NO_SUCH_DOMAIN,
    MailDomain,
    mail_domain_of,
    verdict_on,
    verdict_on_syntax,
)

QUERY_SECONDS = 5.0
LOOKUP_SECONDS = 10.0
MAX_QUERIES = 64
MAX_DOMAINS = 20_000
MAX_TTL_SECONDS = 3600
ERROR_TTL_SECONDS = 30
CONFIRMED_SECONDS = 60

_DNS_PORT = 53
_SERVER = re.compile(r"(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?")

_Answered = tuple[MailDomain, float]
"""What a look-up came to, and for how many seconds that holds."""


class MailCheck:
    """Validates addresses as far as the DNS goes (docs/explanation/verdicts.md).

    It serves one event loop. One address a call, so that a slow domain does not keep its neighbors
    waiting.
    """

    name = "mailcheck"
    batch_size = 1
    concurrency = 256

    def __init__(
        self,
        dns: bool,
        servers: Sequence[str] | None = None,
        *,
        query_seconds: float = QUERY_SECONDS,
        lookup_seconds: float = LOOKUP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`servers` are addresses with an optional port; None is what the system asks.

        With `dns` false nothing is asked. `query_seconds` bound one question to one server, `lookup_seconds`
        all that is asked for a domain. Raises ValueError for a server that is no address.
        """
        nameservers = None if servers is None else parse_servers(servers)
        self._domains = (
            MailDomains(nameservers, query_seconds=query_seconds, lookup_seconds=lookup_seconds, clock=clock)
            if dns
            else None
        )

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[EmailVerdict]:
        """One verdict an address, in the same order; what could not be asked is `is_complete` false."""
        keys = [_key(email) for email in emails]
        known = await self._look_up({_domain(key) for key in keys if key is not None})
        return [
            verdict_on_syntax(email) if key is None else verdict_on(key, known.get(_domain(key)))
            for email, key in zip(emails, keys, strict=True)
        ]

    async def _look_up(self, names: set[str]) -> dict[str, MailDomain]:
        if self._domains is None:
            return {}
        ordered = list(names)
        found = await asyncio.gather(*map(self._domains.get, ordered))
        return dict(zip(ordered, found, strict=True))


class MailDomains:
    """Where mail for a domain goes, each asked for once while its answer holds.

    At most MAX_QUERIES queries are under way and MAX_DOMAINS answers kept. Answers hold for their TTL up
    to MAX_TTL_SECONDS, failures for ERROR_TTL_SECONDS.
    """

    def __init__(
        self,
        nameservers: Sequence[dns.nameserver.Nameserver] | None,
        *,
        query_seconds: float,
        lookup_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._nameservers = nameservers
        self._query_seconds = query_seconds
        self._lookup_seconds = lookup_seconds
        self._clock = clock
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._confirmed_until = float("-inf")
        self._slots = asyncio.Semaphore(MAX_QUERIES)
        self._kept: dict[str, tuple[float, MailDomain]] = {}
        self._running: dict[str, asyncio.Task[MailDomain]] = {}

    async def get(self, domain: str) -> MailDomain:
        """What is known of a domain in A-labels; whoever asks while it is being asked for waits for that."""
        expires_at, kept = self._kept.get(domain, (float("-inf"), DNS_UNAVAILABLE))
        if self._clock() < expires_at:
            return kept
        task = self._running.get(domain)
        if task is None:
            task = asyncio.create_task(self._ask_and_keep(domain))
            self._running[domain] = task
            task.add_done_callback(lambda _: self._running.pop(domain, None))
        # Shielded, for one who gives up must not take the answer from the others.
        return await asyncio.shield(task)

    async def _ask_and_keep(self, domain: str) -> MailDomain:
        async with self._slots:
            found, seconds = await self._ask(domain)
        if len(self._kept) >= MAX_DOMAINS:
            del self._kept[next(iter(self._kept))]
        self._kept[domain] = (self._clock() + seconds, found)
        return found

    async def _ask(self, domain: str) -> _Answered:
        """The DNS's answer in at most the look-up's seconds; any failure is no answer, never a refusal."""
        try:
            resolver = self._open_resolver()
            async with asyncio.timeout(self._lookup_seconds):
                found, seconds = await _resolve(resolver, dns.name.from_text(domain))
                if found in (NO_SUCH_DOMAIN, NO_MAIL_HOST):
                    await self._confirm(resolver)
        except (dns.exception.DNSException, OSError, ValueError):
            return DNS_UNAVAILABLE, ERROR_TTL_SECONDS
        return found, min(seconds, MAX_TTL_SECONDS)

    async def _confirm(self, resolver: dns.asyncresolver.Resolver) -> None:
        """Raises DNSException if the system's resolver is cut off from the public DNS.

        Such resolvers often say of every name that it does not exist: the "no" of one that does not know
        "com" either is not believed. Servers that were named by the operator are.
        """
        if self._nameservers is None and self._clock() >= self._confirmed_until:
            await resolver.resolve("com.", dns.rdatatype.NS)
            self._confirmed_until = self._clock() + CONFIRMED_SECONDS

    def _open_resolver(self) -> dns.asyncresolver.Resolver:
        """The resolver, made at its first use: until then a system without settings may have got some.

        Raises DNSException or ValueError while the system's settings cannot be read.
        """
        if self._resolver is None:
            resolver = dns.asyncresolver.Resolver(configure=self._nameservers is None)
            if self._nameservers is not None:
                resolver.nameservers = self._nameservers
            resolver.timeout, resolver.lifetime = self._query_seconds, self._lookup_seconds
            self._resolver = resolver
        return self._resolver


async def _resolve(resolver: dns.asyncresolver.Resolver, name: dns.name.Name) -> _Answered:
    """The mail hosts of a domain: its MX records, else the domain itself if it has an address (RFC 5321 5.1).

    Raises DNSException or OSError when that could not be learned.
    """
    try:
        answer = await _query(resolver, name, dns.rdatatype.MX)
    except dns.resolver.NXDOMAIN as error:
        response = error.response(name)  # type: ignore[no-untyped-call]
        return NO_SUCH_DOMAIN, response.resolve_chaining().minimum_ttl
    seconds = answer.chaining_result.minimum_ttl
    if answer.rrset is not None:
        return mail_domain_of(answer), seconds
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        answer = await _query(resolver, name, kind)
        seconds = min(seconds, answer.chaining_result.minimum_ttl)
        if answer.rrset is not None:
            return MailDomain((name.to_text(omit_final_dot=True),)), seconds
    return NO_MAIL_HOST, seconds


async def _query(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name, kind: dns.rdatatype.RdataType
) -> dns.resolver.Answer:
    """One record set, empty if the name has none of that kind."""
    return await resolver.resolve(name, kind, raise_on_no_answer=False)


def parse_servers(servers: Sequence[str]) -> list[dns.nameserver.Nameserver]:
    """DNS servers by their address, with a port other than 53 as in 192.0.2.1:5353 or [2001:db8::1]:5353.

    A text may hold several, separated by commas. Raises ValueError for what is no address, or none at all.
    """
    return [_parse_server(text.strip()) for text in ",".join(servers).split(",")]


def _parse_server(text: str) -> dns.nameserver.Nameserver:
    match = _SERVER.fullmatch(text)
    address, port = (match[1] or match[2], int(match[3] or _DNS_PORT)) if match else (text, _DNS_PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{text!r} has a port that does not exist")
    return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(address)), port)


def _key(email: str) -> str | None:
    try:
        return email_key(email)
    except InvalidIdentity:
        return None


def _domain(key: str) -> str:
    return key.rpartition("@")[2]
