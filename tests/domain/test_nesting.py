"""How deep JSON is nested, whatever it holds and however it is written."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.nesting import MAX_NESTING, is_too_deep, nesting_depth

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
