"""JSONPaths, as RFC 9535 has them."""

from __future__ import annotations

from typing import Any

import jsonpath

_ENVIRONMENT = jsonpath.JSONPathEnvironment(strict=True)


def find_path(text: str) -> Any:
    """A JSONPath, ready to be asked; None for what is none."""
    try:
        return _ENVIRONMENT.compile(text)
    except jsonpath.JSONPathError:
        return None
