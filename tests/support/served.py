"""`leadyard serve` over an empty SQLite database, for the tests that need it behind a real socket."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.processes import LeadyardProcess, free_port, run_leadyard


@dataclass(slots=True)
class Served:
    """Where it listens, and the process with its log; `start` makes another one over the same data."""

    file: Path
    port: int
    start: Callable[[], LeadyardProcess]
    process: LeadyardProcess

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def hold(self, sql: str) -> Iterator[None]:
        """Nothing is written from when a query finds something, while the block lasts.

        What is found in the block is what stays, however fast the process is. TimeoutError after a minute.
        """
        with closing(
            sqlite3.connect(self.file, isolation_level=None, timeout=0, check_same_thread=False)
        ) as connection:
            give_up = time.monotonic() + 60
            while not _lock_if(connection, sql):
                if time.monotonic() > give_up:
                    raise TimeoutError(sql)
                time.sleep(0.001)
            yield

    def kill(self) -> None:
        """Kills the process as a lost machine would."""
        self.process.kill()

    def start_again(self) -> None:
        """Starts the next process on the same port, over what the last one left, and waits for it."""
        self.process = self.start()
        self.process.wait_until_ready(self.url)


def _lock_if(connection: sqlite3.Connection, sql: str) -> bool:
    if connection.execute(sql).fetchone() is None:
        return False
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:  # Another connection writes.
        return False
    if connection.execute(sql).fetchone() is None:
        connection.execute("ROLLBACK")
        return False
    return True


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
    served = Served(folder / "data" / "leadyard.db", port, start, start())
    try:
        served.process.wait_until_ready(served.url)
        yield served
    finally:
        served.process.kill()
