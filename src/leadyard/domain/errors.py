"""What can be wrong with a request, in the words of the wire contract (contract §1)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

MAX_FAULTS = 100
MAX_TOLD_CHARACTERS = 100
"""How much of a name that a caller made up an error says again."""


class ErrorCode(StrEnum):
    """Every code that an error can carry."""

    MISSING_FIELD = "missing_field"
    UNSUPPORTED_VALUE = "unsupported_value"
    UNAUTHORIZED = "unauthorized"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    PERSON_NOT_FOUND = "person_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAVAILABLE_FOR_LEGAL_REASONS = "unavailable_for_legal_reasons"
    INTERNAL_SERVER_ERROR = "internal_server_error"
    SERVICE_UNAVAILABLE = "service_unavailable"


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong, and where: a JSON pointer (RFC 6901), a query parameter or a header."""

    code: ErrorCode
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    @property
    def title(self) -> str:
        """The code in title case, as the contract's table has it."""
        return self.code.replace("_", " ").title()


class LeadyardError(Exception):
    """A request that cannot be served; it has changed nothing."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults: Sequence[Fault] = faults[:MAX_FAULTS]


class Refused(LeadyardError):
    """Something in the request is missing or not supported (400)."""


class Unauthorized(LeadyardError):
    """No usable key (401). The text does not tell which way it failed."""

    def __init__(self) -> None:
        super().__init__(Fault(ErrorCode.UNAUTHORIZED, "Missing or invalid API key."))


class InsufficientCredits(LeadyardError):
    """The most this can cost is more than what is available (402)."""

    def __init__(self) -> None:
        detail = "You do not have enough credits to perform this operation."
        super().__init__(Fault(ErrorCode.INSUFFICIENT_CREDITS, detail))


class Forbidden(LeadyardError):
    """The key, or who stands behind it, may not do this (403)."""

    def __init__(self, detail: str) -> None:
        super().__init__(Fault(ErrorCode.FORBIDDEN, detail))


class NotFound(LeadyardError):
    """There is no such thing, or it belongs to another account, or is private (404)."""

    def __init__(self, what: str) -> None:
        super().__init__(Fault(ErrorCode.NOT_FOUND, f"Could not find {what}."))


class PersonNotFound(LeadyardError):
    """Nobody, or more than one person, fits what was asked for (404)."""

    def __init__(self) -> None:
        super().__init__(Fault(ErrorCode.PERSON_NOT_FOUND, "Could not find a matching person."))


class PersonErased(LeadyardError):
    """The person asked for was erased and may not be told of (451)."""

    def __init__(self) -> None:
        detail = "This person cannot be shown for legal reasons."
        super().__init__(Fault(ErrorCode.UNAVAILABLE_FOR_LEGAL_REASONS, detail))


class Conflict(LeadyardError):
    """The state of the resource does not allow it (409)."""

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(Fault(ErrorCode.CONFLICT, detail, pointer))


class CostsMore(Conflict):
    """It can cost more than the caller was told."""

    def __init__(self) -> None:
        super().__init__("This can cost more now than was estimated. Ask for another estimate.")


class Gone(LeadyardError):
    """What was there, a list unless it is said, was deleted (410)."""

    def __init__(self, what: str = "lead list") -> None:
        super().__init__(Fault(ErrorCode.GONE, f"{what.capitalize()} is no longer available."))


class IdempotencyKeyInUse(LeadyardError):
    """A request with the same key is still running (409)."""

    def __init__(self) -> None:
        detail = "A request with this Idempotency-Key is still running."
        super().__init__(Fault(ErrorCode.IDEMPOTENCY_KEY_IN_USE, detail, header="Idempotency-Key"))


class IdempotencyKeyReused(LeadyardError):
    """The key came before, with another request (422)."""

    def __init__(self) -> None:
        detail = "This Idempotency-Key was used with another request."
        super().__init__(Fault(ErrorCode.IDEMPOTENCY_KEY_REUSED, detail, header="Idempotency-Key"))


class DatabaseAway(LeadyardError):
    """The database cannot be reached now (503); whether a commit under way arrived is not known."""

    def __init__(self, detail: str = "The service cannot reach its database. Try again shortly.") -> None:
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


class DatabaseTooSlow(DatabaseAway):
    """The database is there, but a statement took longer than it may, or somebody canceled it (503)."""

    def __init__(self) -> None:
        super().__init__("The database took too long. Try again shortly.")


class DatabaseFull(DatabaseAway):
    """The database has no room left on its disk: it can be read, but not written (503)."""

    def __init__(self) -> None:
        super().__init__("The database has no room left on its disk.")


class ProviderAway(LeadyardError):
    """The provider that would know cannot answer now (503); nothing was charged."""

    def __init__(self) -> None:
        detail = "The provider cannot answer now. Try again shortly."
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


def missing_field(name: str) -> Fault:
    """A required top-level field is absent."""
    return Fault(ErrorCode.MISSING_FIELD, f"Missing field from request: {name}", f"/{name}")


def unsupported_field(name: str, pointer: str | None = None) -> Fault:
    """A field's value cannot be used; `name` is written as in `leads[1].email`, and cut if it is long."""
    detail = f"Unsupported value provided for field: {name[:MAX_TOLD_CHARACTERS]}"
    return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, f"/{name}" if pointer is None else pointer)


def unsupported_body(problem: str) -> Fault:
    """The request body as a whole cannot be used; its pointer is that of the whole document."""
    return Fault(ErrorCode.UNSUPPORTED_VALUE, f"The request body {problem}.", "")


def unsupported_parameter(name: str, detail: str | None = None) -> Fault:
    """A query parameter's value cannot be used."""
    text = detail or f"Unsupported value provided for parameter: {name}"
    return Fault(ErrorCode.UNSUPPORTED_VALUE, text, parameter=name)


def missing_parameter(name: str) -> Fault:
    """A query parameter that is needed is absent or empty."""
    return Fault(ErrorCode.MISSING_FIELD, f"Missing parameter from request: {name}", parameter=name)


def pointer_token(name: str) -> str:
    """One reference token of a JSON pointer, escaped (RFC 6901 §3), and cut if it is long."""
    return name[:MAX_TOLD_CHARACTERS].replace("~", "~0").replace("/", "~1")
