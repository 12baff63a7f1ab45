"""What a process loads until it is ready, over a database that is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

NOT_NEEDED = (
    "aiohttp",
    "alembic",
    "charset_normalizer",
    "dns",
    "email_validator",
    "jinja2",
    "jsonpath",
    "leadyard.dashboard.application",
    "markdown_it",
    "pandas",
    "phonenumbers",
    "procrastinate",
    "psycopg",
    "pyarrow",
    "pydantic",
    "rich",
    "xlsxwriter",
)
"""Each is loaded by the first request, job or command that needs it."""

START = f"""
import asyncio, sys
from leadyard.cli.serve import make_api_and_worker, prepare
from leadyard.settings import load_settings
asyncio.run(prepare(load_settings()))
make_api_and_worker()
print([name for name in {NOT_NEEDED} if name in sys.modules])
"""


def test_start_on_sqlite_loads_nothing_that_only_some_requests_need(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "leadyard.db")
    env = {"LEADYARD_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", START]
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert found == "[]\n"
