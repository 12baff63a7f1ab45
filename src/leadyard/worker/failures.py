"""Going on with the next when one of many fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from leadyard.domain.errors import DatabaseAway

log = structlog.get_logger()


@contextmanager
def failure_told(task: str, **where: int) -> Iterator[None]:
    """Goes on behind the block whatever fails in it, unless the database is away: that is so for all."""
    try:
        yield
    except DatabaseAway:
        raise
    except Exception:
        log.exception("upkeep_failed", task=task, **where)
