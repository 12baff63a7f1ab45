"""JSONPaths, as RFC 9535 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jsonpath
from jsonpath.segments import JSONPathChildSegment, JSONPathSegment
from jsonpath.selectors import NameSelector

_ENVIRONMENT = jsonpath.JSONPathEnvironment(strict=True)
_NOTHING = object()


class Path:
    """A JSONPath, ready to be asked.

    Most are nothing but names, one in the other. Those are followed without the library, which takes a tenth
    of what a call costs for them.
    """

    def __init__(self, path: jsonpath.JSONPath) -> None:
        self._path = path
        self._names = _names_of(path.segments)

    def findall(self, document: Any) -> list[Any]:
        """The values that it leads to, in the order of the document."""
        if self._names is None:
            # The library takes a text for JSON that it has to read first.
            return self._path.findall(document) if isinstance(document, dict | list) else []
        for name in self._names:
            document = document.get(name, _NOTHING) if isinstance(document, dict) else _NOTHING
        return [] if document is _NOTHING else [document]


def find_path(text: str) -> Path | None:
    """A JSONPath, ready to be asked; None for what is none."""
    try:
        path = _ENVIRONMENT.compile(text)
    except jsonpath.JSONPathError:
        return None
    assert isinstance(path, jsonpath.JSONPath), "only paths of more than the RFC are compound"
    return Path(path)


def _names_of(segments: Sequence[JSONPathSegment]) -> list[str] | None:
    """The names that a path is made of; None for one of anything else."""
    names = []
    for segment in segments:
        selectors = segment.selectors if isinstance(segment, JSONPathChildSegment) else ()
        if len(selectors) != 1 or not isinstance(selectors[0], NameSelector):
            return None
        names.append(selectors[0].name)
    return names
