"""A real PostgreSQL, for tests and benchmarks only: own folder, own socket, no TCP port, no root.

`PostgresServer` starts one from whatever binaries `find_binaries` finds.
"""

import contextlib
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo
from tests.support.postgres_binaries import (
    PostgresError,
    binaries_major,
    copy_installation,
    find_binaries,
    reachable,
    wheel_binaries,
)
from tests.support.tether import TetheredProcess

__all__ = [
    "PostgresError",
    "PostgresServer",
    "Server",
    "ServerAddress",
    "find_binaries",
    "wheel_binaries",
]

BUILTIN_LOCALE_SINCE_MAJOR = 17
ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
ROLE = "leadyard"
PORT = 5432
MAX_CONNECTIONS = 200
# A socket's path ends at 107 bytes; the folder's own name and the socket's take 40 of them.
MAX_PARENT_BYTES = 60
# Creating a database writes some 300 files: in memory that took a tenth of the time it took on a disk.
MEMORY_FOLDER = Path("/dev/shm")
MIN_MEMORY_FREE_BYTES = 2 * 1024**3
INITDB_SECONDS = 120.0
START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.01
LOG_TAIL_CHARS = 3000

CLUSTER_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--auth-local=trust",
    "--auth-host=reject",
    "--no-sync",
    "--no-instructions",
)

# Durability against a crash of the machine is given up, nothing else: isolation, locks, constraints and the
# order of commits are those of a server in earnest.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": str(MAX_CONNECTIONS),
    "fsync": "off",
    "full_page_writes": "off",
    "backend_flush_after": "0",
    "bgwriter_flush_after": "0",
    "checkpoint_flush_after": "0",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_UNSAFE = {name for name in SETTINGS if name.endswith("_flush_after")} | {
    "fsync",
    "full_page_writes",
    "max_wal_size",
}

DURABLE_SETTINGS = {name: value for name, value in SETTINGS.items() if name not in _UNSAFE}
"""Whatever a server does by default with what is committed, for measuring."""


class Server(Protocol):
    """Whatever can say how to reach one of its databases."""

    def conninfo(self, database: str) -> str:
        """The database in libpq's `key=value` form."""

    def url(self, database: str) -> str:
        """The database as a URL that psycopg and SQLAlchemy both take."""


@dataclass(frozen=True)
class ServerAddress:
    """Where a running server listens, which is all that another process needs to know of it."""

    folder: str

    def conninfo(self, database: str) -> str:
        """The database in libpq's `key=value` form."""
        return make_conninfo(host=self.folder, port=PORT, user=ROLE, dbname=database)

    def url(self, database: str) -> str:
        """The database as a URL that psycopg and SQLAlchemy both take."""
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={quote(self.folder)}&port={PORT}"


class PostgresServer:
    """One server for as long as the context lasts; gone with its folder, however this process ends.

    A `durable` one is on the disk and loses nothing that is committed. One with a folder to `keep` its data
    in leaves them there, and finds them when it is started the next time.
    """

    def __init__(
        self, binaries: Path | None = None, *, durable: bool = False, keep: Path | None = None
    ) -> None:
        """Nothing is started before the context is entered; `binaries` are looked for unless given."""
        self._binaries = binaries
        self._settings = DURABLE_SETTINGS if durable else SETTINGS
        self._in_memory = not durable
        self._keep = keep
        self._process: TetheredProcess | None = None
        self._folder: Path | None = None
        self._used_binaries: Path
        self._account: pwd.struct_passwd | None

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    @property
    def address(self) -> ServerAddress:
        """Where it listens."""
        if self._folder is None:
            raise PostgresError("the server is not started")
        return ServerAddress(str(self._folder))

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        if self._process is None:
            raise PostgresError("the server is not started")
        return self._process.pid

    def conninfo(self, database: str) -> str:
        """The database in libpq's `key=value` form."""
        return self.address.conninfo(database)

    def url(self, database: str) -> str:
        """The database as a URL that psycopg and SQLAlchemy both take."""
        return self.address.url(database)

    def start(self) -> None:
        """Make a cluster in a new folder and serve it; back when it answers."""
        if self._folder is not None:
            raise PostgresError("the server is started already")
        binaries = self._binaries or find_binaries()
        account = _account_for_root() if os.geteuid() == 0 else None
        if self._keep is None:
            self._folder, binaries = _make_folder(binaries, account, in_memory=self._in_memory)
        else:
            self._folder = _open_folder(self._keep, account)
        self._used_binaries, self._account = binaries, account
        try:
            if not (self._folder / "data/PG_VERSION").exists():
                _make_cluster(binaries, account, self._folder, self._removed)
            self._process = self._serve(self._folder)
            wait_until_it_answers(self._process, self.address, self._folder / "log")
        except BaseException:
            self.stop()
            raise

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Shut it down for as long as the block lasts, and start it again over the same data."""
        if self._process is None or self._folder is None:
            raise PostgresError("the server is not started")
        self._process.send(signal.SIGINT)
        self._process.wait(STOP_SECONDS)
        self._process.finish()
        try:
            yield
        finally:
            self._process = self._serve(self._folder)
            wait_until_it_answers(self._process, self.address, self._folder / "log")

    def crash(self, away_seconds: float = 0.0) -> None:
        """Kill it without a word, and start it again over what it left, which it recovers from."""
        if self._process is None or self._folder is None:
            raise PostgresError("the server is not started")
        self._process.finish()
        time.sleep(away_seconds)
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._process = self._serve(self._folder)
            try:
                return wait_until_it_answers(self._process, self.address, self._folder / "log")
            except PostgresError:
                # Processes of the killed server may not have noticed yet, and keep its memory.
                self._process.finish()
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Break off every connection, shut down, delete the folder; nothing if it is not started."""
        if self._process is not None:
            self._process.send(signal.SIGINT)
            if not self._process.wait(STOP_SECONDS):
                self._process.send(signal.SIGQUIT)
                self._process.wait(STOP_SECONDS)
            self._process.finish()
            self._process = None
        if self._folder is not None:
            if self._keep is None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @property
    def _removed(self) -> Path | None:
        """What is deleted should this process die."""
        return self._folder if self._keep is None else None

    def _serve(self, folder: Path) -> TetheredProcess:
        return _serve_cluster(self._used_binaries, self._account, folder, self._settings, self._removed)


def _account_for_root() -> pwd.struct_passwd:
    """An existing ordinary account: PostgreSQL refuses root, and asks for the name of its user."""
    for name in ACCOUNTS_FOR_ROOT:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError(f"as root, one of these accounts must exist: {', '.join(ACCOUNTS_FOR_ROOT)}")


def _open_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder that stays, for the server's account only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder.resolve()


def _make_folder(binaries: Path, account: pwd.struct_passwd | None, *, in_memory: bool) -> tuple[Path, Path]:
    """A new folder for the server's account only, and the binaries: a copy in it if they are out of reach."""
    in_reach = reachable(binaries, account)
    for parent in _parent_folders(account, in_memory=in_memory):
        folder = Path(tempfile.mkdtemp(prefix="leadyard-pg-", dir=parent))
        try:
            if account is not None:
                os.chown(folder, account.pw_uid, account.pw_gid)
            usable = binaries if in_reach else copy_installation(binaries, folder / "software")
            if in_reach or reachable(usable, account):
                return folder, usable
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder)  # mounted without the right to run programs
    raise PostgresError("no temporary folder has a short path that the server's account can pass and run in")


def _parent_folders(account: pwd.struct_passwd | None, *, in_memory: bool) -> Iterator[Path]:
    """Where the server's folder can be: in memory if there is plenty, else among the temporary files."""
    if (
        in_memory
        and os.access(MEMORY_FOLDER, os.W_OK)
        and shutil.disk_usage(MEMORY_FOLDER).free >= MIN_MEMORY_FREE_BYTES
    ):
        yield MEMORY_FOLDER
    for parent in (Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve()):
        short = len(os.fsencode(parent)) <= MAX_PARENT_BYTES
        if short and (account is None or _open_to_all((parent, *parent.parents))):
            yield parent


def _open_to_all(folders: Iterable[Path]) -> bool:
    """Whether any account can pass through each of the folders."""
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def _make_cluster(
    binaries: Path, account: pwd.struct_passwd | None, folder: Path, removed: Path | None
) -> None:
    """Run `initdb`: UTF-8, the same order of text on every machine, trust over the folder's own socket."""
    locale = ["--locale=C.UTF-8"]
    if (binaries_major(binaries) or 0) >= BUILTIN_LOCALE_SINCE_MAJOR:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    process = TetheredProcess(
        [str(binaries / "initdb"), f"--pgdata={folder / 'data'}", *CLUSTER_OPTIONS, *locale],
        env=_environment(binaries),
        folder=folder,
        log_path=folder / "log",
        account=account,
        remove=removed,
    )
    in_time = process.wait(INITDB_SECONDS)
    if process.finish() != 0 or not in_time:
        raise PostgresError(f"initdb failed:\n{_log_tail(folder / 'log')}")


def _serve_cluster(
    binaries: Path,
    account: pwd.struct_passwd | None,
    folder: Path,
    settings: Mapping[str, str],
    removed: Path | None,
) -> TetheredProcess:
    """Start the postmaster. Should this process die, it shuts down at once and leaves no shared memory."""
    chosen = {**settings, "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    return TetheredProcess(
        [str(binaries / "postgres"), "-D", str(folder / "data"), *options],
        env=_environment(binaries),
        folder=folder,
        log_path=folder / "log",
        account=account,
        farewell=signal.SIGQUIT,
        remove=removed,
    )


def _environment(binaries: Path) -> dict[str, str]:
    """Nothing of the caller's: PGDATA, PGOPTIONS, TZ and their like must not reach the server."""
    return {"PATH": f"{binaries}:/usr/bin:/bin", "TZ": "UTC"}


def wait_until_it_answers(process: TetheredProcess, address: ServerAddress, log_path: Path) -> None:
    """Connect again and again until the server, or what stands before it, takes it."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address.conninfo("postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if not process.running() or time.monotonic() > deadline:
                raise PostgresError(f"the server does not answer: {error}\n{_log_tail(log_path)}") from error
        time.sleep(POLL_SECONDS)


def _log_tail(log_path: Path) -> str:
    """The end of the log."""
    return log_path.read_text(errors="replace")[-LOG_TAIL_CHARS:]
