"""A company's name as a key: folded, and without its legal form (docs/decisions/company-names.md).

InvalidIdentity and fold_text stand here because identity.py builds on this module.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from leadyard.domain.legal_forms import AFTER, AFTER_IF_DOTTED, ATTACHED, BEFORE

LeadField = Literal["linkedin_url", "email", "title", "company_name", "company_domain"]

# What is longer is no title and no name. Normalizing takes time quadratic in a run of combining marks, and a
# row of a PostgreSQL index holds 2,704 bytes.
MAX_TEXT_CHARACTERS = 300

_CACHED_NAMES = 16_384

# What cannot stand in a key: controls, and surrogates, which have no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_MARKS = str.maketrans("", "", ".;:()-–—\"'’‘“”„«»״׳")
_SEPARATORS = re.compile("(?<=[ ,])[-–—](?=[ ,])|,")
_EDGES = " ;:-–—\"'’‘“”„«»"
# A name does not end here: what follows is part of it ("Hotel & Spa", "The Limited").
_CONNECTORS = frozenset(("&", "+", "and", "e", "et", "for", "of", "the", "und", "y"))


def _lengths(forms: frozenset[str], end: int) -> dict[str, list[int]]:
    """For each word at that end of a form, how many words the forms have, longest first."""
    found: dict[str, set[int]] = {}
    for words in map(str.split, forms):
        found.setdefault(words[end], set()).add(len(words))
    return {word: sorted(counts, reverse=True) for word, counts in found.items()}


_LENGTHS_BY_LAST_WORD = _lengths(AFTER | AFTER_IF_DOTTED, -1)
_LENGTHS_BY_FIRST_WORD = _lengths(BEFORE, 0)
_ATTACHED = tuple(sorted(ATTACHED, key=len, reverse=True))


class InvalidIdentity(ValueError):
    """The value cannot identify a person; `field` names the lead field at fault."""

    def __init__(self, field: LeadField) -> None:
        super().__init__(field)
        self.field: LeadField = field

    def __str__(self) -> str:
        return f"{self.field} cannot identify a person"


def fold_text(text: str) -> str:
    """NFKC, case-folded, NFKC again; white space and controls as single spaces within.

    Two texts that match without case by their compatibility forms give the same (Unicode 3.13, D146). One
    beyond MAX_TEXT_CHARACTERS is folded in case only, and its SHA-256 stands for it.
    """
    if len(text) <= MAX_TEXT_CHARACTERS and text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    return _fold_by_unicode(text)


def _fold_by_unicode(text: str) -> str:
    if len(text) > MAX_TEXT_CHARACTERS or not text.isprintable():
        text = " ".join(_UNPRINTABLE.sub(" ", text).split())
    if len(text) > MAX_TEXT_CHARACTERS:
        return _digest(text.casefold())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = " ".join(folded.split())
    return folded if len(folded) <= MAX_TEXT_CHARACTERS else _digest(folded)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def company_name_key(name: str) -> str:
    """The name folded, without its legal forms, wherever their country puts them (design §3).

    Forms are those of ISO 20275 and of our own list, compared without dots; commas and lone dashes are
    spaces. A name that is nothing but a form keeps it. Raises InvalidIdentity if there is no letter or digit.
    """
    folded = fold_text(name)
    if not _is_name(folded):
        raise InvalidIdentity("company_name")
    return _without_legal_forms(folded)


@lru_cache(_CACHED_NAMES)
def _without_legal_forms(name: str) -> str:
    if name.isascii() and name.replace(" ", "").isalnum():
        return _without_plain_forms(name)
    key = " ".join(_SEPARATORS.sub(" ", name).split())
    while (shorter := _shorten(key)) != key:
        key = shorter
    return key


def _without_plain_forms(name: str) -> str:
    """The same for letters, digits and single spaces: the most frequent case, in a fifth of the time."""
    words = name.split(" ")
    while True:
        if count := _count_after(words):
            del words[-count:]
        elif count := _count_before(words):
            del words[:count]
        else:
            return " ".join(words)


def _shorten(name: str) -> str:
    """The name with one legal form less, else without marks at its ends."""
    words = name.split(" ")
    if count := _count_after(words):
        return " ".join(words[:-count])
    if count := _count_before(words):
        return " ".join(words[count:])
    if not name.isascii() and (rest := _without_attached(name)):
        return rest
    return name.rstrip(_EDGES + ".").lstrip(_EDGES)


def _count_after(words: list[str]) -> int:
    """How many words at the end are a legal form; none if they are the whole name."""
    last = words[-1]
    for count in _LENGTHS_BY_LAST_WORD.get(last if last.isalnum() else last.translate(_MARKS), ()):
        form = " ".join(words[-count:]).translate(_MARKS)
        if form in AFTER or (form in AFTER_IF_DOTTED and "." in words[-1][:-1]):
            if count >= len(words):
                return 0
            if words[-count - 1] not in _CONNECTORS and _is_name("".join(words[:-count])):
                return count
    return 0


def _count_before(words: list[str]) -> int:
    """How many words at the beginning are a legal form; none if they are the whole name."""
    first = words[0]
    for count in _LENGTHS_BY_FIRST_WORD.get(first if first.isalnum() else first.translate(_MARKS), ()):
        if " ".join(words[:count]).translate(_MARKS) in BEFORE:
            return count if _is_name("".join(words[count:])) else 0
    return 0


def _without_attached(name: str) -> str:
    """The name without a form that needs no space, or "" if it has none."""
    if name.endswith(_ATTACHED) or name.startswith(_ATTACHED):
        for form in _ATTACHED:
            rest = name.removesuffix(form)
            if rest == name:
                rest = name.removeprefix(form)
            if rest != name and _is_name(rest):
                return rest.strip()
    return ""


def _is_name(text: str) -> bool:
    return any(map(str.isalnum, text))
