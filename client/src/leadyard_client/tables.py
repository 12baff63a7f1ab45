"""Results as a table of a data library, which is imported when it is needed."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable, Iterator
from typing import Any

from leadyard_client.errors import LeadyardError


class MissingLibrary(LeadyardError):
    """The library of the table is not installed."""


def to_dataframe(results: Iterable[Any]) -> Any:
    """A pandas DataFrame with a row for each result, such as the entries of a list.

    Members of results within results are columns of their own: `company_name`, `data_campaign`. Phone
    numbers are one text, separated by commas. Raises MissingLibrary without pandas.
    """
    return _import("pandas").DataFrame(list(to_rows(results)))


def to_arrow(results: Iterable[Any]) -> Any:
    """The same as a pyarrow Table. Raises MissingLibrary without pyarrow."""
    rows = list(to_rows(results))
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _import("pyarrow").table({name: [row.get(name) for row in rows] for name in names})


def to_rows(results: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Each result as a flat dict, which is what tables are made of."""
    for result in results:
        yield dict(_flatten(result, ""))


def _flatten(result: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in _members(result):
        if dataclasses.is_dataclass(value) or isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}_")
        elif isinstance(value, tuple):
            yield prefix + name, ", ".join(_as_text(item) for item in value) or None
        else:
            yield prefix + name, value


def _members(result: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(result, dict):
        yield from result.items()
    else:
        for field in dataclasses.fields(result):
            yield field.name, getattr(result, field.name)


def _as_text(item: Any) -> str:
    return str(getattr(item, "number", item))


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise MissingLibrary(f"This needs {name}: pip install leadyard-client[{name}]") from None
