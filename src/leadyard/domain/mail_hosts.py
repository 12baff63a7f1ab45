"""The port through which processes share the places that a mail host has for callers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class MailHostPlaces(Protocol):
    """Places at mail hosts, a fixed number at each, held by all processes together and for a time only.

    A host goes by its name and by its address; who calls it needs a place under both.
    """

    async def take(self, hosts: Sequence[str], places: int, seconds: float) -> str | None:
        """A place at each of these hosts, or at none of them; each has so many.

        Returns what they are kept under for so many seconds, or None if a host is taken, or nobody can tell.
        """

    async def keep(self, token: str, seconds: float) -> bool:
        """Keeps places for so many more seconds; False if they are not held any more, or nobody can tell."""

    async def give_back(self, token: str) -> None:
        """Gives places back; those that cannot be given back now end with their time."""
