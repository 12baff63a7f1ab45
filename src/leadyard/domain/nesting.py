"""How deep the arrays and objects of leads are nested, and how deep they may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise

import msgspec

MAX_NESTING = 200
"""Deeper values could be stored but not read again: the decoder's depth is that of Python's stack."""

_MOST_BYTES = 64 * 1024
_VALUES_A_STRETCH = 16
_BYTES_AT_ONCE = 512 * 1024
_VALUES_AT_ONCE = 500
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_AS_ARRAYS = bytes.maketrans(b"{}", b"[]")
_STEPS = {ord("["): 1, ord("]"): -1}
_SHALLOW = 4


def find_too_deep(
    text: bytes | memoryview | msgspec.Raw, raws: Sequence[msgspec.Raw]
) -> Iterator[Sequence[int]]:
    """The places of those objects of a text that are nested too deep: some of them after a short look each.

    No value is nested deeper than there are brackets opened where it stands. Each is looked at by itself only
    where there are many, and those that are long: that takes longer.
    """
    whole = memoryview(text)
    stretch = max(1, min(_MOST_BYTES, _VALUES_A_STRETCH * len(whole) // max(1, len(raws))))
    counts = (_count_opened(bytes(whole[at : at + stretch])) for at in range(0, len(whole), stretch))
    opened: list[int] = []
    while some := list(islice(counts, max(1, _BYTES_AT_ONCE // stretch))):
        opened += some
        yield ()
    if sum(opened) <= len(raws) + MAX_NESTING:
        return
    # What is no longer than a stretch lies in two of them at most.
    are_few = all(sum(pair) <= MAX_NESTING for pair in pairwise([*opened, 0]))
    for start in range(0, len(raws), _VALUES_AT_ONCE):
        places = range(start, min(start + _VALUES_AT_ONCE, len(raws)))
        suspects = [place for place in places if not are_few or len(memoryview(raws[place])) > stretch]
        yield [place for place in suspects if is_too_deep(raws[place])]


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
