"""What an installation tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A setting as people are shown it. Secrets are not among them."""

    group: str
    title: str
    value: str
    variable: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What pages tell of the installation; `low_credits` is in milli-credits."""

    low_credits: int
    facts: Sequence[Fact] = ()
