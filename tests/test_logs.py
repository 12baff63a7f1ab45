"""What is let into the log of what other libraries have to say."""

from __future__ import annotations

import subprocess
import sys

import pytest

WARN = """
import logging
from leadyard.logs import configure_logging
configure_logging("debug", "json")
logging.getLogger({name!r}).warning("of ann@acme.example")
logging.getLogger("another").warning("told")
"""


@pytest.mark.parametrize("name", ["procrastinate.worker", "psycopg", "psycopg.pool"])
def test_warnings_of_drivers_that_tell_of_values_are_not_logged(name: str) -> None:
    command = [sys.executable, "-c", WARN.format(name=name)]
    logged = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    assert "acme" not in logged
    assert '"event": "told"' in logged
