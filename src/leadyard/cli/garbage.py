"""The garbage collector of a process that makes many objects and few cycles."""

from __future__ import annotations

import gc

THRESHOLD = 50_000


def slow_garbage_collector() -> None:
    """Lets the collector look less often: imports make hundreds of thousands of objects, and no garbage."""
    gc.set_threshold(THRESHOLD, 20, 50)


def calm_garbage_collector() -> None:
    """Lets the collector look at new objects only, and less often.

    By default it walks everything that was imported several times while 10,000 leads are decoded, which
    took a third of the time of adding them. Leads are acyclic and freed by their reference counts.
    """
    gc.freeze()
    slow_garbage_collector()
