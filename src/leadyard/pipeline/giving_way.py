"""Much to do, in small steps: whoever is ready meanwhile goes on in between."""

from __future__ import annotations

import asyncio

STRETCH = 16
"""Some hundred microseconds of the event loop each, for what is begun or woken for a lead."""


async def give_way(number: int) -> None:
    """After each sixteenth step, counted from 0, lets whoever is ready go on.

    Hundreds at a stretch take the event loop ten milliseconds, and for so long no call follows one that is
    over.
    """
    if number % STRETCH == STRETCH - 1:
        await asyncio.sleep(0)
