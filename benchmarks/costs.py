"""What a lead costs: processor time of each part, bytes on the disk, bytes of the write-ahead log.

`python -m benchmarks.costs` measures it on PostgreSQL, with the API and the worker in processes of their own,
and prints what `benchmarks/capacity.py` calculates with. Processor time is as good on a busy machine.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec
import psycopg
from tests.support import postgres
from tests.support.databases import create_database
from tests.support.postgres import PostgresServer
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

KEY = "ly_test_" + "b" * 38
LEADS = 60_000
A_BODY = 10_000
SINGLE = 2_000
AT_ONCE = 8
OPTIONS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
LIKE_IN_EARNEST = {"fsync": "on", "full_page_writes": "on", "max_wal_size": "4GB", "wal_compression": "on"}


def make_body(first: int, count: int) -> bytes:
    """Leads of eight fields, about 220 bytes each."""
    leads = [
        {
            "email": f"first.last{number}@firm-{number % 3000}.example",
            "linkedin_url": f"https://linkedin.com/in/first-last-{number}",
            "title": "Head of Sales",
            "company_name": "Nordwind GmbH",
            "company_domain": f"firm-{number % 3000}.example",
            "first_name": "First",
            "source": "spring",
            "score": number % 100,
        }
        for number in range(first, first + count)
    ]
    return msgspec.json.encode({"type": "email", "leads": leads})


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time of each part so far, and bytes of the log."""

    api: float
    worker: float
    database: float
    log: int

    def a_lead(self, before: Spent, leads: int) -> dict[str, float]:
        """The same for one lead, in milliseconds and bytes, since a moment."""
        return {
            "api_ms": (self.api - before.api) * 1000 / leads,
            "worker_ms": (self.worker - before.worker) * 1000 / leads,
            "database_ms": (self.database - before.database) * 1000 / leads,
            "log_bytes": (self.log - before.log) / leads,
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts that are measured."""

    server: PostgresServer
    url: str
    client: httpx2.AsyncClient
    api: LeadyardProcess

    def spent(self, worker: LeadyardProcess | None = None) -> Spent:
        """What was spent so far; server processes that have ended count with the one that started them."""
        return Spent(
            _seconds(self.api.pid),
            0.0 if worker is None else _seconds(worker.pid),
            _seconds(self.server.pid),
            int(self.ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")),
        )

    def ask(self, statement: str) -> float:
        """One number from the database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return float(row[0])

    def size(self) -> float:
        """Bytes of all tables and indexes, without what was given up."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return self.ask("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'")

    async def create_list(self) -> str:
        """An empty list with all steps."""
        body = {"shared": True, "owner": "admin@leadyard.example", "type": "email", "leads": []}
        answer = await self.client.post("/lead-lists", json={**body, "options": OPTIONS})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def post(self, list_id: str, body: bytes) -> None:
        """Adds leads."""
        headers = {"Content-Type": "application/json"}
        answer = await self.client.post(f"/lead-lists/{list_id}/leads", content=body, headers=headers)
        answer.raise_for_status()


def _seconds(pid: int) -> float:
    """Processor time of a process and all its children, living and gone."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(entry.name) == pid:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == pid:
                total += sum(map(int, fields[11:13]))
    return total / TICKS_A_SECOND


async def measure(bench: Bench, folder: Path, environment: dict[str, str]) -> dict[str, dict[str, float]]:
    """Adds by the ten thousand, adds one by one, then processes all of it."""
    found: dict[str, dict[str, float]] = {}
    list_id, empty, before = await bench.create_list(), bench.size(), bench.spent()
    for first in range(0, LEADS, A_BODY):
        await bench.post(list_id, make_body(first, A_BODY))
    found["added by the ten thousand"] = bench.spent().a_lead(before, LEADS)
    added = bench.size()
    list_id, before = await bench.create_list(), bench.spent()
    numbers = iter(range(LEADS, LEADS + SINGLE))

    async def send() -> None:
        for number in numbers:
            await bench.post(list_id, make_body(number, 1))

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    found["added one by one"] = bench.spent().a_lead(before, SINGLE)
    before = bench.spent()
    with run_leadyard("worker", env=environment, folder=folder) as worker:
        unfinished = "SELECT sum(queued + processing) FROM lead_lists"
        while bench.ask(unfinished):
            await asyncio.sleep(0.5)
        found["processed, all steps"] = bench.spent(worker).a_lead(before, LEADS + SINGLE)
    done = bench.size()
    found["kept"] = {
        "added_bytes": (added - empty) / LEADS,
        "processed_bytes": (done - empty) / (LEADS + SINGLE),
    }
    return found


async def run(server: PostgresServer, folder: Path) -> dict[str, dict[str, float]]:
    """Everything, on a new database."""
    url, port = create_database(server, "costs"), free_port()
    environment = {
        "LEADYARD_DATA_DIR": str(folder),
        "LEADYARD_DATABASE_URL": url,
        "LEADYARD_API_KEY": KEY,
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_LOG_LEVEL": "warning",
        "LEADYARD_INITIAL_EMAIL_CREDITS": "10000000",
        "LEADYARD_INITIAL_PHONE_CREDITS": "10000000",
    }
    with run_leadyard("serve", "--no-worker", "--port", str(port), env=environment, folder=folder) as api:
        base_url = f"http://127.0.0.1:{port}"
        api.wait_until_ready(base_url)
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(
            base_url=base_url, headers=headers, timeout=120, trust_env=False
        ) as client:
            return await measure(Bench(server, url, client, api), folder, environment)


def main() -> None:
    """Measures, and prints what was found."""
    postgres.SETTINGS.update(LIKE_IN_EARNEST)
    with tempfile.TemporaryDirectory() as name, PostgresServer() as server:
        found = asyncio.run(run(server, Path(name)))
    for what, costs in found.items():
        print(what, {name: round(value, 4) for name, value in costs.items()})


if __name__ == "__main__":
    main()
