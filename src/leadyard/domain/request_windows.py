"""How many requests of a key a process may answer before it asks again."""

from __future__ import annotations

import msgspec


class Lease(msgspec.Struct, frozen=True):
    """Some requests of a key's minute. None are `granted` if all `taken` ones are as many as there are."""

    granted: int
    taken: int
    seconds_left: float
