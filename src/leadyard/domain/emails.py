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

    @property
    def is_decisive(self) -> bool:
        """Whether nobody else has to be asked."""
        return self.is_complete and self.result is not EmailResult.UNKNOWN

    def with_evidence_of(self, earlier: EmailVerdict) -> EmailVerdict:
        """The same verdict, with what an earlier one knows of the domain and the mailbox besides."""
        return msgspec.structs.replace(
            self,
            mail_hosts=self.mail_hosts or earlier.mail_hosts,
            is_disposable=self.is_disposable or earlier.is_disposable,
            is_role=self.is_role or earlier.is_role,
            is_free=self.is_free or earlier.is_free,
        )
