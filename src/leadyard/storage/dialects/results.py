"""What passes between storage and a dialect when statements are run past SQLAlchemy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

Statement = tuple[str, Mapping[str, Any]]
"""Some SQL, and the values of its parameters."""

Run = Callable[[Sequence[Statement]], Awaitable[list["Result"]]]
"""What runs statements one after the other, and tells what each came to."""

COMMIT: Statement = ("COMMIT", {})


class Result(NamedTuple):
    """What a statement came to: its rows, with the columns as attributes, and how many it affected."""

    rows: Sequence[Any]
    affected: int
