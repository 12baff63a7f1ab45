"""When a request is sent again: plans are carried out by hand, and nothing waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from leadyard.domain.errors import ErrorCode
from leadyard_client import (
    ApiError,
    ConnectionFailed,
    InternalServerError,
    LeadyardError,
    ServiceUnavailable,
    TooManyRequests,
    UnexpectedAnswer,
    UnsupportedValue,
)
from leadyard_client.errors import CLASSES
from leadyard_client.plans import Lost, Plan, Reply, Request, Sleep, ask, post
from leadyard_client.retries import backoff, carry_out

FINE = Reply(200, {}, b'{"ok":true}')
LOST = Lost("No answer came.")


def refusal(status: int, code: str, **headers: str) -> Reply:
    body = {"object": "error", "_errors": [{"code": code, "title": "T", "detail": "D"}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"x-request-id": "r-1", **named}, json.dumps(body).encode())


def try_out(outcomes: Sequence[Reply | Lost], max_retries: int = 2) -> tuple[Any, list[Request], list[float]]:
    """What a request comes to, how often it was sent, and how long was waited in between."""
    return carry(ask(post("/lead-lists", {})), outcomes, max_retries)


def carry(
    plan: Plan[Any], outcomes: Sequence[Reply | Lost], max_retries: int = 2
) -> tuple[Any, list[Request], list[float]]:
    steps, coming = carry_out(plan, max_retries), iter(outcomes)
    sent: list[Request] = []
    slept: list[float] = []
    outcome: Any = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Sleep):
                slept.append(step.seconds)
                outcome = None
            else:
                sent.append(step)
                outcome = next(coming)
    except StopIteration as end:
        return end.value, sent, slept
    except LeadyardError as error:
        return error, sent, slept


@pytest.mark.parametrize(
    "passing",
    [
        LOST,
        refusal(408, "unsupported_value"),
        refusal(429, "too_many_requests"),
        refusal(500, "internal_server_error"),
        refusal(503, "service_unavailable"),
        refusal(409, "idempotency_key_in_use"),
        Reply(502, {}, b"<html>Bad Gateway</html>"),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_twice_more_with_the_same_key(passing: Reply | Lost) -> None:
    result, sent, slept = try_out([passing, passing, FINE])
    assert result == FINE
    assert len(sent) == 3
    assert len({request.idempotency_key for request in sent}) == 1
    assert 0.25 <= slept[0] <= 0.5 <= slept[1] <= 1.0
    failed, sent, _ = try_out([passing, passing, passing, FINE])
    assert isinstance(failed, LeadyardError)
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "unsupported_value"),
        (401, "unauthorized"),
        (402, "insufficient_credits"),
        (404, "not_found"),
        (409, "conflict"),
        (410, "gone"),
        (422, "idempotency_key_reused"),
    ],
)
def test_what_does_not_pass_is_not_tried_again(status: int, code: str) -> None:
    failed, sent, slept = try_out([refusal(status, code), FINE])
    assert (type(failed), len(sent), slept) == (CLASSES[code], 1, [])


def test_service_says_how_long_to_wait_up_to_two_minutes() -> None:
    asked = [refusal(429, "too_many_requests", retry_after="120"), FINE]
    assert try_out(asked)[2] == [120.0]
    failed, sent, _ = try_out([refusal(429, "too_many_requests", retry_after="121"), FINE])
    assert isinstance(failed, TooManyRequests)
    assert (failed.retry_after, len(sent)) == (121.0, 1)


def test_time_to_wait_until_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    (waited,) = try_out([refusal(503, "service_unavailable", retry_after=date), FINE])[2]
    assert 50 < waited <= 60


def test_waits_double_up_to_eight_seconds() -> None:
    for attempt, longest in ((1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (9, 8.0)):
        assert all(longest / 2 <= backoff(attempt) <= longest for _ in range(20))


def test_answer_that_is_partly_written_down_is_not_asked_for_again() -> None:
    failed, sent, _ = try_out([Lost("cut off", is_final=True), FINE])
    assert isinstance(failed, ConnectionFailed)
    assert len(sent) == 1


def test_answer_of_another_service_is_told_from_a_refusal() -> None:
    for strange in (Reply(404, {}, b"Not here"), Reply(400, {}, b'{"_errors":[]}'), Reply(403, {}, b"[]")):
        failed, _, _ = try_out([strange])
        assert isinstance(failed, UnexpectedAnswer)
        assert failed.status == strange.status


def test_plan_can_go_on_after_an_error() -> None:
    def plan() -> Plan[str]:
        try:
            yield from ask(post("/x"))
        except ServiceUnavailable as error:
            return f"went on after {error.attempts}"
        return "not reached"

    assert carry(plan(), [refusal(503, "service_unavailable")], max_retries=0)[0] == "went on after 1"


def test_every_code_of_the_service_has_a_class_of_its_own() -> None:
    assert set(CLASSES) == {code.value for code in ErrorCode}
    assert all(kind.__name__ == "".join(map(str.title, code.split("_"))) for code, kind in CLASSES.items())


def test_code_that_is_not_known_is_an_error_all_the_same() -> None:
    failed, _, _ = try_out([refusal(418, "teapot")])
    assert (type(failed), failed.code, failed.status) == (ApiError, "teapot", 418)


def test_error_tells_all_that_the_answer_does() -> None:
    places = {"First": {"pointer": "/leads/1/email"}, "Second": {"parameter": "page[size]"}}
    items = [
        {"code": "unsupported_value", "title": "T", "detail": detail, "source": source}
        for detail, source in {**places, "Third": {"header": "Accept"}}.items()
    ]
    reply = Reply(400, {"x-request-id": "r-7"}, json.dumps({"_errors": items}).encode())
    failed, _, _ = try_out([reply])
    assert isinstance(failed, UnsupportedValue)
    assert (failed.code, failed.title, failed.detail) == ("unsupported_value", "T", "First")
    assert (failed.pointer, failed.status, failed.request_id) == ("/leads/1/email", 400, "r-7")
    assert [fault.parameter for fault in failed.faults] == [None, "page[size]", None]
    assert failed.faults[2].header == "Accept"
    assert str(failed) == "First (/leads/1/email)"


def test_defect_of_the_service_names_the_line_of_its_log() -> None:
    failed, _, _ = try_out([refusal(500, "internal_server_error")], max_retries=0)
    assert isinstance(failed, InternalServerError)
    assert failed.request_id == "r-1"
