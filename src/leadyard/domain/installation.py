"""What an installation tells of itself."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Fact(msgspec.Struct, frozen=True):
    """A setting as people are shown it. Secrets are not among them."""

    group: str
    title: str
    value: str
    variable: str
    hint: str = ""


class Installation(msgspec.Struct, frozen=True):
    """What pages tell of the installation; `low_credits` is in milli-credits."""

    low_credits: int
    facts: Sequence[Fact] = ()
