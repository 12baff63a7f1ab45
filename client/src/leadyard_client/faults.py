"""What an error says is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, and where: a JSON pointer into the body, a query parameter or a header."""

    code: str
    title: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


def read_faults(body: Any) -> list[Fault]:
    """The faults of an error's body; none if it is no error of the service."""
    items = body.get("_errors") if isinstance(body, dict) else None
    return [read_fault(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def read_fault(item: dict[str, Any]) -> Fault:
    """One fault, whose place stands under `source`."""
    source = item.get("source")
    places = source if isinstance(source, dict) else {}
    code = str(item.get("code", ""))
    return Fault(
        code=code,
        title=str(item.get("title", code)),
        detail=str(item.get("detail", code)),
        pointer=places.get("pointer"),
        parameter=places.get("parameter"),
        header=places.get("header"),
    )
