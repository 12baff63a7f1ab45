"""Cases that nobody here wrote, which lie beside the checkout or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

Case = dict[str, Any]


def read_cases(name: str) -> list[Case]:
    """The cases of a file; skips the test if there is none."""
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"{name} does not lie beside this checkout")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
