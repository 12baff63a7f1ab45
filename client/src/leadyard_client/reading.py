"""From the JSON of an answer to a result: readers are made of the results' own fields and types."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from leadyard_client.faults import Fault, read_fault

ResultT = TypeVar("ResultT")
Read = Callable[[Any], Any]

WIRE_NAME = "wire_name"
"""In a field's metadata: the member that it is read from, if it is called otherwise."""


_PLAIN: dict[Any, Read] = {datetime: datetime.fromisoformat, float: float, Fault: read_fault}


class Unreadable(ValueError):
    """An answer without what a result must have, or with something else in its place."""


def read(kind: type[ResultT], value: Any) -> ResultT:
    """A result of this kind. Members that are not known are left out. Raises Unreadable."""
    try:
        return cast(ResultT, _reader_of(cast(Hashable, kind))(value))
    except (TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"{kind.__name__}: {error}") from error


@cache
def _reader_of(kind: Hashable) -> Read:
    """What makes a value of this type of one in JSON. Made once a type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if dataclasses.is_dataclass(kind):
        return _reader_of_result(cast(type, kind))
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _reader_of_union(arguments)
    if origin is tuple:
        item = _reader_of(arguments[0])
        return lambda value: tuple(map(item, value))
    if origin is dict:
        member = _reader_of(arguments[1])
        return lambda value: {name: member(each) for name, each in value.items()}
    return lambda value: value


def _reader_of_union(arguments: tuple[Any, ...]) -> Read:
    """Of a type or None; of several types a value is taken as it is."""
    others = [each for each in arguments if each is not type(None)]
    if len(others) > 1:
        return lambda value: value
    one = _reader_of(others[0])
    return lambda value: None if value is None else one(value)


def _reader_of_result(kind: type[Any]) -> Read:
    hints = typing.get_type_hints(kind)
    fields = [
        (each.name, each.metadata.get(WIRE_NAME, each.name), _reader_of(hints[each.name]), _is_optional(each))
        for each in dataclasses.fields(kind)
    ]

    def read_result(value: Any) -> Any:
        members = {}
        for name, wire_name, reader, is_optional in fields:
            if wire_name in value:
                members[name] = reader(value[wire_name])
            elif not is_optional:
                raise Unreadable(f"there is no {wire_name}")
        return kind(**members)

    return read_result


def _is_optional(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
