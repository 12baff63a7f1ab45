"""A standby that follows a server of the tests, made by `pg_basebackup`, until it is promoted."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.support.postgres import (
    SETTINGS,
    PostgresError,
    PostgresServer,
    ServerAddress,
    wait_until_it_answers,
)
from tests.support.postgres_binaries import OF_STANDBYS, find_binaries
from tests.support.tether import TetheredProcess

SECONDS = 60.0


def require_standbys() -> None:
    """Skips the test where the programs found have none that makes a standby."""
    if not (find_binaries() / OF_STANDBYS).exists():
        pytest.skip(f"this installation of PostgreSQL has no {OF_STANDBYS}")


def execute(server: PostgresServer | ServerAddress, statement: str, database: str = "postgres") -> object:
    """Runs a statement outside of any transaction; the first value of its first row, if it has rows."""
    with psycopg.connect(server.conninfo(database), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]


def kill(server: PostgresServer) -> None:
    """Kills a server without a word; it does not come back."""
    os.kill(server.pid, signal.SIGKILL)


@contextlib.contextmanager
def following(primary: PostgresServer) -> Iterator[ServerAddress]:
    """A standby without which the primary acknowledges nothing from now on."""
    folder = Path(tempfile.mkdtemp(prefix="leadyard-sb-", dir=Path(primary.address.folder).parent))
    address = ServerAddress(str(folder))
    if os.geteuid() == 0:
        owner = Path(primary.address.folder).stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
    process: TetheredProcess | None = None
    try:
        where = primary.conninfo("postgres").replace("dbname=postgres", "application_name=standby")
        copying = _run(
            primary, folder, OF_STANDBYS, f"--pgdata={folder / 'data'}", f"--dbname={where}",
            "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        in_time = copying.wait(SECONDS)
        if copying.finish() != 0 or not in_time:
            raise PostgresError(f"{OF_STANDBYS} failed:\n{(folder / 'log').read_text(errors='replace')}")
        settings = {**SETTINGS, "unix_socket_directories": str(folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        process = _run(primary, folder, "postgres", "-D", str(folder / "data"), *options)
        wait_until_it_answers(process, address, folder / "log")
        execute(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        execute(primary, "SELECT pg_reload_conf()")
        yield address
    finally:
        if process is not None:
            process.send(signal.SIGQUIT)
            process.wait(SECONDS)
            process.finish()
        shutil.rmtree(folder, ignore_errors=True)


def _run(primary: PostgresServer, folder: Path, program: str, *arguments: str) -> TetheredProcess:
    """One of the programs that the primary was started with, as its account."""
    binaries = primary._used_binaries
    return TetheredProcess(
        [str(binaries / program), *arguments],
        env={"PATH": f"{binaries}:/usr/bin:/bin", "TZ": "UTC"},
        folder=folder,
        log_path=folder / "log",
        account=primary._account,
        farewell=signal.SIGQUIT,
        remove=folder,
    )
