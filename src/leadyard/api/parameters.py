"""Query parameters: texts and flags."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.api.fields import is_clean
from leadyard.api.wire import ApiRequest
from leadyard.domain.errors import Refused, unsupported_parameter

MAX_PARAMETER_LENGTH = 2_000

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands for bytes that were no UTF-8."""
_FLAGS = {"true": True, "false": False}


def read_texts(request: ApiRequest, names: Sequence[str]) -> dict[str, str]:
    """The parameters that are there and not empty.

    Raises Refused for what is too long, has controls or is no UTF-8.
    """
    given = {name: request.query_params.get(name, "") for name in names}
    faults = [
        unsupported_parameter(name)
        for name, value in given.items()
        if len(value) > MAX_PARAMETER_LENGTH or not is_clean(value) or _REPLACEMENT in value
    ]
    if faults:
        raise Refused(*faults)
    return {name: value for name, value in given.items() if value.strip()}


def read_flag(request: ApiRequest, name: str) -> bool:
    """A flag, false if it is not there; in any letter case, as client libraries write it. Raises Refused."""
    value = request.query_params.get(name, "false").lower()
    if value not in _FLAGS:
        raise Refused(unsupported_parameter(name))
    return _FLAGS[value]
