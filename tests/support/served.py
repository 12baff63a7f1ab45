"""`leadyard serve` over an empty SQLite database, for the tests that need it behind a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.processes import LeadyardProcess, free_port, run_leadyard


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, and the process with its log."""

    url: str
    process: LeadyardProcess


@contextmanager
def serve(folder: Path, admin_email: str = ADMIN_EMAIL) -> Iterator[Served]:
    """The API and a worker, ready, until the block ends: the admin's test key, no rate limit, no DNS."""
    port = free_port()
    env = {
        "LEADYARD_DATA_DIR": str(folder / "data"),
        "LEADYARD_API_KEY": TEST_KEY,
        "LEADYARD_ADMIN_EMAIL": admin_email,
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_EMAIL_DNS": "off",
    }
    with run_leadyard("serve", "--port", str(port), env=env, folder=folder) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        yield Served(url, process)
