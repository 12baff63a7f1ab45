"""The top-level fields of a closed body: each checked, all faults collected in document order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from leadyard.domain.drafting import RawLeads, split_leads
from leadyard.domain.errors import (
    MAX_FAULTS,
    ErrorCode,
    Fault,
    Refused,
    missing_field,
    pointer_token,
    unsupported_field,
)

MAX_TEXT_LENGTH = 255
_NULL = b"null"

Check = Callable[[str, msgspec.Raw], Any]


class FieldFault(ValueError):
    """A check's way to say what is wrong with a field."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


class Fields(msgspec.Struct):
    """The values of a body's known fields, and what is wrong so far.

    A field that is absent, null or faulty has no value. Faults of absent fields come first, in the order of
    the documentation; the others in the order of the document.
    """

    values: dict[str, Any]
    places: dict[str, int]
    _faults: list[tuple[int, Fault]] = msgspec.field(default_factory=list)

    def report(self, name: str, *faults: Fault) -> None:
        """Adds faults at a top-level field's place."""
        self._faults.extend((self.places.get(name, -1), fault) for fault in faults)

    def require_sound(self) -> None:
        """Raises Refused with everything reported, at most 100."""
        if self._faults:
            ordered = sorted(self._faults, key=lambda item: item[0])
            raise Refused(*(fault for _, fault in ordered[:MAX_FAULTS]))


def read_fields(
    members: Mapping[str, msgspec.Raw], checks: Mapping[str, Check], required: Sequence[str]
) -> Fields:
    """Checks the members of a body; one that is not known is a fault, for documented bodies are closed."""
    fields = Fields({}, {name: place for place, name in enumerate(members)})
    for name in required:
        if name not in members or bytes(members[name]) == _NULL:
            fields.places.setdefault(name, -1)
            fields.report(name, missing_field(name))
    for name, raw in members.items():
        check = checks.get(name)
        if check is None:
            fields.report(name, unsupported_field(name, f"/{pointer_token(name)}"))
        elif bytes(raw) != _NULL:
            try:
                fields.values[name] = check(name, raw)
            except FieldFault as error:
                fields.report(name, *error.faults)
    return fields


def boolean(name: str, raw: msgspec.Raw) -> bool:
    """A check: true or false."""
    return bool(_decode(name, raw, bool))


def text(name: str, raw: msgspec.Raw) -> str:
    """A check: 1 to 255 characters, no control characters."""
    value: str = _decode(name, raw, str)
    if not 0 < len(value) <= MAX_TEXT_LENGTH or not is_clean(value) or not value.strip():
        raise FieldFault(unsupported_field(name))
    return value


def is_clean(value: str) -> bool:
    """Whether a text has no control characters, which not every database can hold."""
    return not any(character < " " or character == "\x7f" for character in value)


def whole_number(least: int, most: int) -> Check:
    """A check: a whole number between two, both included."""

    def check(name: str, raw: msgspec.Raw) -> int:
        value: int = _decode(name, raw, int)
        if not least <= value <= most:
            raise FieldFault(unsupported_field(name))
        return value

    return check


def one_of(choices: Sequence[str]) -> Check:
    """A check: one of some words."""

    def check(name: str, raw: msgspec.Raw) -> str:
        text = str(raw, "utf-8")
        value = str(msgspec.json.decode(text)) if text.startswith('"') else text
        if value in choices:
            return value
        detail = f"'{value[:100]}' is not a supported {name}."
        raise FieldFault(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, f"/{name}"))

    return check


def flags(choices: Sequence[str]) -> Check:
    """A check: a closed object of booleans; only those given are in the result."""

    def check(name: str, raw: msgspec.Raw) -> dict[str, bool]:
        faults = []
        values = {}
        for member, value in _decode(name, raw, dict[str, msgspec.Raw]).items():
            try:
                if member not in choices:
                    raise FieldFault(unsupported_field(member))
                values[member] = boolean(member, value)
            except FieldFault:
                pointer = f"/{name}/{pointer_token(member)}"
                faults.append(unsupported_field(f"{name}.{member}", pointer))
        if faults:
            raise FieldFault(*faults)
        return values

    return check


def leads(limit_fault: Fault, limit: int) -> Check:
    """A check: an array of leads, unparsed. Raises Refused with the one fault when there are too many."""

    def check(name: str, raw: msgspec.Raw) -> RawLeads:
        try:
            value = split_leads(raw)
        except msgspec.ValidationError:
            raise FieldFault(unsupported_field(name)) from None
        if len(value.each) > limit:
            raise Refused(limit_fault)
        return value

    return check


def _decode(name: str, raw: msgspec.Raw, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
