"""From what Reacher says of an address to a verdict in our words (docs/explanation/verdicts.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from leadyard.domain.emails import EmailResult, EmailVerdict

PROVIDER = "reacher"


class Misc(msgspec.Struct, frozen=True):
    """What the address alone tells."""

    is_disposable: bool = False
    is_role_account: bool = False
    is_b2c: bool = False


class Mx(msgspec.Struct, frozen=True):
    """What the DNS tells."""

    accepts_mail: bool | None = None
    records: tuple[str, ...] = ()


class Smtp(msgspec.Struct, frozen=True):
    """What the mail host told; all null where it could not be asked."""

    can_connect_smtp: bool | None = None
    has_full_inbox: bool | None = None
    is_catch_all: bool | None = None
    is_deliverable: bool | None = None
    is_disabled: bool | None = None


class Syntax(msgspec.Struct, frozen=True):
    """Whether it is an address."""

    is_valid_syntax: bool | None = None


class CheckedEmail(msgspec.Struct, frozen=True):
    """Reacher's answer; parts that failed hold an error, of which nothing is read."""

    is_reachable: Literal["safe", "risky", "invalid", "unknown"]
    misc: Misc = Misc()
    mx: Mx = Mx()
    smtp: Smtp = Smtp()
    syntax: Syntax = Syntax()


_RESULTS = {
    "safe": EmailResult.DELIVERABLE,
    "risky": EmailResult.RISKY,
    "invalid": EmailResult.UNDELIVERABLE,
    "unknown": EmailResult.UNKNOWN,
}


def read_answer(body: bytes) -> CheckedEmail:
    """Raises msgspec.MsgspecError for what is not Reacher's."""
    return msgspec.json.decode(body, type=CheckedEmail)


def verdict_of(email: str, checked: CheckedEmail, now: datetime) -> EmailVerdict:
    """The verdict on an address.

    Reacher calls an address invalid also when its mail host could not be reached. That is something of the
    network, not of the address: it is unknown to us, as it is everywhere.
    """
    result, reason = _RESULTS[checked.is_reachable], _reason(checked)
    if reason == "unreachable":
        result = EmailResult.UNKNOWN
    return EmailVerdict(
        email,
        result,
        reason,
        catch_all=checked.smtp.is_catch_all is True,
        is_complete=result is not EmailResult.UNKNOWN,
        mail_hosts=tuple(record.rstrip(".").lower() for record in checked.mx.records),
        is_disposable=checked.misc.is_disposable,
        is_role=checked.misc.is_role_account,
        is_free=checked.misc.is_b2c,
        checked_at=now,
        checked_by=PROVIDER,
    )


def _reason(checked: CheckedEmail) -> str:
    smtp, misc = checked.smtp, checked.misc
    reasons: dict[str, list[tuple[str, bool | None]]] = {
        "safe": [("accepted", True)],
        "risky": [
            ("disposable", misc.is_disposable),
            ("mailbox_full", smtp.has_full_inbox),
            ("catch_all", smtp.is_catch_all),
            ("role_account", misc.is_role_account),
        ],
        "invalid": [
            ("bad_syntax", checked.syntax.is_valid_syntax is False),
            ("no_mail_host", checked.mx.accepts_mail is False),
            ("unreachable", smtp.can_connect_smtp is not True),
            ("mailbox_disabled", smtp.is_disabled),
            ("no_such_mailbox", smtp.is_deliverable is False),
        ],
        "unknown": [],
    }
    return next((word for word, holds in reasons[checked.is_reachable] if holds), "unclear")
