"""When a request is sent again, and when that is given up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from leadyard_client.errors import (
    ConnectionFailed,
    IdempotencyKeyInUse,
    LeadyardError,
    make_error,
)
from leadyard_client.faults import Fault, read_faults
from leadyard_client.plans import Lost, Plan, Reply, Request, ResultT, Sleep, Step

MAX_RETRIES = 2
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8.0
LONGEST_RETRY_AFTER_SECONDS = 120.0
"""An answer that asks for more patience than that is the caller's to deal with."""

_TIMED_OUT, _TOO_MANY = 408, 429


def carry_out(plan: Plan[ResultT], max_retries: int) -> Plan[ResultT]:
    """The steps of a plan, each of its requests as often as it takes.

    For a request it gets a Reply or Lost, where the plan itself gets successes and errors of this package.
    """
    try:
        step: Step = next(plan)
        while True:
            if isinstance(step, Sleep):
                yield step
                step = plan.send(None)
                continue
            try:
                reply = yield from _send(step, max_retries)
            except LeadyardError as error:
                step = plan.throw(error)
            else:
                step = plan.send(reply)
    except StopIteration as end:
        result: ResultT = end.value
        return result


def _send(request: Request, max_retries: int) -> Plan[Reply]:
    for attempt in range(1, max_retries + 2):
        outcome: Reply | Lost = yield request
        if isinstance(outcome, Reply) and outcome.is_success:
            return outcome
        error, wait = _judge(outcome, attempt)
        if wait is None or attempt > max_retries:
            raise error
        yield Sleep(wait)
    raise AssertionError


def _judge(outcome: Reply | Lost, attempt: int) -> tuple[LeadyardError, float | None]:
    """The error of an outcome, and how long to wait before asking again; None if that is of no use."""
    if isinstance(outcome, Lost):
        return ConnectionFailed(outcome.why), None if outcome.is_final else backoff(attempt)
    retry_after = read_retry_after(outcome.headers)
    faults = _read_faults(outcome)
    if not faults:
        error: LeadyardError = outcome.unexpected("is none of Leadyard: is the address right?")
    else:
        error = make_error(faults, outcome.status, outcome.request_id, retry_after, attempt)
    if not _is_passing(outcome.status, error):
        return error, None
    if retry_after is not None:
        return error, retry_after if retry_after <= LONGEST_RETRY_AFTER_SECONDS else None
    return error, backoff(attempt)


def _read_faults(reply: Reply) -> list[Fault]:
    try:
        return read_faults(reply.json())
    except LeadyardError:
        return []


def _is_passing(status: int, error: LeadyardError) -> bool:
    """Whether the same request may succeed a little later."""
    return status in (_TIMED_OUT, _TOO_MANY) or status >= 500 or isinstance(error, IdempotencyKeyInUse)


def backoff(attempt: int) -> float:
    """How long to wait after an attempt, from 1: doubled each time, and not the same for all who wait."""
    longest: float = min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - it spreads those who wait, and keeps no secret


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, from a number or a date; None if it does not."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
