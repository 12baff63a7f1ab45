"""A short form of `make chaos`: one of each of the first faults, without a paid provider."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chaos.run import run_chaos
from tests.chaos.world import Form

SEED = 7
FAULTS = 4


@pytest.mark.parametrize("form", ["sqlite", "postgresql"])
async def test_nothing_is_lost_or_charged_twice_whatever_breaks(form: Form, tmp_path: Path) -> None:
    report = await run_chaos(form, SEED, FAULTS, tmp_path, is_paying=False)
    assert report.wrong == []
    assert sum(report.befallen.values()) == FAULTS
    assert report.acknowledged > 0
    assert report.loud == {}
