"""Copies of a PostgreSQL database by its own programs, pg_dump and pg_restore.

The password reaches them in the environment or a password file, never on the command line, which everybody on
the machine can read.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import IO, NamedTuple

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text

from leadyard.storage.backup_file import BackupFailed, copy_bytes
from leadyard.storage.database import Database, Tx
from leadyard.storage.dialects.postgresql_connections import is_pooled
from leadyard.storage.migrate import read_revision

_TABLES = text(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() "
    "AND table_type = 'BASE TABLE' ORDER BY table_name"
)
_SNAPSHOT = text("SELECT pg_export_snapshot()")
_SERVER = text("SELECT current_setting('server_version_num')")
_SECRET_PARAMETERS = ("password", "sslpassword")


class Dumped(NamedTuple):
    """What a dump holds, and the major version of the pg_dump that wrote it."""

    revision: str | None
    rows: dict[str, int]
    tool: int


async def dump_database(database: Database, url: str, target: IO[bytes]) -> Dumped:
    """Writes one state of the database, in pg_dump's own format, while others write on.

    What is told of it is read from the same state. Raises BackupFailed, and DatabaseTooNew.
    """
    program, tool = find_program("pg_dump")
    async with database.read() as tx:
        await require_no_pooler(tx)
        server = await _server_version(tx)
        if tool < server:
            raise BackupFailed(
                f"{program} is of PostgreSQL {tool}, the server is {server}: install PostgreSQL {server}'s "
                "client programs, and put them first on the PATH."
            )
        revision = await tx.conn.run_sync(read_revision)
        rows = await _count_rows(tx)
        snapshot = (await tx.conn.execute(_SNAPSHOT)).scalar_one()
        command = [program, "--format=custom", "--no-password", f"--snapshot={snapshot}"]

        def receive(process: subprocess.Popen[bytes]) -> None:
            assert process.stdout is not None
            copy_bytes(process.stdout, target)

        await asyncio.to_thread(_run, command, url, receive, stdout=subprocess.PIPE)
    return Dumped(revision, rows, tool)


async def load_dump(database: Database, url: str, made_by: int, send: Callable[[IO[bytes]], None]) -> None:
    """Restores a dump into an empty database: all of it, or nothing. Raises BackupFailed.

    `send` writes the dump; `made_by` is the version of its pg_dump.
    """
    program, tool = find_program("pg_restore")
    if tool < made_by:
        raise BackupFailed(
            f"The backup was made by PostgreSQL {made_by}'s pg_dump, and {program} is of PostgreSQL {tool}: "
            "install the client programs of that version."
        )
    command = [program, "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", "--no-password"]

    def feed(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        # Who breaks the pipe says why when it ends.
        with suppress(BrokenPipeError):
            send(process.stdin)
        with suppress(BrokenPipeError):
            process.stdin.close()

    await asyncio.to_thread(_run, command, url, feed, stdin=subprocess.PIPE)
    async with database.write() as tx:
        await tx.conn.execute(text("ANALYZE"))


async def count_rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.read() as tx:
        return await _count_rows(tx)


async def require_no_tables(tx: Tx) -> None:
    """Raises BackupFailed unless the database has no table at all."""
    if (await tx.conn.execute(_TABLES)).first() is not None:
        raise BackupFailed("The PostgreSQL database has tables already: name an empty database.")


async def require_no_pooler(tx: Tx) -> None:
    """Raises BackupFailed behind a pooler: what PostgreSQL's programs set would stay set for others."""
    if await is_pooled(tx.conn):
        raise BackupFailed(
            "LEADYARD_DATABASE_URL leads to a pooler: for this command, set it to the server itself."
        )


def find_program(name: str) -> tuple[str, int]:
    """The path and the major version of one of PostgreSQL's programs. Raises BackupFailed without it."""
    program = shutil.which(name)
    if program is None:
        raise BackupFailed(f"{name} is not on the PATH: install PostgreSQL's client programs.")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"\(PostgreSQL\) (\d+)", told)
    if version is None:
        raise BackupFailed(f"{program} does not say which version of PostgreSQL it is of.")
    return program, int(version[1])


async def _server_version(tx: Tx) -> int:
    return int((await tx.conn.execute(_SERVER)).scalar_one()) // 10_000


async def _count_rows(tx: Tx) -> dict[str, int]:
    names = (await tx.conn.execute(_TABLES)).scalars().all()
    return {
        name: (await tx.conn.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names
    }


def _run(
    command: list[str],
    url: str,
    talk: Callable[[subprocess.Popen[bytes]], None],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> None:
    """Runs one of the programs on a database. Raises BackupFailed with its first error."""
    address = conninfo_to_dict(url)
    environment = dict(os.environ)
    if password := address.get("password"):
        environment["PGPASSWORD"] = str(password)
    shown = {name: str(value) for name, value in address.items() if name not in _SECRET_PARAMETERS}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603
            [*command, f"--dbname={make_conninfo(**shown)}"],
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=errors,
        )
        try:
            talk(process)
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode != 0:
            errors.seek(0)
            raise BackupFailed(_first_error(command[0], errors.read().decode(errors="replace")))


def _first_error(program: str, told: str) -> str:
    """The first error that a program tells; what follows it may quote rows."""
    lines = [line for line in told.splitlines() if "error:" in line]
    return lines[0].strip() if lines else f"{program} failed."
