"""How deep the arrays and objects of leads are nested, and how deep they may be."""

from __future__ import annotations

from itertools import accumulate

import msgspec

MAX_NESTING = 200
"""Deeper values could be stored but not read again: the decoder's depth is that of Python's stack."""

_PART_BYTES = 64 * 1024
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_AS_ARRAYS = bytes.maketrans(b"{}", b"[]")
_STEPS = {ord("["): 1, ord("]"): -1}
_SHALLOW = 4


def may_hold_deep(text: bytes | memoryview | msgspec.Raw, count: int) -> bool:
    """Whether there are so many brackets that one of so many leads could be nested too deep."""
    whole = memoryview(text)
    starts = range(0, len(whole), _PART_BYTES)
    found = sum(_count_opened(bytes(whole[start : start + _PART_BYTES])) for start in starts)
    return found > count + MAX_NESTING


def is_too_deep(raw: msgspec.Raw) -> bool:
    """Whether a JSON value is nested deeper than MAX_NESTING."""
    text = bytes(raw)
    return _count_opened(text) > MAX_NESTING and nesting_depth(text) > MAX_NESTING


def nesting_depth(text: bytes) -> int:
    """How deep the arrays and objects of a JSON text are nested.

    What holds nothing is taken out some times, all of it at once; what was around it holds nothing then. That
    leaves little of most texts. What is left is counted, for each time takes as long as there is text.
    """
    outside_of_texts = text.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2]
    brackets = b"".join(outside_of_texts).translate(_AS_ARRAYS, _NOT_BRACKETS)
    depth = 0
    while depth < _SHALLOW and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        depth += 1
    return depth + max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _count_opened(text: bytes) -> int:
    """How many brackets are opened, in texts too: no value is nested deeper.

    They are few: to take them out is quicker than to count them, which looks at each byte by itself.
    """
    return len(text) - len(text.replace(b"{", b"").replace(b"[", b""))
