"""What the replies of mail hosts are taken for, and what is kept of them."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.corpora import Case, read_cases

from leadyard.providers.mailcheck.reasons import PROBED_RESULTS, Reason
from leadyard.providers.mailcheck.replies import (
    MAX_KEPT_CHARACTERS,
    Reply,
    classify,
    make_reply,
    sanitize,
)

LEADING_CODE = re.compile(r"\s*([2-5]\d\d)(?:[ -]|$)")


def parse_reply(text: str) -> Reply | None:
    """A reply as it stands in a log or a bounce; None for what does not begin with a reply code."""
    match = LEADING_CODE.match(text)
    return None if match is None else make_reply(int(match[1]), text[match.end() :])


REPLIES = {
    Reason.ACCEPTED: """
        250 2.1.5 Ok
        250 accepted
        251 User not local; will forward
    """,
    Reason.NO_SUCH_MAILBOX: """
        550 5.1.1 <ann@x.example>: Recipient address rejected: User unknown in local recipient table
        550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 Please try again.
        550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
        550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [BN8NAM.eop.outlook.com]
        550 5.4.1 All recipient addresses rejected : Access denied
        550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).
        550 cuda_nsu 5.1.1 <ann@x.example> Recipient address rejected: User unknown
        550 5.1.1 <ann@x.example>: Recipient address rejected: undeliverable address: said: 550 No user
        550 5.2.1 <ann@x.example>... Addressee unknown, relay=[192.0.2.1]
        550 5.7.1 No such user!
        550 5.7.1 Recipient address rejected: User email address is marked as invalid
        550 #5.1.0 Address rejected.
        550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [xyz.uk9]
        550 Message was not accepted -- invalid mailbox. Local mailbox ann@x.example is unavailable
        550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1
        550 No Such User Here
        550 Unrouteable address
        550 Address ann@x.example does not exist
        550 Requested action not taken: mailbox unavailable
        550 sorry, no mailbox here by that name. (#5.1.1)
        511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
        552 1 Requested mail action aborted, mailbox not found
        554 delivery error: dd This user doesn't have a yahoo.com account (ann@x.example) [0]
        550 5.1.1 Not our Customer
        550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]
        550 Benutzer unbekannt
        550 utilisateur inconnu
        550 El usuario no existe
        550 Utente sconosciuto
        550 <spam.policy@blocked.example>: User unknown
    """,
    Reason.MAILBOX_DISABLED: """
        550 5.2.1 The email account that you tried to reach is disabled.
        550 5.2.1 This mailbox has been blocked due to inactivity
        554 30 Sorry, your message to ann@x.example cannot be delivered. This mailbox is disabled (554.30).
        550 This account has been suspended
        525 5.7.13 Account disabled
        550 User suspended
    """,
    Reason.MAILBOX_MOVED: """
        550 5.1.6 Recipient has moved
        551 Please try <forward-path>
        550 The person you tried to reach is no longer with the company
    """,
    Reason.DOMAIN_NOT_SERVED: """
        556 5.1.10 Recipient address has null MX
        521 5.3.2 Host does not accept mail
        550 5.1.2 Host unknown (Name server: x: host not found)
        550 5.4.4 Invalid domain
    """,
    Reason.MAILBOX_FULL: """
        552 5.2.2 Mailbox full
        452 4.2.2 The email account that you tried to reach is over quota.
        552 5.2.2 The email account that you tried to reach is over quota and inactive.
        552 Requested mail action aborted: exceeded storage allocation
        554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException
        550 Mailbox is full / Blocks limit exceeded / Inode limit exceeded
        450 4.2.2 <ann@x.example>... Mailbox Full (state 14)
    """,
    Reason.GREYLISTED: """
        450 4.2.0 <ann@x.example>: Recipient address rejected: Greylisted, see http://postgrey.example/help
        451 4.7.1 Greylisting in action, please come back in 00:05:00
        450 4.7.1 <ann@x.example>: Recipient address rejected: Please try again later
        451 4.7.1 Service unavailable - try again later
        451 4.3.0 Temporarily rejected. Try again later.
        450 Please try again in 300 seconds
        451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451
    """,
    Reason.TEMPORARY_FAILURE: """
        450 4.1.1 <ann@x.example>: Recipient address rejected: User unknown in virtual mailbox table
        450 4.1.1 <ann@x.example>: Recipient address rejected: unverified address: in progress
        451 Requested action aborted: local error in processing
        452 4.3.1 Insufficient system storage
        421 4.3.2 Service shutting down
        421 resqmta.comcast.example comcast Try again later
        550 5.4.4 Temporary DNS failure
    """,
    Reason.RATE_LIMITED: """
        421 4.7.0 Too many connections from your host
        452 4.5.3 Error: too many recipients
        550 5.2.1 The user you are trying to contact is receiving mail too quickly
        550-5.2.1 The user you are trying to contact is receiving mail at a rate that 550 5.2.1 prevents it
        550 5.1.1 <ann@x.example> - 192.0.2.1 has sent to too many recipients this hour.
        550 Connection frequency limited
        550 5.4.5 Daily user sending limit exceeded
    """,
    Reason.BLOCKED: """
        554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org
        550 5.7.606 Access denied, banned sending IP [192.0.2.7].
        550 To request removal visit https://sender.office.com/
        550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent.
        553 5.7.2 [TSS09] All messages from 192.0.2.7 will be permanently deferred
        421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to user complaints
        554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.
        554 IP=192.0.2.7 - A problem occurred. (Ask your postmaster for help)
        554 Bad DNS PTR resource record.
        450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]
        504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
        550 5.1.8 <ann@x.example>: Sender address rejected: Domain not found
        550 5.1.0 <ann@x.example>: Sender address rejected: User unknown in relay recipient table
        550-Verification failed for <ann@x.example> 550-550 No Such User Here 550 Sender verify failed
        550 5.7.26 Unauthenticated email from x.example is not accepted due to domain's DMARC policy.
        550 5.7.23 The message was rejected because of Sender Policy Framework violation
        553 5.1.3 http://www.spamhaus.org/query/bl?ip=192.0.2.7
        554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.7
        550 5.1.1 RCP-P2 http://postmaster.example/response_codes Refused due to recipient preferences
    """,
    Reason.RELAY_DENIED: """
        554 5.7.1 <ann@x.example>: Relay access denied
        550 5.7.1 Unable to relay
        550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
        553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
        553 Relaying disallowed. Invalid Domain - x.example
    """,
    Reason.POLICY: """
        554 5.7.1 <ann@x.example>: Recipient address rejected: Access denied
        550 5.7.0 Local Policy Violation
        550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction
        530 5.7.0 Must issue a STARTTLS command first
        535 5.7.8 Incorrect user name or password
        550 5.7.1 Message content rejected, UBE, id=00000-00-000
        550 Mailbox unavailable or access denied
        550 High probability of spam
        554 Transaction failed Reject due to policy restrictions.
    """,
    Reason.UNCLEAR: """
        252 Cannot verify the user
        500 5.5.1 Command unrecognized
        503 5.5.1 Bad sequence of commands
        554 Transaction failed
        550 Denied
        550 rejected by recipient
        554 5.3.0 <ann@x.example>: Recipient address rejected: Mailer error
        550-5.7.1 The group you tried to contact may not exist 550 5.7.1 or you may not have
    """,
    Reason.NOT_SMTP: """
        354 go ahead
    """,
}
CASES = [
    (line.strip(), reason) for reason, lines in REPLIES.items() for line in lines.splitlines() if line.strip()
]

CALLED_DEAD = {"userunknown", "hostunknown", "hasmoved", "suspend"}
MAY_BE_CALLED_DEAD = {"filtered", "notaccept"}
OTHERS = {"mailboxfull": "risky", "delivered": "deliverable"}
MISLABELED = {"550 5.1.1 <userunknown@bouncehammer.jp>... User Unknown"}
"""A bounce for two mailboxes: the full one is the other."""


@pytest.mark.parametrize(("text", "reason"), CASES)
def test_reply_is_taken_for_what_it_says(text: str, reason: Reason) -> None:
    reply = parse_reply(text)
    assert reply is not None
    told = classify(reply)
    if reason is Reason.UNCLEAR:
        assert told not in PROBED_RESULTS
    else:
        assert told is reason


def _read_replies() -> dict[str, list[str]]:
    """The replies of the file beside this one, by what they say; a line of the file holds a whole reply."""
    told, section = defaultdict(list), ""
    for line in Path(__file__).with_name("mail_replies.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            told[section].append(line)
    return dict(told)


TOLD = _read_replies()


def _classify_line(line: str) -> Reason:
    texts = [text[3:].lstrip(" -") if text[:3].isdigit() else text for text in line.split("\\n")]
    return classify(make_reply(int(line[:3]), "\n".join(texts)))


@pytest.mark.parametrize("said", TOLD)
def test_replies_of_many_kinds_of_hosts_are_taken_for_what_they_say(said: str) -> None:
    wrong = []
    for line in TOLD[said]:
        reason = _classify_line(line)
        expected = said.split(" or ")
        if reason.value not in expected and PROBED_RESULTS.get(reason, "unknown") not in expected:
            wrong.append((reason.value, line))
    assert wrong == []


def test_temporary_reply_never_calls_a_mailbox_dead() -> None:
    for text, reason in CASES:
        if PROBED_RESULTS.get(reason) == "undeliverable":
            reply = parse_reply(text)
            assert reply is not None
            said = (
                reply.text if reply.status is None else f"4.{reply.status[1]}.{reply.status[2]} {reply.text}"
            )
            assert PROBED_RESULTS.get(classify(make_reply(450, said))) != "undeliverable", text


def test_words_in_an_address_or_a_link_are_not_said() -> None:
    for said in ("<user.unknown@x.example>", "https://x.example/no-such-user", "spamhaus-fan@x.example"):
        assert classify(make_reply(550, f"{said} 5.6.0 Odd characters")) is Reason.POLICY


@pytest.mark.parametrize("code", ["5.1.1", "5.1.3", "5.2.1", "5.1.10", "5.1.6"])
@pytest.mark.parametrize(
    "said",
    [
        "Your IP is on a block list",
        "Too many connections",
        "Client host rejected: no PTR record",
        "Sender address rejected: not allowed",
        "SPF check failed",
    ],
)
def test_reply_about_us_calls_no_mailbox_dead_whatever_its_code(code: str, said: str) -> None:
    assert classify(make_reply(550, f"{code} {said}")) in (Reason.BLOCKED, Reason.RATE_LIMITED)


def _wire_text(case: Case) -> str:
    """The reply as the host sent it: what was cut off in transit is put back from the case's columns."""
    text, code, status = case["input"], case["code"], case["dsn"]
    if not code:
        return str(text)
    rest = text.removeprefix(code).lstrip(" -")
    return f"{code} {rest if status in rest else f'{status} {rest}'}"


def test_real_replies_are_classified_right_and_none_is_wrongly_called_dead() -> None:
    cases = [case for case in read_cases("smtp-replies.jsonl") if case["input"] not in MISLABELED]
    for columns in (False, True):
        wrong, wrongly_dead = [], []
        for case in cases:
            reply = parse_reply(_wire_text(case) if columns else case["input"])
            told = "unknown" if reply is None else str(PROBED_RESULTS.get(classify(reply), "unknown"))
            label = case["expect_reason"]
            expected = "undeliverable" if label in CALLED_DEAD else OTHERS.get(label, "unknown")
            if told == expected or (label in MAY_BE_CALLED_DEAD and told in ("undeliverable", "unknown")):
                continue
            wrong.append(case["id"])
            if told == "undeliverable":
                wrongly_dead.append(case["id"])
        assert wrongly_dead == []
        assert len(wrong) <= 0.07 * len(cases), wrong


SECRETS = ("ann", "lee", "ann.lee", "example", "bob", "Lee", "192.0.2.7", "K7x", "token")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("550 5.1.1 <ann.lee@x.example>... User Unknown", "550 5.1.1 … User Unknown"),
        ("550 5.1.1 Ann Lee left us, write to bob@x.example", None),
        ("550 No such user (ann.lee)", "550 No … user …"),
        (
            "550 ann=2elee=40x.example unknown; see https://x.example/?to=ann.lee&k=token",
            "550 … unknown; see …",
        ),
        ("554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org", None),
        ("451 4.7.1 Greylisted K7x9, try again later", "451 4.7.1 Greylisted … try again later"),
    ],
)
def test_what_is_kept_of_a_reply_names_no_person_and_no_address(text: str, kept: str | None) -> None:
    reply = parse_reply(text)
    assert reply is not None
    shown = sanitize(reply, "ann.lee@x.example")
    assert kept in (None, shown)
    assert not any(secret in shown for secret in SECRETS)


def test_local_part_goes_even_if_it_is_a_common_word() -> None:
    assert sanitize(make_reply(550, "5.1.1 Mailbox unknown"), "mailbox@x.example") == "550 5.1.1 … unknown"


def test_kept_reply_is_short() -> None:
    shown = sanitize(make_reply(550, "mailbox unavailable " * 1_000))
    assert len(shown) == MAX_KEPT_CHARACTERS


@given(st.integers(200, 599), st.text(max_size=200))
def test_every_reply_is_classified_and_kept(code: int, text: str) -> None:
    reply = make_reply(code, text)
    assert isinstance(classify(reply), Reason)
    assert sanitize(reply, "ann.lee@x.example").startswith(str(code))
    assert "\n" not in sanitize(reply)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789.-_+", min_size=2, max_size=20))
def test_no_address_is_ever_kept(local_part: str) -> None:
    email = f"{local_part}@x.example"
    for said in (f"<{email}> user unknown", f"mailbox {local_part} unknown", f"({email})", f"<{local_part}>"):
        shown = sanitize(make_reply(550, f"5.1.1 {said}"), email).removeprefix("550 5.1.1")
        assert "@" not in shown
        assert local_part not in shown.split() or local_part in ("…",)
