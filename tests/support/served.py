"""`leadyard serve` over an empty SQLite database, for the tests that need it behind a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.processes import LeadyardProcess, free_port, run_leadyard


@dataclass(slots=True)
class Served:
    """Where it listens, and the process with its log; `start` makes another one over the same data."""

    port: int
    start: Callable[[], LeadyardProcess]
    process: LeadyardProcess

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def kill_and_start_again(self) -> None:
        """Kills the process as a lost machine would, and waits for the next one on the same port."""
        self.process.kill()
        self.process = self.start()
        self.process.wait_until_ready(self.url)


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
    start = partial(run_leadyard, "serve", "--port", str(port), env=env, folder=folder)
    served = Served(port, start, start())
    try:
        served.process.wait_until_ready(served.url)
        yield served
    finally:
        served.process.kill()
