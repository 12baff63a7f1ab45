"""The arithmetic of docs/explanation/scale.md is that of the script."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages import ROOT, read


def test_capacity_is_what_the_script_calculates() -> None:
    command = [sys.executable, "-m", "benchmarks.capacity"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    page = read("docs/explanation/scale.md")
    tables = told.strip().split("\n\n")
    assert len(tables) == 3
    for table in tables:
        assert table in page
