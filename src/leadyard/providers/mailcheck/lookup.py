"""How the DNS is asked, and what it says of mail domains and mail hosts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
import dns.reversename
import msgspec

from leadyard.providers.mailcheck.kept import AskedOnce, Clock
from leadyard.providers.mailcheck.mapping import (
    DNS_UNAVAILABLE,
    NO_MAIL_HOST,
    NO_SUCH_DOMAIN,
    MailDomain,
    mail_domain_of,
)
from leadyard.providers.mailcheck.reasons import Reason
from leadyard.providers.mailcheck.servers import LOOKUP_SECONDS, QUERY_SECONDS, read_servers

MAX_QUERIES = 64
MAX_DOMAINS = 20_000
MAX_TTL_SECONDS = 3600
ERROR_TTL_SECONDS = 30
CONFIRMED_SECONDS = 60
MAX_ALIASES = 8

AnswerT = TypeVar("AnswerT")


class LookupFailed(Exception):
    """The DNS gave no usable answer, which says nothing of what was asked for."""


class MailHost(msgspec.Struct, frozen=True):
    """Where a mail host is, IPv4 first, or why it cannot or must not be spoken to."""

    addresses: tuple[str, ...] = ()
    fault: Reason | None = None


class Lookup:
    """Asks the DNS: at most MAX_QUERIES names at once, each within its seconds."""

    def __init__(
        self,
        servers: Sequence[str] | None,
        *,
        query_seconds: float = QUERY_SECONDS,
        lookup_seconds: float = LOOKUP_SECONDS,
        clock: Clock = time.monotonic,
    ) -> None:
        """`servers` are addresses with an optional port; None is what the system asks.

        Raises ValueError for a server that is no address.
        """
        self._nameservers = None if servers is None else parse_servers(servers)
        self._query_seconds = query_seconds
        self._lookup_seconds = lookup_seconds
        self._clock = clock
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._confirmed_until = float("-inf")
        self._slots = asyncio.Semaphore(MAX_QUERIES)

    async def find_mail_domain(self, domain: str) -> tuple[MailDomain, float]:
        """Where mail for a domain goes, and for how many seconds that holds; a failure is told as one."""

        async def ask(resolver: dns.asyncresolver.Resolver) -> tuple[MailDomain, float]:
            found, seconds = await _find_mail_domain(resolver, dns.name.from_text(domain))
            if found in (NO_SUCH_DOMAIN, NO_MAIL_HOST):
                await self._confirm(resolver)
            return found, seconds

        try:
            found, seconds = await self._run(ask)
        except LookupFailed:
            return DNS_UNAVAILABLE, ERROR_TTL_SECONDS
        return found, min(seconds, MAX_TTL_SECONDS)

    async def find_mail_host(self, host: str) -> tuple[MailHost, float]:
        """The addresses of a mail host, and for how many seconds they hold; a failure is told as one."""

        async def ask(resolver: dns.asyncresolver.Resolver) -> tuple[MailHost, float]:
            addresses, seconds = await _find_addresses(resolver, dns.name.from_text(host))
            if not addresses:
                await self._confirm(resolver)
                return MailHost(fault=Reason.NO_MAIL_HOST), seconds
            return MailHost(tuple(addresses)), seconds

        try:
            found, seconds = await self._run(ask)
        except LookupFailed:
            return MailHost(fault=Reason.DNS_UNAVAILABLE), ERROR_TTL_SECONDS
        return found, min(seconds, MAX_TTL_SECONDS)

    async def list_addresses(self, name: str) -> list[str]:
        """The addresses of a name, none if it has none. Raises LookupFailed."""
        found, _ = await self._run(lambda resolver: _find_addresses(resolver, dns.name.from_text(name)))
        return found

    async def has_reverse_name(self, address: str) -> bool:
        """Whether an address has a name. Raises LookupFailed."""
        name = dns.reversename.from_address(address)
        try:
            answer = await self._run(lambda resolver: _query(resolver, name, dns.rdatatype.PTR))
        except dns.resolver.NXDOMAIN:
            return False
        return answer.rrset is not None

    async def _run(self, ask: Callable[[dns.asyncresolver.Resolver], Awaitable[AnswerT]]) -> AnswerT:
        """One look-up in its time. Raises LookupFailed, or NXDOMAIN where `ask` lets it through."""
        async with self._slots:
            try:
                resolver = self._open_resolver()
                async with asyncio.timeout(self._lookup_seconds):
                    return await ask(resolver)
            except dns.resolver.NXDOMAIN:
                raise
            except (dns.exception.DNSException, OSError, ValueError) as error:
                raise LookupFailed from error

    async def _confirm(self, resolver: dns.asyncresolver.Resolver) -> None:
        """Raises LookupFailed if the system's resolver is cut off from the public DNS.

        Such resolvers often say of every name that it does not exist: the "no" of one that does not know
        "com" either is not believed. Servers that were named by the operator are.
        """
        if self._nameservers is None and self._clock() >= self._confirmed_until:
            try:
                await resolver.resolve("com.", dns.rdatatype.NS)
            except dns.exception.DNSException as error:
                raise LookupFailed from error
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


def mail_domains(lookup: Lookup, clock: Clock) -> AskedOnce[MailDomain]:
    """Where mail for domains goes, by their names in A-labels.

    Answers hold for their TTL up to MAX_TTL_SECONDS, failures for ERROR_TTL_SECONDS.
    """
    return AskedOnce(lookup.find_mail_domain, MAX_DOMAINS, clock)


def mail_hosts(lookup: Lookup, clock: Clock) -> AskedOnce[MailHost]:
    """Where mail hosts are, by their names; kept as mail domains are."""
    return AskedOnce(lookup.find_mail_host, MAX_DOMAINS, clock)


async def _find_mail_domain(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name
) -> tuple[MailDomain, float]:
    """The mail hosts of a domain: its MX records, else the domain itself if it has an address (RFC 5321 5.1).

    Raises DNSException or OSError when that could not be learned.
    """
    try:
        answer = await _query(resolver, name, dns.rdatatype.MX)
    except dns.resolver.NXDOMAIN as error:
        return NO_SUCH_DOMAIN, _seconds_of_no(error)
    seconds = float(answer.chaining_result.minimum_ttl)
    if answer.rrset is not None:
        return mail_domain_of(answer), seconds
    addresses, held = await _find_addresses(resolver, name)
    seconds = min(seconds, held)
    if addresses:
        return MailDomain((name.to_text(omit_final_dot=True),)), seconds
    return NO_MAIL_HOST, seconds


async def _find_addresses(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name
) -> tuple[list[str], float]:
    """The IPv4 addresses of a name, else those of IPv6: callers by IPv6 are judged more harshly."""
    seconds = float(MAX_TTL_SECONDS)
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        try:
            answer = await _query(resolver, name, kind)
        except dns.resolver.NXDOMAIN as error:
            return [], _seconds_of_no(error)
        seconds = min(seconds, answer.chaining_result.minimum_ttl)
        if answer.rrset is not None:
            return [record.address for record in answer], seconds
    return [], seconds


def _seconds_of_no(error: dns.resolver.NXDOMAIN) -> float:
    response = next(iter(error.responses().values()))  # type: ignore[no-untyped-call]
    return float(response.resolve_chaining().minimum_ttl)


async def _query(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name, kind: dns.rdatatype.RdataType
) -> dns.resolver.Answer:
    """One record set, empty if the name has none of that kind.

    Some servers tell the alias only, and leave it to the caller to ask for what it stands for.
    """
    for _ in range(MAX_ALIASES):
        answer = await resolver.resolve(name, kind, raise_on_no_answer=False)
        if answer.rrset is not None or answer.canonical_name == name:
            return answer
        name = answer.canonical_name
    raise LookupFailed


def parse_servers(servers: Sequence[str]) -> list[dns.nameserver.Nameserver]:
    """DNS servers as `read_servers` takes them. Raises ValueError."""
    return [dns.nameserver.Do53Nameserver(*server) for server in read_servers(servers)]
