"""One run: mutated requests, and what the contract says of every answer."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from structlog.testing import capture_logs as capture_events
from tests.fuzz.asgi import Answer, Request, send
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import MARK, Seed, make_seeds
from tests.support.installation import TEST_KEY, Service

from leadyard.api.errors import STATUSES

CODES = {code.value: status for code, status in STATUSES.items()}
ESSENTIAL_MEMBERS = {"code", "title", "detail"}
SOURCE_MEMBERS = {"pointer", "parameter", "header"}
STORED = (
    "lead_lists",
    "lead_list_entries",
    "additions",
    "credit_entries",
    "exclusions",
    "erasures",
    "provider_settings",
    "users",
    "api_keys",
    "audit_entries",
    "webhook_endpoints",
    "webhook_deliveries",
)
CHANGED = {
    "lead_lists": "updated_at % 1000000007 + length(name) + entry_count",
    "credit_balances": "balance + held",
}
MOST_KEPT = 50
REQUESTS_ON_THE_SAME = 250
"""Then all is made anew: what was deleted, canceled or erased answers nothing else any more."""


@dataclass(slots=True)
class Report:
    """What was answered, and what was wrong with it."""

    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were sent."""
        return sum(self.statuses.values())

    def note(self, request: Request, fault: str) -> None:
        """Keeps a fault with the request that showed it."""
        if len(self.wrong) < MOST_KEPT:
            place = f"{request.method} {request.path[:200]} ?{request.query[:200]!r}"
            self.wrong.append(f"{fault}: {place} {request.body[:300]!r}")


async def run_fuzz(service: Service, seed: int, requests: int) -> Report:
    """Sends mutated requests to an installation, one after another."""
    report, choice = Report(), random.Random(seed)
    with capture_logs() as lines:
        async with service.client(TEST_KEY) as client:
            for number, first in enumerate(range(0, requests, REQUESTS_ON_THE_SAME)):
                seeds = await make_seeds(client, number)
                size = min(REQUESTS_ON_THE_SAME, requests - first)
                await _send_mutated(service, report, choice, seeds, size)
    told = [line for line in lines if MARK in line or TEST_KEY in line]
    report.wrong += [f"logged: {line[:300]}" for line in told[:MOST_KEPT]]
    return report


async def _send_mutated(
    service: Service, report: Report, choice: random.Random, seeds: list[Seed], requests: int
) -> None:
    known = await fingerprint(service)
    for _ in range(requests):
        chosen = choice.choice(seeds)
        request = mutate(chosen.request, choice)
        report.routes[chosen.route] += 1
        try:
            answer = await send(service.api, request)
        except Exception as error:
            report.note(request, f"raised {error!r}")
            continue
        report.statuses[answer.status] += 1
        if fault := fault_of(request, answer):
            report.note(request, fault)
        now = await fingerprint(service)
        if answer.status >= 400 and now != known:
            report.note(request, f"{answer.status} and something was stored ({known} → {now})")
        known = now


async def fingerprint(service: Service) -> tuple[int, ...]:
    """How much is stored, and whether a list, an option or a balance has changed."""
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in STORED)
    sums = ", ".join(f"(SELECT sum({what}) FROM {table})" for table, what in CHANGED.items())
    (row,) = await service.query(f"SELECT {counts}, {sums}")
    return tuple(int(value or 0) for value in row)


def fault_of(request: Request, answer: Answer) -> str:
    """What is wrong with an answer (contract §1); empty if nothing is."""
    if not answer.status:
        return "no answer"
    if answer.status >= 500:
        return f"status {answer.status}"
    if "x-request-id" not in answer.headers:
        return "no X-Request-Id"
    if answer.status < 400 or request.method == "HEAD":
        return ""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return f"status {answer.status} without JSON"
    return _fault_of_errors(answer.status, body)


def _fault_of_errors(status: int, body: Any) -> str:
    if not isinstance(body, dict) or body.keys() != {"object", "_errors"} or body["object"] != "error":
        return f"status {status} in another shape"
    errors = body["_errors"]
    if not 1 <= len(errors) <= 100:
        return f"{len(errors)} errors"
    if CODES.get(errors[0].get("code")) != status:
        return f"status {status} for {errors[0].get('code')}"
    return next((f"an error like {error}" for error in errors if not _is_sound(error)), "")


def _is_sound(error: dict[str, Any]) -> bool:
    source = error.get("source", {"pointer": ""})
    return (
        ESSENTIAL_MEMBERS <= error.keys() <= {*ESSENTIAL_MEMBERS, "source"}
        and error["code"] in CODES
        and bool(error["detail"])
        and len(source) == 1
        and source.keys() <= SOURCE_MEMBERS
    )


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def capture_logs() -> Iterator[list[str]]:
    """What is logged while the block runs, by us and by libraries; filled when it ends."""
    handler, lines = _Lines(), list[str]()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with capture_events() as events:
            yield lines
    finally:
        root.removeHandler(handler)
        # An error is logged by its kind and place alone (logs.py).
        told = [{name: value for name, value in event.items() if name != "exc_info"} for event in events]
        lines += [*handler.lines, *map(str, told)]
