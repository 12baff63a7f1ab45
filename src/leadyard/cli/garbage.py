"""The garbage collector of a process that makes many objects and few cycles."""

from __future__ import annotations

import gc

THRESHOLD = 50_000
START_THRESHOLD = 500_000


def slow_garbage_collector() -> None:
    """Keeps the collector from looking at what is imported: hundreds of thousands of objects, all to stay."""
    gc.set_threshold(START_THRESHOLD)


def calm_garbage_collector() -> None:
    """Lets the collector look at new objects only, and less often.

    By default it walks everything that was imported several times while 10,000 leads are decoded, which
    took a third of the time of adding them. Leads are acyclic and freed by their reference counts.
    """
    gc.freeze()
    gc.set_threshold(THRESHOLD, 20, 50)
