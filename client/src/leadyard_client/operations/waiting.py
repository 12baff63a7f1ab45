"""Waiting until a list or a batch has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from leadyard_client.errors import WaitTimedOut
from leadyard_client.plans import Plan, Sleep, ask, get
from leadyard_client.results.batches import EmailValidation, EnrichmentRequest
from leadyard_client.results.lead_lists import LeadList
from leadyard_client.retries import read_retry_after

POLL_SECONDS = 1.0
"""Where the service does not say when it is worth asking again."""

SubjectT = TypeVar("SubjectT", LeadList, EmailValidation, EnrichmentRequest)

_PATHS = {
    LeadList: "/lead-lists",
    EmailValidation: "/email-validations",
    EnrichmentRequest: "/people/enrichment-requests",
}


def wait(
    subject: SubjectT,
    *,
    on_progress: Callable[[SubjectT], None] | None = None,
    timeout: float | None = None,
    poll_seconds: float | None = None,
) -> Plan[SubjectT]:
    """Waits until a list, a validation or an enrichment request has ended, and returns it as it is then.

    `on_progress` is told each time how it is. It is asked for as often as the service advises, unless
    `poll_seconds` is given. Raises WaitTimedOut after `timeout` seconds; a list that is paused is waited for.
    """
    kind = type(subject)
    path = f"{_PATHS[kind]}/{quote(str(subject.id), safe='')}"
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        reply = yield from ask(get(path, {"page[size]": 1}))
        found = reply.as_result(kind)
        if on_progress is not None:
            on_progress(found)
        if found.has_ended:
            return found
        seconds = poll_seconds or read_retry_after(reply.headers) or POLL_SECONDS
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitTimedOut(f"{subject.id} has not ended after {timeout} seconds.")
            seconds = min(seconds, left)
        yield Sleep(seconds)
