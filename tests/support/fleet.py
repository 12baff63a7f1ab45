"""Several processes of Leadyard over one installation, and a look at what they do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.processes import LeadyardProcess, free_port, run_leadyard
from tests.support.workbench import Workbench

from leadyard.app import build
from leadyard.settings import Settings

STARTED = "Leadyard works."


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The variables that lead a process to this installation."""
    values = {
        "DATA_DIR": settings.data_dir,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "API_KEY": TEST_KEY,
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "EMAIL_DNS": "off",
        "RATE_LIMIT": "0",
        **more,
    }
    return {f"LEADYARD_{name}": value for name, value in values.items() if value is not None}


async def prepare(settings: Settings) -> None:
    """Sets up an empty database."""
    installation = build(settings)
    await installation.prepare()
    await installation.database.close()


@contextmanager
def serving(settings: Settings, *arguments: str, **more: str) -> Iterator[tuple[LeadyardProcess, str]]:
    """`leadyard serve`, ready, and where it listens."""
    port = free_port()
    folder = Path(settings.data_dir)
    env = environment(settings, **more)
    with run_leadyard("serve", "--port", str(port), *arguments, env=env, folder=folder) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        yield process, url


def start_worker(settings: Settings, **more: str) -> LeadyardProcess:
    """`leadyard worker`, which may not have begun to work yet."""
    return run_leadyard("worker", env=environment(settings, **more), folder=Path(settings.data_dir))


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Waits for something to become true; how many seconds it took. Raises TimeoutError."""
    begun = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)
    return time.monotonic() - begun


async def count_entries(bench: Workbench, status: str) -> int:
    """Leads of all lists in this state."""
    (row,) = await bench.query(
        "SELECT count(*) AS entries FROM lead_list_entries WHERE status = :status", status=status
    )
    return int(row.entries)


async def count_jobs(bench: Workbench, *, begun: bool = False) -> int:
    """Chunks that wait or are in work, or in work only."""
    if bench.database.is_sqlite:
        statement = "SELECT count(*) AS jobs FROM chunks" + (" WHERE claimed_at IS NOT NULL" if begun else "")
    else:
        statement = "SELECT count(*) AS jobs FROM procrastinate_jobs" + (
            " WHERE status = 'doing'" if begun else ""
        )
    (row,) = await bench.query(statement)
    return int(row.jobs)


async def require_paid_once(bench: Workbench, leads: int) -> None:
    """Requires that so many enriched leads with an e-mail are done, each paid once, and nothing is held."""
    assert await count_entries(bench, "done") == leads
    rows = await bench.query(
        "SELECT reason, count(*) AS charges, sum(amount) AS amount FROM credit_entries "
        "WHERE amount < 0 GROUP BY reason ORDER BY reason"
    )
    assert [(row.reason, row.charges, int(row.amount)) for row in rows] == [
        ("email_revealed", leads, -1000 * leads),
        ("person_found", leads, -500 * leads),
    ]
    unsound = await bench.query(
        "SELECT 1 FROM credit_balances b WHERE b.held <> 0 OR b.balance <> "
        "(SELECT sum(c.amount) FROM credit_entries c WHERE c.workspace_id = b.workspace_id "
        "AND c.kind = b.kind)"
    )
    assert unsound == []
    progress = await bench.query("SELECT queued + processing AS unfinished FROM lead_lists")
    assert [row.unfinished for row in progress] == [0] * len(progress)
