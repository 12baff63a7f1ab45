"""The replies of mail hosts: read, classified, and made fit to be kept."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from leadyard.providers.mailcheck import wording
from leadyard.providers.mailcheck.reasons import Reason
from leadyard.providers.mailcheck.vocabulary import WORDS
from leadyard.providers.mailcheck.wording import Words, words_of

Status = tuple[int, int, int]
"""An enhanced status code: class, subject, detail (RFC 3463)."""

MAX_KEPT_CHARACTERS = 200
MAX_READ_CHARACTERS = 2000
"""Of a reply as much as this is read for its meaning, so that a flood of words costs no time."""

KEPT_REFUSALS = 4096
LEFT_OUT = "…"

_BRACKETS = "()[]{}<>\"'`"
_PUNCTUATION = _BRACKETS + ".,;:!?#*-"
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPEATED_CODE = re.compile(r"\b([2-5]\d\d)[ -](?=[245]\.\d{1,3}\.\d{1,3}\b)")

_BY_STATUS: dict[tuple[int, int], Reason] = {
    (1, 1): Reason.NO_SUCH_MAILBOX,
    (1, 2): Reason.DOMAIN_NOT_SERVED,
    (1, 3): Reason.NO_SUCH_MAILBOX,
    (1, 6): Reason.MAILBOX_MOVED,
    (1, 7): Reason.BLOCKED,
    (1, 8): Reason.BLOCKED,
    (1, 10): Reason.DOMAIN_NOT_SERVED,
    (1, 351): Reason.NO_SUCH_MAILBOX,
    (2, 1): Reason.MAILBOX_DISABLED,
    (2, 2): Reason.MAILBOX_FULL,
    (2, 121): Reason.RATE_LIMITED,
    (2, 122): Reason.RATE_LIMITED,
    (4, 4): Reason.DOMAIN_NOT_SERVED,
    (4, 310): Reason.DOMAIN_NOT_SERVED,
    (5, 3): Reason.RATE_LIMITED,
    (7, 13): Reason.MAILBOX_DISABLED,
    (7, 28): Reason.RATE_LIMITED,
}
"""What a permanent status says by itself, by subject and detail (RFC 3463, 5248, 7372, 7505; Exchange's own).

What is not here leaves the word to the text: X.0.0 and the like say nothing, X.7.1 too much.
"""

_LOOSELY_USED = frozenset({Reason.MAILBOX_DISABLED, Reason.MAILBOX_FULL, Reason.DOMAIN_NOT_SERVED})
"""What hosts also say by status where their words say something else of the mailbox."""

_WANTS_LOGIN = frozenset({530, 534, 535, 538})
"""Codes by which a host asks for a login or encryption first (RFC 4954, 3207)."""

_DEFINITE = (
    (wording.FULL, Reason.MAILBOX_FULL),
    (wording.NO_MAILBOX, Reason.NO_SUCH_MAILBOX),
    (wording.DISABLED, Reason.MAILBOX_DISABLED),
    (wording.MOVED, Reason.MAILBOX_MOVED),
    (wording.NO_DOMAIN, Reason.DOMAIN_NOT_SERVED),
)
"""What the text says of the mailbox, in the order in which it is believed."""

_RULES = (
    (wording.RELAY, Reason.RELAY_DENIED),
    (wording.POLICY, Reason.POLICY),
    (wording.TEMPORARY, Reason.TEMPORARY_FAILURE),
)
"""What the text says where it says nothing of the mailbox."""

_BY_SUBJECT = {3: Reason.UNCLEAR, 6: Reason.POLICY, 7: Reason.POLICY}
"""Subjects of the host, the content and the policy: they cannot be about a mailbox that is not there."""

_BY_CODE = {551: Reason.MAILBOX_MOVED, 521: Reason.DOMAIN_NOT_SERVED, 556: Reason.DOMAIN_NOT_SERVED}
"""What a basic code says by itself (RFC 5321, 7504)."""

_MAILBOX_CODES = frozenset({550, 551, 553})
_EXCHANGE_REFUSAL = (4, 1)
"""With it Exchange Online refuses recipients that are not in its directory."""

_GREYLISTING = frozenset({None, (0, 0), (2, 0), (3, 0), (7, 0), (7, 1)})


class Reply(msgspec.Struct, frozen=True):
    """A reply: the basic code, the enhanced one if there is one, and the text of all lines without both."""

    code: int
    status: Status | None
    text: str


def make_reply(code: int, text: str) -> Reply:
    """A reply from its code and the text after it, with a line break between its lines.

    Where several enhanced codes contradict each other, the one of the basic code's class counts.
    """
    found = [(int(kind), int(subject), int(detail)) for kind, subject, detail in _STATUS.findall(text)]
    fitting = [status for status in found if status[0] == code // 100]
    status = next(iter(fitting or found), None)
    said = _STATUS.sub(" ", _REPEATED_CODE.sub(" ", text))
    return Reply(code, status, "\n".join(" ".join(line.split()) for line in said.split("\n")))


def classify(reply: Reply) -> Reason:
    """What a reply to RCPT, or to what comes before it, says of the mailbox.

    The enhanced code speaks first, then the basic code and the wording. A reply is never taken for a "no
    such mailbox" if its class is temporary, or if its words speak of us.
    """
    kind = reply.code // 100
    if kind == 2:
        return Reason.UNCLEAR if reply.code == 252 else Reason.ACCEPTED
    return _classify_refusal(reply.code, reply.status, words_of(reply.text[:MAX_READ_CHARACTERS]))


@lru_cache(KEPT_REFUSALS)
def _classify_refusal(code: int, status: Status | None, words: Words) -> Reason:
    """The same for all recipients that a host refuses in the same words: addresses are not among them."""
    if code // 100 == 4 or (status is not None and status[0] == 4):
        return _classify_temporary(code, status, words)
    if code // 100 != 5:
        return Reason.NOT_SMTP
    return _speaks_of_us(words) or _classify_permanent(code, status, words)


def is_doubtful(reply: Reply) -> bool:
    """Whether a reply that is taken for "no such mailbox" is also given by hosts that refuse everybody."""
    words = words_of(reply.text[:MAX_READ_CHARACTERS])
    detail = None if reply.status is None else reply.status[1:]
    is_specific = detail in _BY_STATUS or detail == _EXCHANGE_REFUSAL
    return not is_specific and not any(family.search(words.said) for family, _ in _DEFINITE)


def _speaks_of_us(words: Words) -> Reason | None:
    """Whether the reply says something of the caller, whatever its codes say."""
    if wording.BLOCKLIST.search(words.said) or wording.BLOCKLIST.search(words.links):
        return Reason.BLOCKED
    if wording.RATE.search(words.said):
        return Reason.RATE_LIMITED
    if wording.REFUSES_US.search(words.said):
        return Reason.BLOCKED
    return Reason.GREYLISTED if wording.GREYLIST.search(words.said) else None


def _classify_temporary(code: int, status: Status | None, words: Words) -> Reason:
    detail = None if status is None else status[1:]
    if wording.GREYLIST.search(words.said):
        return Reason.GREYLISTED
    about_us = _speaks_of_us(words)
    if about_us is not None:
        return about_us
    if detail == (2, 2) or wording.FULL.search(words.said):
        return Reason.MAILBOX_FULL
    if detail in _BY_STATUS and _BY_STATUS[detail] is Reason.RATE_LIMITED:
        return Reason.RATE_LIMITED
    # 421 ends the conversation: a host that shuts down, not one that greylists.
    may_greylist = code in (450, 451) and detail in _GREYLISTING
    asks_back = wording.COME_LATER.search(words.said) is not None
    return Reason.GREYLISTED if may_greylist and asks_back else Reason.TEMPORARY_FAILURE


def _classify_permanent(code: int, status: Status | None, words: Words) -> Reason:
    by_text = next((reason for family, reason in _DEFINITE if family.search(words.said)), None)
    by_status = None if status is None else _BY_STATUS.get(status[1:])
    if by_text is Reason.DOMAIN_NOT_SERVED and wording.RELAY.search(words.said):
        by_text = Reason.RELAY_DENIED
    if by_status is Reason.DOMAIN_NOT_SERVED and wording.TEMPORARY.search(words.said):
        by_status = Reason.TEMPORARY_FAILURE
    elif by_status in _LOOSELY_USED:
        by_status = by_text or by_status
    if (by_text or by_status) is not Reason.MAILBOX_FULL and wording.SOON.search(words.said):
        return Reason.TEMPORARY_FAILURE
    refuses_by_rule = by_text is None and wording.RESTRICTS.search(words.said)
    if code in _WANTS_LOGIN or refuses_by_rule or wording.LOGIN.search(words.said):
        by_status = Reason.POLICY
    return by_status or by_text or _classify_vague(code, status, words.said)


def _classify_vague(code: int, status: Status | None, said: str) -> Reason:
    """A refusal whose codes and text name nothing definite."""
    detail = None if status is None else status[1:]
    if detail == _EXCHANGE_REFUSAL and "recipient address" in said and "rejected" in said:
        return Reason.NO_SUCH_MAILBOX
    by_rule = next((reason for family, reason in _RULES if family.search(said)), None)
    if by_rule is not None:
        return by_rule
    if detail is not None and detail[0] in _BY_SUBJECT:
        return _BY_SUBJECT[detail[0]]
    if code in _MAILBOX_CODES and wording.MAYBE_NO_MAILBOX.search(said):
        return Reason.NO_SUCH_MAILBOX
    if code == 554 and wording.UNAVAILABLE_MAILBOX.search(said):
        return Reason.NO_SUCH_MAILBOX
    return _BY_CODE.get(code, Reason.UNCLEAR)


def sanitize(reply: Reply, email: str | None = None) -> str:
    """A reply that can be kept and shown: its codes, and those of its words that are common in replies.

    Replies quote addresses, names, links with tokens and other people's whereabouts. Only what is in a fixed
    vocabulary stays, so nobody has to foresee how a host spells a person; the local part of the address that
    was asked for goes even if it is such a word. At most MAX_KEPT_CHARACTERS.
    """
    local_part = "" if email is None else email.rpartition("@")[0].casefold()
    kept: list[str] = []
    for token in reply.text.replace("’", "'").split():
        word = token.strip(_PUNCTUATION).casefold()
        if word in WORDS and word != local_part:
            kept.append(token.strip(_BRACKETS))
        elif word and (not kept or kept[-1] != LEFT_OUT):
            kept.append(LEFT_OUT)
    codes = [str(reply.code), *([] if reply.status is None else [".".join(map(str, reply.status))])]
    text = " ".join([*codes, *kept])
    return text if len(text) <= MAX_KEPT_CHARACTERS else text[: MAX_KEPT_CHARACTERS - 1].rstrip() + LEFT_OUT
