"""What is measured on: databases on the disk, and Leadyard as its users run it, one process group each."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from tests.support.databases import create_database, drop_database
from tests.support.postgres import PostgresServer
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

from benchmarks.leads import LEADS_A_BODY, Body
from benchmarks.report import Line, Target

KEY = "ly_test_" + "b" * 38
LIVE_KEY = "ly_live_" + "b" * 38
ADMIN = "admin@leadyard.example"
JSON = {"Content-Type": "application/json"}
_WHOLE = "whole"
ENTRIES = 20_000_000
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured. `data` is the kind of leads, `entries` what the large database holds."""

    data: str = "plain"
    quick: bool = False
    entries: int = ENTRIES
    keep: Path | None = None

    def rounds(self, usual: int) -> int:
        """How often something is measured: three times when it has to be quick."""
        return 3 if self.quick else usual

    def count(self, usual: int, quick: int) -> int:
        """A number of leads, or of something else."""
        return quick if self.quick else usual

    @property
    def body_size(self) -> int:
        """How many leads are added at a time."""
        return self.count(LEADS_A_BODY, LEADS_A_BODY // 10)

    @property
    def list_size(self) -> int:
        """How many leads a list holds."""
        return 6 * self.body_size


@dataclass(slots=True)
class Rig:
    """One kind of database, in a folder of its own; on PostgreSQL with a server that loses nothing."""

    database: str
    folder: Path
    options: Options
    server: PostgresServer | None = None
    _names: int = 0

    def make_database(self, name: str) -> Store:
        """A new, empty database."""
        self._names += 1
        name = f"{name}_{self._names}"
        folder = self.folder / name
        folder.mkdir(parents=True)
        if self.server is not None:
            drop_database(self.server, name)
        return Store(folder, None if self.server is None else create_database(self.server, name), name)

    def open_kept(self, name: str) -> tuple[Store, bool]:
        """A database that outlives the run if there is a folder for it; whether it has yet to be filled."""
        if self.options.keep is None:
            return self.make_database(name), True
        folder = self.options.keep.resolve() / self.database / name
        if (folder / _WHOLE).exists():
            return Store(folder, None if self.server is None else self.server.url(name), name), False
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if self.server is not None:
            drop_database(self.server, name)
            create_database(self.server, name)
        return Store(folder, None if self.server is None else self.server.url(name), name), True

    def mark_whole(self, store: Store) -> None:
        """Says of a kept database that it is filled."""
        (store.folder / _WHOLE).touch()

    def drop_database(self, store: Store) -> None:
        """Frees what a database takes on the disk; nobody uses it any more."""
        if self.server is not None:
            drop_database(self.server, store.name)
        for path in store.folder.glob("leadyard.db*"):
            path.unlink()

    def line(
        self,
        subject: str,
        what: str,
        value: float | None,
        unit: str,
        target: Target | None = None,
        detail: str = "",
    ) -> Line:
        """A figure on this database."""
        return Line(subject, what, self.database, value, unit, target, detail)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of the service's own."""
        return self.server is None

    @asynccontextmanager
    async def serve(
        self, store: Store | None = None, *arguments: str, **settings: str
    ) -> AsyncIterator[Service]:
        """Leadyard over a database, a new one by default, with its worker in the same process."""
        store = store or self.make_database("leadyard")
        port = free_port()
        given = {"MAX_LEADS_PER_LIST": str(self.options.list_size), **settings}
        environment = make_environment(store) | {f"LEADYARD_{name}": value for name, value in given.items()}
        with run_leadyard(
            "serve", "--port", str(port), *arguments, env=environment, folder=store.folder
        ) as process:
            url = f"http://127.0.0.1:{port}"
            process.wait_until_ready(url, 60)
            pids = [process.pid] if self.server is None else [process.pid, self.server.pid]
            key = settings.get("API_KEY", KEY)
            async with open_session(url, key) as session:
                yield Service(process, url, session, store, pids)

    @contextmanager
    def work(self, store: Store, **settings: str) -> Iterator[LeadyardProcess]:
        """A worker of its own over a database of PostgreSQL."""
        environment = make_environment(store) | {
            f"LEADYARD_{name}": value for name, value in settings.items()
        }
        with run_leadyard("worker", env=environment, folder=store.folder) as process:
            yield process


@dataclass(frozen=True, slots=True)
class Store:
    """Where one database is: its folder, and its URL if it is on a server."""

    folder: Path
    url: str | None
    name: str


def make_environment(store: Store) -> dict[str, str]:
    """The settings of a service that is measured: those by default, but for what would refuse requests."""
    environment = {
        "LEADYARD_DATA_DIR": str(store.folder),
        "LEADYARD_API_KEY": KEY,
        "LEADYARD_ADMIN_EMAIL": ADMIN,
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_LOG_LEVEL": "warning",
        "LEADYARD_EMAIL_DNS": "off",
        "LEADYARD_INITIAL_EMAIL_CREDITS": "100000000",
        "LEADYARD_INITIAL_PHONE_CREDITS": "100000000",
    }
    return environment if store.url is None else {**environment, "LEADYARD_DATABASE_URL": store.url}


@asynccontextmanager
async def open_session(url: str, key: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps its connections."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    timeout = aiohttp.ClientTimeout(total=600)
    # Servers end connections that rest for five seconds, which is about what a round of the others takes.
    connector = aiohttp.TCPConnector(keepalive_timeout=2)
    async with aiohttp.ClientSession(url, connector=connector, headers=headers, timeout=timeout) as session:
        yield session


class UnexpectedAnswer(Exception):
    """A request was answered with something else than what is measured."""


@dataclass(slots=True)
class Service:
    """A service that runs, and the requests of the benchmark."""

    process: LeadyardProcess
    url: str
    session: aiohttp.ClientSession
    store: Store
    pids: list[int]
    _first: int = field(default=0)

    async def get(self, path: str) -> Any:
        """What is at a path."""
        async with self.session.get(path) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise UnexpectedAnswer(f"GET {path}: {answer.status} {body[:300]!r}")
        return _decode(body)

    async def send(self, path: str, body: bytes, *statuses: int) -> tuple[int, Any, float]:
        """Posts a body: the status, the answer, and the seconds until all of it was there."""
        begin = time.perf_counter()
        async with self.session.post(path, data=body, headers=JSON) as answer:
            told = await answer.read()
            seconds = time.perf_counter() - begin
            if answer.status not in (statuses or (202,)):
                raise UnexpectedAnswer(f"POST {path}: {answer.status} {told[:300]!r}")
        return answer.status, _decode(told), seconds

    async def put(self, path: str, told: dict[str, Any]) -> None:
        """Sets something."""
        async with self.session.put(path, data=msgspec.json.encode(told), headers=JSON) as answer:
            if answer.status != 200:
                raise UnexpectedAnswer(f"PUT {path}: {answer.status} {(await answer.read())[:300]!r}")

    async def create_list(self, **options: bool) -> str:
        """A new empty list's id."""
        settings = {"shared": True, "owner": ADMIN, "type": "email", "leads": [], "options": options}
        _, answer, _ = await self.send("/lead-lists", msgspec.json.encode(settings))
        return str(answer["id"])

    async def add(self, list_id: str, body: Body, added: int | None = None) -> float:
        """Posts leads and requires that so many were taken, all new ones by default; the seconds it took."""
        _, answer, seconds = await self.send(f"/lead-lists/{list_id}/leads", body.data)
        expected = len(body.new) if added is None else added
        if answer != {"total": body.total, "total_added_to_lead_list": expected}:
            raise UnexpectedAnswer(f"{answer}, not {expected:,} of {body.total:,}")
        return seconds

    async def add_to_new_list(self, body: Body) -> float:
        """Posts leads to a new list; the seconds it took. Afterwards nothing is left to be done."""
        list_id = await self.create_list()
        seconds = await self.add(list_id, body)
        await self.wait_until_completed(list_id)
        return seconds

    async def cancel(self, *list_ids: str) -> None:
        """Gives up what is left to do of these lists."""
        for list_id in list_ids:
            async with self.session.patch(
                f"/lead-lists/{list_id}", data=b'{"status":"canceled"}', headers=JSON
            ) as answer:
                if answer.status not in (200, 409):
                    raise UnexpectedAnswer(f"PATCH {list_id}: {answer.status}")

    async def wait_until_completed(self, *list_ids: str, pause: float = 0.02) -> None:
        """Waits until nothing of these lists is left to do: what is next has the machine to itself."""
        for list_id in list_ids:
            while (await self.get(f"/lead-lists/{list_id}?page[size]=1"))["status"] != "completed":
                await asyncio.sleep(pause)

    def processor_seconds(self) -> float:
        """The processor time of the service so far and, on PostgreSQL, of all the server's processes."""
        return processor_seconds(self.pids)


def processor_seconds(pids: Sequence[int]) -> float:
    """The processor time that processes and their descendants have taken, those that ended included."""
    stats = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stats[int(folder.name)] = (folder / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
    family = {pid for pid in pids if pid in stats}
    while more := {pid for pid, stat in stats.items() if int(stat[1]) in family} - family:
        family |= more
    # Of what has ended, the parent keeps the sum.
    return sum(int(tick) for pid in family for tick in stats[pid][11:15]) / TICKS_A_SECOND


def resident_mb(pid: int, kind: str = "VmRSS") -> float:
    """What a process has in memory, or has had at most (`VmHWM`), in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)
