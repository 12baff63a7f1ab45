"""How alike two job titles are (docs/explanation/matching.md)."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from leadyard.domain.spelling import plain_text
from leadyard.domain.title_words import (
    FILLERS,
    JOINED,
    NEARLY_THE_SAME,
    NUMERALS,
    PLACES,
    RANKS,
    STANDS_FOR,
)

SAME_TITLE = 100.0
MIN_TITLE_SCORE = 82.0
"""What is less alike is another job. One word more on one side of three is less, one more of four is not."""

_CACHED_TITLES = 65_536
_CACHED_WORDS = 65_536
_TYPO = 0.9
_ABBREVIATION = 0.9
_LIGHT = 0.5
_ANOTHER_RANK = 0.7
_MIN_TYPO_CHARACTERS = 4
_TWO_TYPOS_CHARACTERS = 10
_MAX_ABBREVIATION_CHARACTERS = 6
_MIN_CONTRACTION_CHARACTERS = 5
_MIN_JOINED_CHARACTERS = 8
_MIN_GUESSED_CHARACTERS = 7
_MAX_INITIALS = 5
_MAX_DIFFERENT_WORDS = 8
# Longer titles that are alike have half of their letters in common; shorter ones may be initials.
_MAX_TERSE_CHARACTERS = 12
_MIN_RATIO = 50.0

_DOTTED_LETTERS = re.compile(r"\b(?:\w\.)+\w\b\.?")
_EMPLOYER = re.compile(r"\s(?:at|@|bei|chez)\s.*|\s?[|@].*", re.DOTALL)
_LANGUAGES = (("c++", "cpp"), ("c#", "csharp"), (".net", " dotnet"))
_WORD = re.compile(r"[^\W_]+\.?")
_VOWELS = re.compile("[aeiouy]")
_COMPOUND = re.compile("(.{4,}?)s?(leiter)(?:in)?")
_LONG_WORDS = tuple(word for word in STANDS_FOR if len(word) >= _MIN_GUESSED_CHARACTERS)


class Title(NamedTuple):
    """A title taken apart: its words in their order and sorted, its letters as written, and what it weighs.

    `ranks` are those of its words that tell one job from another by themselves.
    """

    words: tuple[str, ...]
    text: str
    letters: str
    weight: float
    ranks: frozenset[str]


@lru_cache(_CACHED_TITLES)
def read_title(title: str) -> Title:
    """The words that a title comes down to: abbreviations as what they stand for, fillers left out."""
    text = plain_text(title)
    for written, name in _LANGUAGES:
        text = text.replace(written, name)
    text = _EMPLOYER.sub("", text) or text
    text = _DOTTED_LETTERS.sub(lambda match: match[0].replace(".", "") + " ", text)
    written_words = _WORD.findall(text)
    words = tuple(dict.fromkeys(_resolve(written_words)))
    return Title(
        words=words,
        text=" ".join(sorted(words)),
        letters="".join(written_words).replace(".", ""),
        weight=sum(map(_weight, words)),
        ranks=RANKS.intersection(words),
    )


def _resolve(written: list[str]) -> list[str]:
    words: list[str] = []
    place = 0
    while place < len(written):
        word = written[place].removesuffix(".")
        following = written[place + 1].removesuffix(".") if place + 1 < len(written) else ""
        if joined := JOINED.get((word, following)):
            words += joined
            place += 2
            continue
        words += _meaning(word, is_dotted=written[place] != word)
        place += 1
    return words


@lru_cache(_CACHED_WORDS)
def _meaning(word: str, *, is_dotted: bool) -> tuple[str, ...]:
    if word in FILLERS or word == "1":
        return ()
    if compound := _COMPOUND.fullmatch(word):
        return (compound[1], compound[2])
    known = STANDS_FOR.get(word) or STANDS_FOR.get(_singular(word))
    if known is None and len(word) >= _MIN_GUESSED_CHARACTERS:
        known = next((STANDS_FOR[each] for each in _LONG_WORDS if _is_slip(word, each, 1)), None)
    if known is None and is_dotted and len(word) < _MAX_ABBREVIATION_CHARACTERS:
        known = (f"{word}.",)
    return known or (NUMERALS.get(word, _singular(word)),)


def _singular(word: str) -> str:
    """Without the s of a plural, and without the in of a woman's title in German."""
    if len(word) > 6 and word.endswith("erin"):
        word = word[:-2]
    return word[:-1] if len(word) > 4 and word[-1] == "s" and word[-2] != "s" else word


def title_score(one: Title, other: Title) -> float:
    """How alike two titles are, from 0 to SAME_TITLE; those under MIN_TITLE_SCORE are different jobs."""
    if one.text == other.text or one.letters == other.letters:
        return SAME_TITLE if one.words else 0.0
    if one.ranks != other.ranks and _are_two_ranks(one.ranks - other.ranks, other.ranks - one.ranks):
        return 0.0
    if len(one.text) > _MAX_TERSE_CHARACTERS < len(other.text) and not ratio(
        one.text, other.text, score_cutoff=_MIN_RATIO
    ):
        return 0.0
    mine = [word for word in one.words if word not in other.words]
    theirs = [word for word in other.words if word not in one.words]
    total = one.weight + other.weight
    matched = total - sum(map(_weight, mine)) - sum(map(_weight, theirs))
    if mine and theirs:
        if len(mine) + len(theirs) > _MAX_DIFFERENT_WORDS:
            return 0.0
        matched += _match_words(mine, theirs)
        if mine and theirs:
            return 0.0
    score = SAME_TITLE * min(1.0, matched / total) if total else 0.0
    return score if RANKS.isdisjoint(mine or theirs) else score * _ANOTHER_RANK


def _are_two_ranks(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(mine and theirs) and frozenset((*mine, *theirs)) not in NEARLY_THE_SAME


def _weight(word: str) -> float:
    return _LIGHT if word in PLACES else 1.0


def _match_words(mine: list[str], theirs: list[str]) -> float:
    """Takes out what is the same in another spelling; returns how much of both titles it makes up."""
    matched = _pair(mine, theirs)
    if len(mine) > 1 and theirs:
        matched += _spell_out(theirs, mine) + _join(theirs, mine)
    if len(theirs) > 1 and mine:
        matched += _spell_out(mine, theirs) + _join(mine, theirs)
    return matched


def _pair(mine: list[str], theirs: list[str]) -> float:
    """Words that are spellings of each other."""
    matched = 0.0
    for word in tuple(mine):
        likeness, partner = max([(word_likeness(word, each), each) for each in theirs], default=(0.0, ""))
        if likeness:
            mine.remove(word)
            theirs.remove(partner)
            matched += likeness * (_weight(word) + _weight(partner))
    return matched


def _spell_out(short: list[str], long: list[str]) -> float:
    """Initials, and the words next to each other that they stand for."""
    for word in short:
        count = len(word)
        if 2 <= count <= _MAX_INITIALS:
            start = "".join([each[0] for each in long]).find(word)
            if start >= 0:
                short.remove(word)
                del long[start : start + count]
                # Initials weigh as much as one word, and what they stand for as much as it has words.
                return _ABBREVIATION * (1 + count)
    return 0.0


def _join(single: list[str], apart: list[str]) -> float:
    """A word, and two next to each other that are the same without the space."""
    for word in single:
        if len(word) >= _MIN_JOINED_CHARACTERS:
            for place, (first, second) in enumerate(pairwise(apart)):
                if _is_slip(word, first + second, 1):
                    single.remove(word)
                    del apart[place : place + 2]
                    return _TYPO * 3
    return 0.0


def _is_slip(one: str, other: str, allowed: int) -> bool:
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


@lru_cache(_CACHED_WORDS)
def word_likeness(one: str, other: str) -> float:
    """How alike two different words are: from 0 to 1."""
    if likeness := NEARLY_THE_SAME.get(frozenset((one, other))):
        return likeness
    if _is_short_for(one, other) or _is_short_for(other, one):
        return _ABBREVIATION
    shorter = min(len(one), len(other))
    if shorter < _MIN_TYPO_CHARACTERS:
        return 0.0
    allowed = 2 if shorter >= _TWO_TYPOS_CHARACTERS else 1
    # A slip at the end may have made a plural, or one of what was none.
    forms = ((one, other), (f"{one}s", other), (one, f"{other}s"))
    return _TYPO if any(_is_slip(*form, allowed) for form in forms) else 0.0


def _is_short_for(short: str, word: str) -> bool:
    """Whether it is the beginning with a dot (prod.), or letters in their order from the first on.

    Those are consonants (mgr), or go on to the last letter (procmt).
    """
    letters = short.removesuffix(".")
    if not 2 <= len(letters) <= _MAX_ABBREVIATION_CHARACTERS or len(word) < len(letters) + 2:
        return False
    if letters is not short and word.startswith(letters):
        return True
    is_contraction = letters[-1] == word[-1] and len(letters) >= _MIN_CONTRACTION_CHARACTERS
    if letters[0] != word[0] or (_VOWELS.search(letters, 1) and not is_contraction):
        return False
    remaining = iter(word)
    return all(letter in remaining for letter in letters)
