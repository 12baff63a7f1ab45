"""E-mail verdicts: what a check of an address can say, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class EmailResult(StrEnum):
    """The verdict of a check, in the contract's words (contract §3)."""

    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNKNOWN = "unknown"
    UNDELIVERABLE = "undeliverable"


class EmailVerdict(msgspec.Struct, frozen=True):
    """The verdict on one address and the evidence for it.

    `reason` is one word of the validator (`no_such_domain`, `null_mx`, `disposable`, `not_probed`, …);
    `is_complete` is false when a check could not be done (no network, time-out): then the result is
    `unknown` and nothing is charged.
    """

    email: str
    result: EmailResult
    reason: str
    catch_all: bool = False
    is_complete: bool = True
    mail_hosts: tuple[str, ...] = ()
