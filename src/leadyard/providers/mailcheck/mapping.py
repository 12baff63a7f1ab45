"""From what the DNS and mail hosts say to a verdict on an address (docs/explanation/verdicts.md)."""

from __future__ import annotations

import dns.name
import dns.resolver
import msgspec

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.providers.mailcheck.lists import is_disposable, is_free, is_role_account
from leadyard.providers.mailcheck.reasons import PROBED_RESULTS, Reason


class MailDomain(msgspec.Struct, frozen=True):
    """Where mail for a domain goes, best host first, or why that is nowhere or not known."""

    mail_hosts: tuple[str, ...] = ()
    fault: Reason | None = None


_LOCALHOST = dns.name.from_text("localhost.")

DNS_UNAVAILABLE = MailDomain(fault=Reason.DNS_UNAVAILABLE)
NO_SUCH_DOMAIN = MailDomain(fault=Reason.NO_SUCH_DOMAIN)
NO_MAIL_HOST = MailDomain(fault=Reason.NO_MAIL_HOST)
NULL_MX = MailDomain(fault=Reason.NULL_MX)


class Heard(msgspec.Struct, frozen=True):
    """What came of asking mail hosts about an address: why, who said it, and what is kept of the reply."""

    reason: Reason
    host: str | None = None
    reply: str | None = None


def mail_domain_of(answer: dns.resolver.Answer) -> MailDomain:
    """What MX records say. A domain whose only mail host is the root takes no mail (RFC 7505 3)."""
    by_preference = sorted((record.preference, record.exchange) for record in answer)
    named = [exchange for _, exchange in by_preference if exchange != dns.name.root]
    if not named:
        return NULL_MX
    # Nobody but the sender itself is localhost (RFC 6761 6.3): another way to say that there is no host.
    hosts = [exchange for exchange in named if not exchange.is_subdomain(_LOCALHOST)]
    if not hosts:
        return NO_MAIL_HOST
    return MailDomain(tuple(host.to_text(omit_final_dot=True).lower() for host in hosts))


def verdict_on_syntax(email: str) -> EmailVerdict:
    """The verdict on what is no address."""
    return EmailVerdict(email, EmailResult.UNDELIVERABLE, Reason.BAD_SYNTAX)


def verdict_on(email: str, domain: MailDomain | None) -> EmailVerdict:
    """The verdict on a valid address as far as the DNS goes; None is a domain not asked for, with DNS off.

    Never deliverable: whether the mailbox exists is known to its mail host only.
    """
    local_part, _, name = email.rpartition("@")
    verdict = EmailVerdict(
        email,
        EmailResult.UNKNOWN,
        Reason.DNS_OFF if domain is None else Reason.NOT_PROBED,
        mail_hosts=domain.mail_hosts if domain else (),
        is_disposable=is_disposable(name),
        is_role=is_role_account(local_part),
        is_free=is_free(name),
    )
    fault = domain.fault if domain else None
    if fault is Reason.DNS_UNAVAILABLE:
        return msgspec.structs.replace(verdict, reason=fault, is_complete=False)
    if fault is not None:
        return msgspec.structs.replace(verdict, result=EmailResult.UNDELIVERABLE, reason=fault)
    if verdict.is_disposable:
        return msgspec.structs.replace(verdict, result=EmailResult.RISKY, reason=Reason.DISPOSABLE)
    if verdict.is_role:
        return msgspec.structs.replace(verdict, result=EmailResult.RISKY, reason=Reason.ROLE_ACCOUNT)
    return verdict


def verdict_by_mail_host(verdict: EmailVerdict, heard: Heard) -> EmailVerdict:
    """The verdict once the mail hosts were asked, or could not be.

    What they do not tell for certain is unknown and not complete, whatever else is known of the address.
    """
    reason = heard.reason
    result = PROBED_RESULTS.get(reason, EmailResult.UNKNOWN)
    is_known = reason in PROBED_RESULTS
    if reason is Reason.NO_MAIL_HOST:
        result, is_known = EmailResult.UNDELIVERABLE, True
    if result is EmailResult.DELIVERABLE and verdict.is_role:
        result, reason = EmailResult.RISKY, Reason.ROLE_ACCOUNT
    return msgspec.structs.replace(
        verdict,
        result=result,
        reason=reason,
        catch_all=reason is Reason.CATCH_ALL,
        is_complete=is_known,
        smtp_host=heard.host,
        smtp_reply=heard.reply,
    )
