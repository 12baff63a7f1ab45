"""Fixtures of the worker's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.stand_ins import RunningClock
from tests.support.workbench import Workbench, open_workbench

from leadyard.settings import Settings


@pytest.fixture
async def live_bench(settings: Settings) -> AsyncIterator[Workbench]:
    """A workbench whose time runs, for a worker to work on."""
    async with open_workbench(settings, RunningClock()) as opened:
        yield opened
