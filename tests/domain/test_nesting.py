"""How deep JSON is nested, whatever it holds and however it is written."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.nesting import MAX_NESTING, find_too_deep, is_too_deep, nesting_depth

TEXTS = st.text(alphabet='\\"[]{}ü, :', max_size=8) | st.text(max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def depth_of(value: Any) -> int:
    """How deep a value is nested, one step after the other."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(value=JSON_VALUES, in_ascii=st.booleans(), indent=st.none() | st.integers(0, 2))
def test_depth_is_that_of_arrays_and_objects_and_not_of_brackets_in_texts(
    value: Any, in_ascii: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=in_ascii, indent=indent)
    assert nesting_depth(text.encode()) == depth_of(value)


@given(depth=st.integers(1, 3 * MAX_NESTING), text=TEXTS)
@example(depth=MAX_NESTING, text="[")
@example(depth=MAX_NESTING + 1, text='"')
def test_value_is_too_deep_from_the_first_level_on_that_is_over(depth: int, text: str) -> None:
    value: Any = [text, '[{"'] * MAX_NESTING
    for level in range(depth - 1):
        value = [value] if level % 2 else {text: value}
    raw = json.dumps(value).encode()
    assert nesting_depth(raw) == depth
    assert is_too_deep(msgspec.Raw(raw)) == (depth > MAX_NESTING)


def nested(depth: int, padding: int) -> list[Any]:
    """A value of this depth, with so many characters before each of its levels."""
    value: list[Any] = []
    for _ in range(depth - 1):
        value = ["x" * padding, value]
    return value


VALUES = st.builds(nested, st.integers(1, 40) | st.integers(150, 250), st.integers(0, 20)) | JSON_VALUES


@given(values=st.lists(VALUES, max_size=12), copies=st.integers(1, 60), padding=st.integers(0, 400))
@example(values=[nested(MAX_NESTING + 1, 2_000)], copies=1, padding=0)
@example(values=[nested(MAX_NESTING + 1, 2_000), *[[]] * 40], copies=30, padding=0)
@example(values=[*[[]] * 40, nested(MAX_NESTING + 1, 0)], copies=20, padding=30_000)
@example(values=[nested(MAX_NESTING, 0), *[nested(40, 0)] * 8], copies=60, padding=0)
def test_places_are_those_of_all_values_that_are_too_deep_by_themselves(
    values: list[Any], copies: int, padding: int
) -> None:
    text = json.dumps([[value, "x" * padding] for value in values] * copies).encode()
    raws = msgspec.json.decode(text, type=list[msgspec.Raw])
    expected = [place for place, raw in enumerate(raws) if is_too_deep(raw)]
    assert list(chain.from_iterable(find_too_deep(text, raws))) == expected


@pytest.mark.parametrize("depth", [MAX_NESTING, MAX_NESTING + 1])
def test_value_is_found_wherever_it_lies_in_what_is_counted_together(depth: int) -> None:
    for length in range(0, 1_500, 20):
        values = [*([{"x": "y" * length}] * 16), [nested(depth - 1, 0)]]
        text = json.dumps(values).encode()
        raws = msgspec.json.decode(text, type=list[msgspec.Raw])
        assert list(chain.from_iterable(find_too_deep(text, raws))) == [16] * (depth > MAX_NESTING)
