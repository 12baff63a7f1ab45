"""The service that is broken: its processes, its database, and the paid provider that it asks."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx2
from tests.support.databases import create_database
from tests.support.fleet import environment
from tests.support.installation import LIVE_KEY, TEST_KEY, add_live_key, make_settings
from tests.support.postgres import PostgresServer
from tests.support.processes import LeadyardProcess, free_port, run_leadyard
from tests.support.vendors.people import KEY, Somebody
from tests.support.vendors.people_data_labs import PeopleDataLabsVendor
from tests.support.vendors.server import VendorServer, serve_vendor

from leadyard.app import build
from leadyard.settings import Settings

Form = Literal["sqlite", "postgresql"]

DATABASE = "leadyard"
DISK_BYTES = 512 * 1024**2
CREDITS = "1000000000"
PAID = "people_data_labs"
FAKE_TIME_FOLDERS = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime")
FAKE_TIME_LIBRARY = "libfaketimeMT.so.1"


class WideVendor(PeopleDataLabsVendor):
    """Knows everybody whose profile does not say `stranger`."""

    def by_profile(self, address: object) -> Somebody | None:
        slug = str(address or "").rstrip("/").rpartition("/")[2]
        if not slug or "stranger" in slug:
            return None
        return Somebody(slug, "Ada", slug.title(), "CTO", "Acme", "acme.com", phone="+14155550123")


@dataclass(slots=True)
class Member:
    """One process of the service, which is started again under the same name and port."""

    name: str
    arguments: tuple[str, ...]
    env: dict[str, str]
    folder: Path
    preload: dict[str, str]
    port: int | None = None
    process: LeadyardProcess | None = None

    @property
    def url(self) -> str:
        """Where it listens, if it does."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.running()

    def start(self) -> None:
        """Starts it; it may not be ready yet."""
        self.process = run_leadyard(*self.arguments, env=self.env, folder=self.folder, preload=self.preload)

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()

    def terminate(self) -> int:
        """SIGTERM; its exit status."""
        assert self.process is not None
        return self.process.terminate()

    def freeze(self) -> None:
        """SIGSTOP."""
        if self.process is not None:
            self.process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        if self.process is not None:
            self.process.send(signal.SIGCONT)


@dataclass(slots=True)
class World:
    """Everything that can break. `clock_path` moves the time of day of its processes, if that is possible."""

    form: Form
    settings: Settings
    folder: Path
    servers: list[Member]
    workers: list[Member]
    vendor: WideVendor
    vendor_server: VendorServer
    postgres: PostgresServer | None = None
    clock_path: Path | None = None
    disk: Path | None = None
    is_paying: bool = True
    frozen: list[Member] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        """All processes."""
        return [*self.servers, *self.workers]

    @property
    def urls(self) -> list[str]:
        """Where the service can be asked."""
        return [member.url for member in self.servers]

    async def until_ready(self, seconds: float = 90.0) -> None:
        """Starts what has ended, and waits until all that serve say that they are ready."""
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as http, asyncio.timeout(seconds):
            while True:
                for member in self.members:
                    if not member.is_running:
                        member.start()
                answers = [await _is_ready(http, member) for member in self.servers]
                if all(answers):
                    return
                await asyncio.sleep(0.1)

    def shift_clock(self, offset: str) -> None:
        """Lets the processes believe that it is earlier or later: `+1h`, `-1h`, or `+0`."""
        assert self.clock_path is not None
        self.clock_path.write_text(offset + "\n")


async def _is_ready(http: httpx2.AsyncClient, member: Member) -> bool:
    with suppress(httpx2.TransportError):
        return (await http.get(f"{member.url}/readyz")).is_success
    return False


@asynccontextmanager
async def open_world(
    form: Form, folder: Path, *, is_paying: bool, has_small_disk: bool = True
) -> AsyncIterator[World]:
    """The service with an account of test and live data, ready; gone when the block ends.

    On PostgreSQL two processes serve and two work; on SQLite one does both. With `is_paying` leads of the
    live data go through a paid provider. With `has_small_disk` SQLite's file is on one that can be filled.
    """
    async with AsyncExitStack() as stack:
        has_disk = has_small_disk and form == "sqlite"
        disk = stack.enter_context(_small_disk(folder / "disk")) if has_disk else None
        data = disk or folder / "data"
        data.mkdir(exist_ok=True)
        postgres = stack.enter_context(PostgresServer()) if form == "postgresql" else None
        url = None if postgres is None else create_database(postgres, DATABASE)
        settings = make_settings(data, url, INITIAL_EMAIL_CREDITS=CREDITS, INITIAL_PHONE_CREDITS=CREDITS)
        await _set_up(settings)
        vendor = WideVendor()
        vendor_server = await stack.enter_async_context(serve_vendor(vendor.handle))
        preload, clock_path = _fake_time(folder)
        servers, workers = _members(form, settings, folder, preload)
        world = World(
            form,
            settings,
            folder,
            servers,
            workers,
            vendor,
            vendor_server,
            postgres,
            clock_path,
            disk,
            is_paying,
        )
        with ExitStack() as running:
            for member in world.members:
                running.callback(member.kill)
            await world.until_ready()
            if is_paying:
                await _buy_from(world)
            yield world


async def _set_up(settings: Settings) -> None:
    installation = build(settings)
    await installation.prepare()
    async with installation.database.write() as tx:
        await add_live_key(tx, installation)
    await installation.database.close()


def _members(
    form: Form, settings: Settings, folder: Path, preload: dict[str, str]
) -> tuple[list[Member], list[Member]]:
    env = environment(settings, ALLOWED_HOSTS="127.0.0.0/8", LOG_FORMAT="json")

    def server(name: str, *arguments: str) -> Member:
        port = free_port()
        home = folder / name
        home.mkdir()
        return Member(name, ("serve", "--port", str(port), *arguments), env, home, preload, port)

    def worker(name: str) -> Member:
        home = folder / name
        home.mkdir()
        return Member(name, ("worker",), env, home, preload)

    if form == "sqlite":
        return [server("service")], []
    servers = [server("api-1", "--no-worker"), server("api-2", "--no-worker")]
    return servers, [worker("worker-1"), worker("worker-2")]


async def _buy_from(world: World) -> None:
    """Lets the live data's leads go to the paid provider alone."""
    headers = {"Authorization": f"Bearer {LIVE_KEY}"}
    address = world.urls[0]
    async with httpx2.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=60) as http:
        options = {"base_url": world.vendor_server.url + world.vendor.base_path, "rate": 200.0}
        body = {"api_key": KEY, "options": options}
        (await http.put(f"/providers/{PAID}", json=body)).raise_for_status()
        order = {group: [PAID] for group in ("person", "email", "phone", "company")}
        (await http.put("/waterfall", json={"order": order})).raise_for_status()
        grants = [{"kind": kind, "amount": 1_000_000, "reason": "chaos"} for kind in ("email", "phone")]
        for grant in grants:
            (await http.post("/credits/grants", json=grant)).raise_for_status()


def _fake_time(folder: Path) -> tuple[dict[str, str], Path | None]:
    """How processes get a time of day that can be moved; nothing where libfaketime is not installed."""
    for place in FAKE_TIME_FOLDERS:
        library = Path(place) / FAKE_TIME_LIBRARY
        if library.exists():
            clock_path = folder / "clock"
            clock_path.write_text("+0\n")
            preload = {
                "LD_PRELOAD": str(library),
                "FAKETIME_TIMESTAMP_FILE": str(clock_path),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            }
            return preload, clock_path
    return {}, None


@contextmanager
def _small_disk(place: Path) -> Iterator[Path | None]:
    """A file system in memory that can be filled; None where this user may not mount one."""
    place.mkdir()
    options = f"size={DISK_BYTES}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


KEYS = {"test": TEST_KEY, "live": LIVE_KEY}
