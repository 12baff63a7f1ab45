"""From what the DNS says of a domain to a verdict on an address (docs/explanation/verdicts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import dns.name
import dns.resolver

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.providers.mailcheck.lists import is_disposable, is_role_account


class Reason(StrEnum):
    """Why a verdict is what it is."""

    BAD_SYNTAX = "bad_syntax"
    NO_SUCH_DOMAIN = "no_such_domain"
    NULL_MX = "null_mx"
    NO_MAIL_HOST = "no_mail_host"
    DISPOSABLE = "disposable"
    ROLE_ACCOUNT = "role_account"
    NOT_PROBED = "not_probed"
    DNS_UNAVAILABLE = "dns_unavailable"
    DNS_OFF = "dns_off"


@dataclass(frozen=True, slots=True)
class MailDomain:
    """Where mail for a domain goes, best host first, or why that is nowhere or not known."""

    mail_hosts: tuple[str, ...] = ()
    fault: Reason | None = None


DNS_UNAVAILABLE = MailDomain(fault=Reason.DNS_UNAVAILABLE)
NO_SUCH_DOMAIN = MailDomain(fault=Reason.NO_SUCH_DOMAIN)
NO_MAIL_HOST = MailDomain(fault=Reason.NO_MAIL_HOST)
NULL_MX = MailDomain(fault=Reason.NULL_MX)


def mail_domain_of(answer: dns.resolver.Answer) -> MailDomain:
    """What MX records say. A domain whose only mail host is the root takes no mail (RFC 7505 3)."""
    by_preference = sorted((record.preference, record.exchange) for record in answer)
    hosts = [exchange for _, exchange in by_preference if exchange != dns.name.root]
    if not hosts:
        return NULL_MX
    return MailDomain(tuple(host.to_text(omit_final_dot=True).lower() for host in hosts))


def verdict_on_syntax(email: str) -> EmailVerdict:
    """The verdict on what is no address."""
    return EmailVerdict(email, EmailResult.UNDELIVERABLE, Reason.BAD_SYNTAX)


def verdict_on(email: str, domain: MailDomain | None) -> EmailVerdict:
    """The verdict on a valid address; None is a domain that is not asked for, with DNS off.

    Never deliverable: whether the mailbox exists is known to its mail host only.
    """
    hosts = domain.mail_hosts if domain else ()
    fault = domain.fault if domain else None
    if fault is Reason.DNS_UNAVAILABLE:
        return EmailVerdict(email, EmailResult.UNKNOWN, fault, is_complete=False)
    if fault is not None:
        return EmailVerdict(email, EmailResult.UNDELIVERABLE, fault)
    result, reason = _judge(email, is_asked=domain is not None)
    return EmailVerdict(email, result, reason, mail_hosts=hosts)


def _judge(email: str, *, is_asked: bool) -> tuple[EmailResult, Reason]:
    local_part, _, domain = email.rpartition("@")
    if is_disposable(domain):
        return EmailResult.RISKY, Reason.DISPOSABLE
    if is_role_account(local_part):
        return EmailResult.RISKY, Reason.ROLE_ACCOUNT
    return EmailResult.UNKNOWN, Reason.NOT_PROBED if is_asked else Reason.DNS_OFF
