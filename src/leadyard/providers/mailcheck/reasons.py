"""Why a verdict is what it is: one word each (docs/explanation/verdicts.md)."""

from __future__ import annotations

from enum import StrEnum

from leadyard.domain.emails import EmailResult


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
    CANNOT_PROBE = "cannot_probe"
    PRIVATE_MAIL_HOST = "private_mail_host"

    ACCEPTED = "accepted"
    CATCH_ALL = "catch_all"
    CATCH_ALL_UNKNOWN = "catch_all_unknown"
    NO_SUCH_MAILBOX = "no_such_mailbox"
    MAILBOX_DISABLED = "mailbox_disabled"
    MAILBOX_MOVED = "mailbox_moved"
    DOMAIN_NOT_SERVED = "domain_not_served"
    MAILBOX_FULL = "mailbox_full"

    GREYLISTED = "greylisted"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    POLICY = "policy"
    RELAY_DENIED = "relay_denied"
    TEMPORARY_FAILURE = "temporary_failure"
    UNCLEAR = "unclear"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CLOSED = "closed"
    NOT_SMTP = "not_smtp"
    NO_INTERNATIONAL_MAIL = "no_international_mail"


PROBED_RESULTS = {
    Reason.ACCEPTED: EmailResult.DELIVERABLE,
    Reason.CATCH_ALL: EmailResult.RISKY,
    Reason.CATCH_ALL_UNKNOWN: EmailResult.RISKY,
    Reason.MAILBOX_FULL: EmailResult.RISKY,
    Reason.NO_SUCH_MAILBOX: EmailResult.UNDELIVERABLE,
    Reason.MAILBOX_DISABLED: EmailResult.UNDELIVERABLE,
    Reason.MAILBOX_MOVED: EmailResult.UNDELIVERABLE,
    Reason.DOMAIN_NOT_SERVED: EmailResult.UNDELIVERABLE,
}
"""What mail hosts can tell for certain. Any other reason is unknown: we could not ask, or were not told."""

COME_BACK = frozenset({Reason.GREYLISTED, Reason.BUSY})
"""Reasons to ask again later."""
