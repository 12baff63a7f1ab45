"""Which processor a thread runs on, where that matters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PROCESSOR = 36
"""Field 39 of proc_pid_stat(5), counted from the one behind the name on."""


@contextmanager
def elsewhere(thread: int) -> Iterator[None]:
    """Keeps a thread, by its native id, off the processor that runs this one, until the block ends.

    Where processors are few, Linux does not always look for an idle one when it wakes up a thread: two that
    wake each other up share one for tens of milliseconds. Does nothing on other systems, where there is but
    one processor, and where it is not allowed.
    """
    allowed: set[int] = set()
    if sys.platform == "linux":
        with suppress(OSError):
            allowed = os.sched_getaffinity(0)
            os.sched_setaffinity(thread, allowed - {_this_processor()})
    try:
        yield
    finally:
        if sys.platform == "linux" and allowed:
            with suppress(OSError):
                os.sched_setaffinity(thread, allowed)


def _this_processor() -> int:
    with open("/proc/thread-self/stat", "rb") as stat:
        return int(stat.read().rpartition(b")")[2].split()[_PROCESSOR])
