"""How commands end that cannot go on: one sentence, and a status that programs can tell apart."""

from __future__ import annotations

import click

from leadyard_client import errors

FAILED, UNUSABLE, NOT_LET_IN, NOT_THERE, NO_CREDITS, FULL, TOO_FAST, SERVER = range(1, 9)

STATUSES: dict[type, int] = {
    errors.ConfigurationError: NOT_LET_IN,
    errors.Unauthorized: NOT_LET_IN,
    errors.Forbidden: NOT_LET_IN,
    errors.NotFound: NOT_THERE,
    errors.PersonNotFound: NOT_THERE,
    errors.Gone: NOT_THERE,
    errors.UnavailableForLegalReasons: NOT_THERE,
    errors.InsufficientCredits: NO_CREDITS,
    errors.ListFull: FULL,
    errors.TooManyRequests: TOO_FAST,
    errors.InternalServerError: SERVER,
    errors.ServiceUnavailable: SERVER,
    errors.ConnectionFailed: SERVER,
    errors.UnexpectedAnswer: SERVER,
}
MAX_FAULTS_TOLD = 20


class Failure(click.ClickException):
    """A command's end with a status of its own."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The status that the program ends with."""
        return self.status


def explain(error: Exception) -> Failure:
    """What the client raised, for people."""
    lines = [str(error)]
    if isinstance(error, errors.ApiError):
        more = error.faults[1:MAX_FAULTS_TOLD]
        lines += [f"  {fault.detail}" for fault in more]
        left = len(error.faults) - 1 - len(more)
        lines += [f"  … and {left} more"] if left else []
    if isinstance(error, errors.Unauthorized | errors.ConfigurationError):
        lines.append(
            "`leadyard login` keeps an address and a key, or LEADYARD_URL and LEADYARD_API_KEY tell."
        )
    if isinstance(error, errors.InternalServerError):
        lines.append(f"The service's log has the request as {error.request_id}.")
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), FAILED)
    return Failure("\n".join(lines), status)
