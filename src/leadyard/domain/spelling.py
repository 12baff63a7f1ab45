"""Spellings that mean the same: marks on letters, and letters that keyboards lack."""

from __future__ import annotations

import unicodedata

from leadyard.domain.company_names import fold_text

_COMBINING_MARKS = dict.fromkeys(range(0x300, 0x370))
_LATIN = range(0xC0, 0x250)
# What has no mark to take off.
_OTHER_LETTERS = {
    "ø": "o",
    "æ": "a",
    "œ": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
}
_TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "å": "aa"}


def _without_marks(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_COMBINING_MARKS))


_PLAIN = {code: _without_marks(chr(code)) for code in _LATIN} | str.maketrans(_OTHER_LETTERS)
_SPELLED_OUT = _PLAIN | str.maketrans(_TWO_LETTERS)


def plain_text(text: str) -> str:
    """The text folded, its letters without marks: Müller and MULLER are muller."""
    return plain_letters(fold_text(text))


def plain_letters(folded: str) -> str:
    """The same of a text that is folded already."""
    if folded.isascii():
        return folded
    plain = folded.translate(_PLAIN)
    return plain if plain.isascii() else _without_marks(plain)


def spelled_out(folded: str) -> str:
    """A folded text with two letters for an umlaut: müller is mueller; the rest as in `plain_letters`."""
    return folded if folded.isascii() else plain_letters(folded.translate(_SPELLED_OUT))
