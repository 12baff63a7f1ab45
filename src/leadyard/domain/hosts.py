"""Names of hosts in many scripts as ASCII, without the library where it has nothing to weigh (IDNA 2008)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import idna

MAX_HOST_CHARACTERS = 253  # RFC 1035 2.3.4, less the root's two octets
MAX_LABEL_CHARACTERS = 63  # RFC 1035 2.3.4

_CACHED_LABELS = 1_024
_CACHED_LETTERS = 32_768
_ACE_PREFIX = "xn--"  # RFC 5890 2.3.2.5
# Letters and digits with single hyphens within: what has two, IDNA keeps for itself (RFC 5890 2.3.1).
_LABEL = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# By Unicode's classes of directions (UAX #9).
_LEFT_TO_RIGHT = frozenset({"L"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_OF_DIGITS_AND_HYPHENS = frozenset({"EN", "ES"})


class Host(NamedTuple):
    """A host by its A-labels and by its U-labels (RFC 5890 2.3.2.1)."""

    ascii: str
    international: str


def read_host(text: str) -> Host | None:
    """Both forms of a host, mapped by UTS 46; None leaves it to the library whether it is one.

    Known are labels in ASCII, and those in letters that are valid wherever they stand (PVALID in RFC 5892)
    and are all written in one direction: nothing is left to be looked at but each letter, and that once.
    """
    unicode_labels = list(map(_map_label, text.split(".")))
    if not all(unicode_labels):
        return None
    ascii_labels = list(map(_to_ascii, unicode_labels))
    host = Host(".".join(ascii_labels), ".".join(unicode_labels))
    is_short = (
        len(host.ascii) <= MAX_HOST_CHARACTERS and len(max(ascii_labels, key=len)) <= MAX_LABEL_CHARACTERS
    )
    return host if is_short else None


def _map_label(label: str) -> str:
    """A label as it is in letters; nothing if it has to be left to the library."""
    if label.isascii() and (given := label.lower()).startswith(_ACE_PREFIX):
        return _from_ascii(given)
    return _map_letters(label)


def _from_ascii(label: str) -> str:
    try:
        decoded = label.removeprefix(_ACE_PREFIX).encode().decode("punycode")
    except UnicodeError:
        return ""
    return decoded if _map_letters(decoded) == decoded and _to_ascii(decoded) == label else ""


def _map_letters(label: str) -> str:
    letters = list(map(_map_letter, label)) if _LABEL.fullmatch(label) else []
    mapped = "".join(letters) if all(letters) else ""
    return mapped if mapped.isascii() or _is_of_one_direction(mapped) else ""


def _is_of_one_direction(label: str) -> bool:
    """Whether letters, digits and hyphens within are a label by the Bidi Rule (RFC 5893 2), beyond doubt."""
    letters = set(map(unicodedata.bidirectional, label)) - _OF_DIGITS_AND_HYPHENS
    return letters == _LEFT_TO_RIGHT or (
        letters <= _RIGHT_TO_LEFT and unicodedata.bidirectional(label[0]) in _RIGHT_TO_LEFT
    )


@lru_cache(_CACHED_LABELS)
def _to_ascii(label: str) -> str:
    return label if label.isascii() else _ACE_PREFIX + label.encode("punycode").decode()


@lru_cache(_CACHED_LETTERS)
def _map_letter(letter: str) -> str:
    """What UTS 46 makes of a letter, a digit or a hyphen; nothing if the library has to see the label."""
    if letter.isascii():
        return letter.lower()
    try:
        mapped = idna.decode(idna.encode(letter, uts46=True))
    except idna.IDNAError:
        return ""
    directions = set(map(unicodedata.bidirectional, mapped))
    is_simple = letter.isalpha() and mapped.isalpha() and directions <= _LEFT_TO_RIGHT | _RIGHT_TO_LEFT
    return mapped if is_simple else ""
