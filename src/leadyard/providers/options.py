"""Settings of a provider as a user writes them: checked, with errors that name the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

StructT = TypeVar("StructT", bound=msgspec.Struct)

_AT = re.compile(r"(?P<why>.*?)(?: - at `(?:key in )?\$\.?(?P<place>.*)`)?", re.DOTALL)


class InvalidOptions(ValueError):
    """Settings that cannot be used. `place` is where, such as fields.email, and `why` says what is wrong.

    The text holds no value of a setting: it may be a key.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place or 'options'}: {why}")
        self.place = place
        self.why = why


def read_options(options: Mapping[str, Any], kind: type[StructT]) -> StructT:
    """The settings as what a provider takes. Raises InvalidOptions."""
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        match = _AT.fullmatch(str(error))
        place, why = (match["place"], match["why"]) if match else ("", str(error))
    raise InvalidOptions(place or "", why)
