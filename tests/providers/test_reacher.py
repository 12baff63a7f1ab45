"""An external verifier, and when it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.http_server import Answer, serve_http
from tests.support.installation import make_settings

from leadyard.app import build
from leadyard.domain.accounts import Mode
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.providers import Deferred, EmailAnswer, Unavailable
from leadyard.providers.reacher.client import MAX_ANSWER_BYTES, Reacher
from leadyard.providers.reacher.second_opinion import SecondOpinion
from leadyard.settings import InvalidSetting

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN = "ann@x.example"

DELIVERABLE, RISKY = EmailResult.DELIVERABLE, EmailResult.RISKY
UNKNOWN, UNDELIVERABLE = EmailResult.UNKNOWN, EmailResult.UNDELIVERABLE


def checked(is_reachable: str, **changed: Any) -> dict[str, Any]:
    """Reacher's answer, with other members in some of its parts."""
    parts: dict[str, Any] = {
        "misc": {"is_disposable": False, "is_role_account": False, "is_b2c": False, "gravatar_url": None},
        "mx": {"accepts_mail": True, "records": ["MX1.x.example.", "mx2.x.example."]},
        "smtp": {
            "can_connect_smtp": True,
            "has_full_inbox": False,
            "is_catch_all": False,
            "is_deliverable": is_reachable == "safe",
            "is_disabled": False,
        },
        "syntax": {"address": ANN, "domain": "x.example", "is_valid_syntax": True, "username": "ann"},
    }
    for name, value in changed.items():
        parts[name] = {**parts[name], **value}
    return {"input": ANN, "is_reachable": is_reachable, **parts}


async def ask(answer: Answer, seconds: float = 5.0) -> EmailAnswer:
    async with serve_http(lambda _: answer) as server:
        (told,) = await Reacher(server.url, seconds=seconds, now=lambda: NOW).validate_emails([ANN])
    return told


@pytest.mark.parametrize(
    ("answer", "result", "reason"),
    [
        (checked("safe"), DELIVERABLE, "accepted"),
        (checked("risky", smtp={"is_catch_all": True}), RISKY, "catch_all"),
        (checked("risky", smtp={"has_full_inbox": True}), RISKY, "mailbox_full"),
        (checked("risky", misc={"is_disposable": True}), RISKY, "disposable"),
        (checked("risky", misc={"is_role_account": True}), RISKY, "role_account"),
        (checked("risky"), RISKY, "unclear"),
        (checked("invalid"), UNDELIVERABLE, "no_such_mailbox"),
        (checked("invalid", smtp={"is_disabled": True}), UNDELIVERABLE, "mailbox_disabled"),
        (checked("invalid", mx={"accepts_mail": False}), UNDELIVERABLE, "no_mail_host"),
        (checked("invalid", syntax={"is_valid_syntax": False}), UNDELIVERABLE, "bad_syntax"),
        (checked("invalid", smtp={"can_connect_smtp": False}), UNKNOWN, "unreachable"),
        (checked("unknown"), UNKNOWN, "unclear"),
        (
            checked("unknown") | {"smtp": {"error": {"type": "SmtpError", "message": "timeout"}}},
            UNKNOWN,
            "unclear",
        ),
        (checked("invalid") | {"smtp": {"type": "Io", "message": "x"}}, UNKNOWN, "unreachable"),
    ],
)
async def test_answer_becomes_a_verdict(answer: Any, result: EmailResult, reason: str) -> None:
    told = await ask(Answer(answer))
    assert isinstance(told, EmailVerdict)
    assert (told.email, told.result, told.reason) == (ANN, result, reason)
    assert told.is_complete == (result is not UNKNOWN)
    assert (told.checked_by, told.checked_at) == ("reacher", NOW)
    assert told.mail_hosts == ("mx1.x.example", "mx2.x.example")


async def test_flags_are_taken_over() -> None:
    told = await ask(Answer(checked("safe", misc={"is_b2c": True}, smtp={"is_catch_all": False})))
    assert isinstance(told, EmailVerdict)
    assert (told.is_free, told.is_role, told.is_disposable, told.catch_all) == (True, False, False, False)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=500), "status 500"),
        (Answer({"error": "overloaded"}, status=503), "status 503"),
        (Answer(status=401), "status 401"),
        (Answer(b"<html>"), "garbled"),
        (Answer(b'{"is_reachable": "sa'), "garbled"),
        (Answer({"is_reachable": "perhaps"}), "garbled"),
        (Answer([]), "garbled"),
        (Answer(b" " * (MAX_ANSWER_BYTES + 1)), "garbled"),
        (Answer(status=302, body={}), "garbled"),
        (Answer(raw=b"220 mx.example ESMTP\r\n"), "status 400"),
        (Answer(raw=b""), "connection"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "connection"),
        (Answer(checked("safe"), delay_seconds=5.0), "timed out"),
    ],
)
async def test_no_usable_answer_is_unavailable(answer: Answer, reason: str) -> None:
    assert await ask(answer, seconds=0.5) == Unavailable(reason)


async def test_server_that_is_not_there_is_unavailable() -> None:
    async with serve_http(lambda _: Answer()) as server:
        url = server.url
    assert await Reacher(url).validate_emails([ANN]) == [Unavailable("connection")]


async def test_address_is_posted_to_the_documented_path() -> None:
    async with serve_http(lambda _: Answer(checked("safe"))) as server:
        await Reacher(f"{server.url}/").validate_emails([ANN, "bob@x.example"])
    assert sorted(server.requests, key=str) == [
        ("POST /v0/check_email", {"to_email": ANN}),
        ("POST /v0/check_email", {"to_email": "bob@x.example"}),
    ]


@pytest.mark.parametrize("url", ["reacher", "ftp://reacher.example", "http://", "127.0.0.1:8080"])
def test_url_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="LEADYARD_REACHER_URL"):
        build(make_settings(tmp_path, REACHER_URL=url))


class Fixed:
    """A validator that always says the same."""

    name = "first"
    batch_size = 1
    concurrency = 7

    def __init__(self, answer: EmailAnswer) -> None:
        self.answer = answer
        self.asked = 0

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        self.asked += len(emails)
        return [self.answer] * len(emails)


def told(result: EmailResult, reason: str, **more: Any) -> EmailVerdict:
    return EmailVerdict(ANN, result, reason, **more)


async def ask_both(first: EmailAnswer, second: EmailAnswer) -> tuple[EmailAnswer, int]:
    """What comes of it, and how often the second was asked."""
    other = Fixed(second)
    (answer,) = await SecondOpinion(Fixed(first), other).validate_emails([ANN])
    return answer, other.asked


@pytest.mark.parametrize("result", [DELIVERABLE, RISKY, UNDELIVERABLE])
async def test_certain_verdict_needs_no_second_opinion(result: EmailResult) -> None:
    first = told(result, "sure")
    assert await ask_both(first, told(RISKY, "other")) == (first, 0)


@pytest.mark.parametrize("first", [told(UNKNOWN, "blocked", is_complete=False), told(UNKNOWN, "not_probed")])
async def test_unknown_is_asked_on(first: EmailVerdict) -> None:
    second = told(DELIVERABLE, "accepted", checked_by="reacher")
    assert await ask_both(first, second) == (second, 1)
    assert await ask_both(first, Unavailable("down")) == (Unavailable("down"), 1)


async def test_what_the_first_knows_stays_in_the_evidence() -> None:
    first = told(UNKNOWN, "not_probed", mail_hosts=("mx.x.example",), is_free=True)
    answer, _ = await ask_both(first, told(DELIVERABLE, "accepted"))
    assert answer == told(DELIVERABLE, "accepted", mail_hosts=("mx.x.example",), is_free=True)


@pytest.mark.parametrize(
    "second", [told(UNKNOWN, "unclear"), Unavailable("down"), Deferred(told(UNKNOWN, "x"))]
)
async def test_lead_that_should_wait_waits_if_the_second_knows_nothing(second: EmailAnswer) -> None:
    first = Deferred(told(UNKNOWN, "greylisted"))
    assert await ask_both(first, second) == (first, 1)


async def test_lead_that_should_wait_need_not_if_the_second_knows() -> None:
    second = told(UNDELIVERABLE, "no_such_mailbox")
    assert await ask_both(Deferred(told(UNKNOWN, "greylisted")), second) == (second, 1)


async def test_first_that_is_unavailable_leaves_it_to_the_second() -> None:
    assert await ask_both(Unavailable("raised"), told(RISKY, "x")) == (told(RISKY, "x"), 1)


async def test_live_leads_are_asked_on_where_a_server_is_set(tmp_path: Path) -> None:
    async with serve_http(lambda _: Answer(checked("safe"))) as server:
        installation = build(make_settings(tmp_path, REACHER_URL=server.url))
        own = installation.desk.own
        live, test = own[Mode.LIVE].emails, own[Mode.TEST].emails
        (found,), (sandboxed,) = await asyncio.gather(
            live.validate_emails([ANN]), test.validate_emails([ANN])
        )
    assert isinstance(found, EmailVerdict)
    assert (found.result, found.checked_by) == (DELIVERABLE, "reacher")
    assert isinstance(sandboxed, EmailVerdict)
    assert sandboxed.reason == "sandbox"
    assert len(server.requests) == 1
    await installation.close()
