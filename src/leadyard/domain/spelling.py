"""Spellings that mean the same: marks on letters, and letters that keyboards lack."""

from __future__ import annotations

import unicodedata

from leadyard.domain.company_names import fold_text

# What has no mark to take off. Of a vowel in two spellings, the short one.
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_DIGRAPHS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ø": "oe",
        "æ": "ae",
        "œ": "oe",
        "å": "aa",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
    }
)
_COMBINING_MARKS = dict.fromkeys(range(0x300, 0x370))


def plain_text(text: str) -> str:
    """The text folded, its Latin letters without marks: Müller and MULLER are muller."""
    folded = fold_text(text)
    if folded.isascii():
        return folded
    bare = unicodedata.normalize("NFD", folded.translate(_LETTERS)).translate(_COMBINING_MARKS)
    return unicodedata.normalize("NFC", bare)


def spelled_out(text: str) -> str:
    """The same with two letters for an umlaut: Müller is mueller; what has none is as in `plain_text`."""
    folded = fold_text(text)
    return folded if folded.isascii() else plain_text(folded.translate(_DIGRAPHS))
