"""What a form sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec

from leadyard.api.fields import is_clean
from leadyard.api.wire import ApiRequest, UnsupportedMediaType
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, Refused, unsupported_body

FORM = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 512 * 1024
MAX_FIELDS = 5_000
MAX_TEXT_CHARACTERS = 2_000


class Form(msgspec.Struct, frozen=True):
    """The values of a form by their names; a name may have several."""

    values: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The first value, without white space around it."""
        values = self.values.get(name)
        return values[0].strip() if values else default

    def raw(self, name: str) -> str:
        """The first value as it was typed; for passwords and texts of several lines."""
        values = self.values.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> Sequence[str]:
        """All values of a name: the boxes that are checked, the rows that are selected."""
        return self.values.get(name, ())

    def has(self, name: str) -> bool:
        """Whether a box is checked."""
        return name in self.values

    def text(self, name: str, label: str, most: int = MAX_TEXT_CHARACTERS) -> str:
        """A text of one line that must be there. Raises Refused at the field."""
        value = self.get(name)
        if not value:
            raise fault_at(name, f"{label} is missing.")
        if len(value) > most:
            raise fault_at(name, f"{label} can have {most:,} characters at most.")
        if not is_clean(value):
            raise fault_at(name, f"{label} has characters that cannot be used.")
        return value

    def choice(self, name: str, label: str, words: Sequence[str]) -> str:
        """One of some words. Raises Refused at the field."""
        value = self.get(name)
        if value not in words:
            raise fault_at(name, f"{label} must be one of: {', '.join(words)}.")
        return value

    def number(self, name: str, label: str, least: int, most: int) -> int:
        """A whole number. Raises Refused at the field."""
        value = self.get(name)
        if not (value.isascii() and value.isdigit() and len(value) <= 12 and least <= int(value) <= most):
            raise fault_at(name, f"{label} must be a whole number from {least:,} to {most:,}.")
        return int(value)


def fault_at(name: str, detail: str) -> Refused:
    """The error of a field of a form."""
    return Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, f"/{name}"))


def faults_by_field(error: LeadyardError) -> dict[str, str]:
    """What is wrong, by the field that it is about; "" has what is about none."""
    found: dict[str, str] = {}
    for fault in error.faults:
        name = (fault.pointer or "").removeprefix("/").partition("/")[0]
        found.setdefault(name, fault.detail)
    return found


def require_form(request: ApiRequest) -> None:
    """Raises UnsupportedMediaType for what no form of a page sends."""
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media_type != FORM:
        raise UnsupportedMediaType(f"Content-Type must be {FORM}.")


def parse_form(body: bytes) -> Form:
    """The form in a body. Raises Refused for what is none."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise Refused(unsupported_body("is no form that can be read")) from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return Form(values)
