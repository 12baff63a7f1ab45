"""E-mail verdicts: what a check of an address can say, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class EmailResult(StrEnum):
    """The verdict of a check, in the contract's words (contract §3)."""

    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNKNOWN = "unknown"
    UNDELIVERABLE = "undeliverable"


class EmailVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """The verdict on one address and the evidence for it.

    `reason` is one word of the validator (`no_such_domain`, `null_mx`, `disposable`, `not_probed`, …);
    `is_complete` is false when a check could not be done (no network, time-out): then the result is
    `unknown` and nothing is charged. `mail_hosts` are those of the domain, best first; `smtp_host` is the one
    whose answer decided, and `smtp_reply` what is kept of that: never an address or a name. `is_free` says
    that anybody can have a mailbox there. `checked_by` names who said it, if not the validator asked.
    """

    email: str
    result: EmailResult
    reason: str
    catch_all: bool = False
    is_complete: bool = True
    mail_hosts: tuple[str, ...] = ()
    smtp_host: str | None = None
    smtp_reply: str | None = None
    is_disposable: bool = False
    is_role: bool = False
    is_free: bool = False
    checked_at: datetime | None = None
    checked_by: str | None = None
