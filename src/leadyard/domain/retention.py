"""How long what is stored of persons is kept."""

from __future__ import annotations

from datetime import timedelta

import msgspec


class Keeping(msgspec.Struct, frozen=True):
    """How long leads are kept after their list has ended (None is for ever), and after it was deleted.

    `imports` is for how long the rows of files are kept to which nothing happens any more.
    """

    leads: timedelta | None = None
    deleted_leads: timedelta = timedelta(days=30)
    imports: timedelta = timedelta(days=30)


KEPT_UNLESS_TOLD = Keeping()
"""How long, where nobody said so."""
