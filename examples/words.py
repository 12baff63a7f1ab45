"""Read `words.toml`: what the example people, companies and prospects are put together from.

The words are data and not code, so that a language is added or a name corrected without touching a rule.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

_NO_DECOMPOSITION = str.maketrans(
    {
        "ß": "ss",
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "\u0131": "i",
        "æ": "ae",
        "Æ": "Ae",
    }
    | {"œ": "oe", "\u2019": "'"}
)


class Dice:
    """Choices that come out the same on every run and every Python.

    Only `random()` itself is promised to give the same sequence in each version of Python for the same seed;
    `choice`, `shuffle` and the like are not. So everything here is made from `random()` alone.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, but without, `limit`."""
        return int(self._random.random() * limit)

    def chance(self, percent: float) -> bool:
        """Return True in so many of a hundred cases."""
        return self._random.random() * 100 < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices, each as likely as the next."""
        return choices[self.below(len(choices))]

    def shuffle(self, things: MutableSequence[T]) -> None:
        """Put the things in another order, in place."""
        for last in range(len(things) - 1, 0, -1):
            other = self.below(last + 1)
            things[last], things[other] = things[other], things[last]


class Word(NamedTuple):
    """A word as its owner writes it, and in plain ASCII letters for addresses and domains."""

    native: str
    latin: str


class Place(NamedTuple):
    """A place as people write it in a profile, and the ISO code of its country."""

    text: str
    country: str


class NumberRange(NamedTuple):
    """Telephone numbers of one country that belong to nobody: `#` is any digit."""

    country: str
    code: str
    trunk: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Culture:
    """Everything that one language needs to name people, jobs, places and companies."""

    code: str
    weight: int
    at: str
    joiner: str
    given: tuple[Word, ...]
    family: tuple[Word, ...]
    titles: tuple[str, ...]
    places: tuple[Place, ...]
    stems: tuple[Word, ...]
    fields: tuple[Word, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All of `words.toml`: the cultures, the telephone ranges, and the lists that every language shares."""

    cultures: tuple[Culture, ...]
    phones: dict[str, NumberRange]
    shared: dict[str, tuple[str, ...]]


def to_ascii(text: str) -> str:
    """Return Latin text without its accents, as people do for an address; other letters are dropped."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_NO_DECOMPOSITION))
    return decomposed.encode("ascii", "ignore").decode("ascii")


def load_vocabulary() -> Vocabulary:
    """Read the file beside this module."""
    with Path(__file__).with_name("words.toml").open("rb") as file:
        raw = tomllib.load(file)
    return Vocabulary(
        cultures=tuple(_culture(entry) for entry in raw["cultures"]),
        phones={entry["country"]: _number_range(entry) for entry in raw["phones"]},
        shared={name: tuple(texts) for name, texts in raw["shared"].items()},
    )


def _culture(raw: dict[str, Any]) -> Culture:
    return Culture(
        code=raw["code"],
        weight=raw["weight"],
        at=raw["at"],
        joiner=raw.get("joiner", " "),
        given=_words(raw["given"]),
        family=_words(raw["family"]),
        titles=tuple(raw["titles"]),
        places=tuple(Place(*text.split("=")) for text in raw["places"]),
        stems=_words(raw["stems"]),
        fields=_words(raw["fields"]),
        forms=tuple(raw["forms"]),
    )


def _number_range(raw: dict[str, Any]) -> NumberRange:
    return NumberRange(raw["country"], raw["code"], raw["trunk"], tuple(raw["numbers"]))


def _words(texts: list[str]) -> tuple[Word, ...]:
    pairs = (text.partition("=") for text in texts)
    return tuple(Word(native, latin or to_ascii(native)) for native, _, latin in pairs)
