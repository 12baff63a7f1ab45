"""PgBouncer in transaction mode before the PostgreSQL of the tests, where the machine has one."""

import contextlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.postgres import PORT, ROLE, ServerAddress, wait_until_it_answers
from tests.support.tether import TetheredProcess

CONFIGURATION = """
[databases]
* = host={server} port={port} user={role}

[pgbouncer]
unix_socket_dir = {folder}
listen_port = {port}
listen_addr =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
query_wait_timeout = 10
"""


def find_pgbouncer() -> str:
    """The program; the test is skipped without it."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    return program


@contextlib.contextmanager
def pgbouncer(server: ServerAddress, connections: int = 4) -> Iterator[ServerAddress]:
    """Where the pooler listens that shares so many connections to each database among all who come."""
    program = find_pgbouncer()
    account = pwd.getpwuid(Path(server.folder).stat().st_uid) if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="leadyard-pgb-", dir="/tmp"))
    file = folder / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(
            server=server.folder, port=PORT, role=ROLE, folder=folder, connections=connections
        )
    )
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        file.chmod(0o644)
    process = TetheredProcess(
        [program, str(file)], env={}, folder=folder, log_path=folder / "log", account=account, remove=folder
    )
    try:
        wait_until_it_answers(process, ServerAddress(str(folder)), folder / "log")
        yield ServerAddress(str(folder))
    finally:
        process.finish()
        shutil.rmtree(folder, ignore_errors=True)
