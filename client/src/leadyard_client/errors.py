"""What can go wrong, one class for each code; docs/reference/errors.md tells when, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from leadyard_client.faults import Fault
from leadyard_client.results.additions import Added


class LeadyardError(Exception):
    """Anything that this package raises."""

    partial: Added | None = None
    """Of a call that sends leads in several batches: what became of those before the one that failed."""


class ConfigurationError(LeadyardError):
    """The address or the API key is missing or cannot be used."""


class ConnectionFailed(LeadyardError):
    """No answer came, also not when asked again. Whether the request was carried out is not known.

    Sent again with the same idempotency key, a request is carried out once.
    """


class WaitTimedOut(LeadyardError):
    """What was waited for had not ended in time. It goes on."""


class UnexpectedAnswer(LeadyardError):
    """An answer that is none of the service's, but of a proxy perhaps, or cannot be read."""

    def __init__(self, text: str, status: int, request_id: str | None) -> None:
        super().__init__(text)
        self.status = status
        self.request_id = request_id


class ApiError(LeadyardError):
    """The service refused a request: nothing has changed. One with an unknown code is just this.

    `code`, `title`, `detail`, `pointer`, `parameter` and `header` are those of the first of the `faults`.
    """

    expected_code: ClassVar[str] = ""

    def __init__(
        self,
        faults: Sequence[Fault],
        status: int,
        *,
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: int = 1,
    ) -> None:
        first = faults[0]
        place = first.pointer or first.parameter or first.header
        super().__init__(f"{first.detail} ({place})" if place else first.detail)
        self.faults = tuple(faults)
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts
        self.code = first.code
        self.title = first.title
        self.detail = first.detail
        self.pointer = first.pointer
        self.parameter = first.parameter
        self.header = first.header


class MissingField(ApiError):
    """400: a required field or parameter is missing."""

    expected_code = "missing_field"


class UnsupportedValue(ApiError):
    """400: a field, a lead, a parameter or a header cannot be used; `faults` has all that is wrong."""

    expected_code = "unsupported_value"


class Unauthorized(ApiError):
    """401: the API key is missing, unknown, expired or revoked."""

    expected_code = "unauthorized"


class InsufficientCredits(ApiError):
    """402: the most that it can cost is more than what is available."""

    expected_code = "insufficient_credits"


class Forbidden(ApiError):
    """403: the API key lacks the scope that `detail` names."""

    expected_code = "forbidden"


class NotFound(ApiError):
    """404: there is no such thing, or the key does not see it."""

    expected_code = "not_found"


class PersonNotFound(ApiError):
    """404: nobody fits, or several people do equally well."""

    expected_code = "person_not_found"


class MethodNotAllowed(ApiError):
    """405: the path does not have this method."""

    expected_code = "method_not_allowed"


class Conflict(ApiError):
    """409: what is asked for does not go with the state of the list, batch or key; `detail` says why."""

    expected_code = "conflict"


class ListFull(Conflict):
    """409: the list holds as many leads as a list can."""


class Gone(ApiError):
    """410: it was deleted."""

    expected_code = "gone"


class PayloadTooLarge(ApiError):
    """413: the body is larger than the service takes."""

    expected_code = "payload_too_large"


class UnsupportedMediaType(ApiError):
    """415: the body is not announced as JSON in UTF-8."""

    expected_code = "unsupported_media_type"


class IdempotencyKeyInUse(ApiError):
    """409: a request with the same idempotency key is still running."""

    expected_code = "idempotency_key_in_use"


class IdempotencyKeyReused(ApiError):
    """422: the idempotency key was used with another request in the last 24 hours."""

    expected_code = "idempotency_key_reused"


class TooManyRequests(ApiError):
    """429: the key has used its requests of this minute."""

    expected_code = "too_many_requests"


class UnavailableForLegalReasons(ApiError):
    """451: the person was erased, or may not be told of."""

    expected_code = "unavailable_for_legal_reasons"


class InternalServerError(ApiError):
    """500: a defect of the service; its log has the line with this `request_id`."""

    expected_code = "internal_server_error"


class ServiceUnavailable(ApiError):
    """503: more is asked than can be done, or something that it takes is away."""

    expected_code = "service_unavailable"


CLASSES: Mapping[str, type[ApiError]] = {
    kind.expected_code: kind for kind in ApiError.__subclasses__() if kind.expected_code
}
_FULL = re.compile(r"The maximum of [\d,]+ leads per list has been reached\.")
_LEAD_POINTER = re.compile(r"^/leads/(\d+)(?=/|$)")


def make_error(
    faults: Sequence[Fault],
    status: int,
    request_id: str | None = None,
    retry_after: float | None = None,
    attempts: int = 1,
) -> ApiError:
    """The error of a refusal, of the class that goes with its code."""
    kind = CLASSES.get(faults[0].code, ApiError)
    if kind is Conflict and _FULL.search(faults[0].detail):
        kind = ListFull
    return kind(faults, status, request_id=request_id, retry_after=retry_after, attempts=attempts)


def move_leads(error: ApiError, offset: int) -> ApiError:
    """The same error as told of all leads that a call was given, of which a batch begins at `offset`."""
    faults = [_move(fault, offset) for fault in error.faults]
    return make_error(faults, error.status, error.request_id, error.retry_after, error.attempts)


def _move(fault: Fault, offset: int) -> Fault:
    match = _LEAD_POINTER.match(fault.pointer or "")
    if match is None:
        return fault
    place = int(match[1])
    detail = fault.detail.replace(f"leads[{place}]", f"leads[{place + offset}]", 1)
    pointer = f"/leads/{place + offset}{(fault.pointer or '')[match.end() :]}"
    return replace(fault, detail=detail, pointer=pointer)
