"""What else a company may be called by who abbreviates, swaps words or leaves out an "&".

This is for names that no company has, not even with a slip (docs/explanation/matching.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise, product

from leadyard.domain.company_matching import CompanyName, spelling_key
from leadyard.domain.company_names import InvalidIdentity, company_name_key
from leadyard.domain.spelling import plain_letters

_MIN_CHARACTERS = 4
_MAX_WORDS = 8
_MAX_ABBREVIATED = 64
_AND = "and"

_ASIDE = re.compile(r"\s+[(\[][^()\[\]]*[)\]]\s*$")
_WORD = re.compile(r"[^\W_]+|[&+]")
_APOSTROPHES = str.maketrans("", "", "'’`")
_GROUPS = """
    and u
    associates assoc assocs
    brothers bros
    center centre ctr
    communications communication comms comm
    development dev
    engineering engg eng
    enterprises enterprise ent
    financial fin
    first 1st
    gebruder gebr
    group grp
    holdings holding hldgs hldg
    industries industry ind inds
    institute inst
    international intl
    laboratories laboratory labs lab
    management mgmt mgt
    manufacturing mfg
    national natl
    pharmaceuticals pharmaceutical pharma
    saint st
    services service svcs svc
    solutions solution solns soln
    systems system sys
    technologies technology tech
    university univ
"""
_STANDS_FOR = {word: tuple(line.split()) for line in _GROUPS.strip().splitlines() for word in line.split()}


def rewritten(name: CompanyName) -> frozenset[str]:
    """Spellings that differ from the name by more than a slip, and are not it."""
    try:
        bare = company_name_key(_ASIDE.sub("", name.written))
    except InvalidIdentity:
        return frozenset()
    words = _WORD.findall(plain_letters(bare).translate(_APOSTROPHES))
    words = [_AND if word in "&+" else word for word in words if word != "the"]
    if len(words) > _MAX_WORDS:
        return frozenset()
    spellings = map("".join, (words, *_abbreviated(words), *_swapped(words), *_with_other_and(words)))
    return frozenset(each for each in spellings if len(each) >= _MIN_CHARACTERS) - name.spellings


def rewritten_keys(name: CompanyName) -> set[int]:
    """What the directory has companies under whose name is one of these spellings."""
    return set(map(spelling_key, rewritten(name)))


def _abbreviated(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Each word as it is or as what it stands for, in either direction."""
    return islice(product(*(_STANDS_FOR.get(word, (word,)) for word in words)), _MAX_ABBREVIATED)


def _swapped(words: list[str]) -> Iterator[list[str]]:
    """Two neighbors exchanged, and the first or the last word at the other end."""
    for place, pair in enumerate(pairwise(words)):
        if _AND not in pair:
            yield [*words[:place], *reversed(pair), *words[place + 2 :]]
    yield [*words[1:], *words[:1]]
    yield [*words[-1:], *words[:-1]]


def _with_other_and(words: list[str]) -> Iterator[list[str]]:
    """Without the "and", or with one between two words if there is none."""
    if _AND in words:
        yield [word for word in words if word != _AND]
    else:
        yield from ([*words[:place], _AND, *words[place:]] for place in range(1, len(words)))
