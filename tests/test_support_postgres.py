"""The PostgreSQL and the processes that other tests stand on."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from tests.support import databases, postgres
from tests.support.postgres import PostgresError, PostgresServer
from tests.support.postgres_binaries import BINARIES_VARIABLE, SUPPORTED_MAJORS, binaries_major
from tests.support.processes import ProcessError, free_port, run_leadyard
from tests.support.tether import TetheredProcess

ROOT = Path(__file__).resolve().parents[1]
GONE_SECONDS = 15.0
RUN_SECONDS = 120.0
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")


def binaries_of(origin: str) -> Path:
    """The binaries that a run would use, or those of the wheel."""
    if origin == "found":
        return postgres.find_binaries()
    wheel = postgres.wheel_binaries()
    if not wheel:
        pytest.skip("the wheel with PostgreSQL is not installed")
    return wheel[0]


@pytest.fixture(scope="module", params=["found", "wheel"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server of this module's own."""
    with PostgresServer(binaries_of(request.param)) as started:
        yield started


def value(server: postgres.Server, database: str, query: str) -> object:
    """The single value that a query answers."""
    with psycopg.connect(server.conninfo(database)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def becomes_true(condition: Callable[[], bool], seconds: float = GONE_SECONDS) -> bool:
    """Whether a condition holds before the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def python_environment(**more: str) -> dict[str, str]:
    """This environment, with the checkout importable."""
    return os.environ | {"PYTHONPATH": str(ROOT)} | more


@contextlib.contextmanager
def starter(code: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A Python process that starts something, prints what as a line of JSON, and stays."""
    program = f"{code}\nimport json, time\nprint(json.dumps(report), flush=True)\ntime.sleep(600)\n"
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=python_environment()) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


class TestServer:
    """Starting, reaching and ending it."""

    def test_server_answers_in_a_supported_version(self, server: PostgresServer) -> None:
        assert str(value(server, "postgres", "SELECT version()")).startswith("PostgreSQL ")
        number = value(server, "postgres", "SELECT current_setting('server_version_num')::int / 10000")
        assert number in SUPPORTED_MAJORS

    def test_server_runs_as_an_ordinary_user(self, server: PostgresServer) -> None:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert owner != 0
        if os.geteuid() == 0:
            groups = Path(f"/proc/{server.pid}/status").read_text().split("Groups:")[1].split("\n")[0]
            assert owner in [pwd.getpwnam(name).pw_uid for name in postgres.ACCOUNTS_FOR_ROOT]
            assert groups.split() == []
        else:
            assert owner == os.geteuid()

    def test_server_is_closed_to_others(self, server: PostgresServer) -> None:
        assert value(server, "postgres", "SHOW listen_addresses") == ""
        assert Path(server.address.folder).stat().st_mode & 0o077 == 0

    def test_server_takes_two_hundred_connections(self, server: PostgresServer) -> None:
        assert value(server, "postgres", "SHOW max_connections") == "200"

    def test_text_is_utf8_and_ordered_by_code_point(self, server: PostgresServer) -> None:
        assert value(server, "postgres", "SHOW server_encoding") == "UTF8"
        assert value(server, "postgres", "SELECT upper('é') || ('Z' < 'a')::text") == "Étrue"

    def test_url_is_understood_by_psycopg_and_sqlalchemy(self, server: PostgresServer) -> None:
        with databases.temporary_database(server, prefix="Odd name é&?") as name:
            url = server.url(name)
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT current_database(), current_user").fetchone()
            assert row == (name, "leadyard")
            engine = sqlalchemy.create_engine(sqlalchemy.make_url(url).set(drivername="postgresql+psycopg"))
            with engine.connect() as sqlalchemy_connection:
                assert sqlalchemy_connection.scalar(sqlalchemy.text("SELECT current_database()")) == name
            engine.dispose()

    def test_server_and_folder_are_gone_after_the_context(self) -> None:
        with PostgresServer() as started:
            pid, folder = started.pid, Path(started.address.folder)
            assert alive(pid)
            assert folder.is_dir()
        assert not alive(pid)
        assert not folder.exists()

    @pytest.mark.parametrize("origin", ["found", "wheel"])
    def test_server_and_folder_are_gone_after_the_parent_was_killed(self, origin: str) -> None:
        code = (
            "import sys; from pathlib import Path; from tests.support.postgres import PostgresServer\n"
            "server = PostgresServer(Path(sys.argv[1])); server.start()\n"
            "report = {'pid': str(server.pid), 'folder': server.address.folder}"
        )
        with starter(code, str(binaries_of(origin))) as (parent, report):
            pid, folder = int(report["pid"]), Path(report["folder"])
            assert alive(pid)
            os.kill(parent.pid, signal.SIGKILL)
            parent.wait()
            assert becomes_true(lambda: not alive(pid))
            assert becomes_true(lambda: not folder.exists())

    def test_start_that_fails_says_why_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(postgres.SETTINGS, "max_connections", "many")
        parent = Path(tempfile.mkdtemp(dir="/tmp"))
        parent.chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", str(parent))
        monkeypatch.setattr(postgres, "MEMORY_FOLDER", parent / "absent")
        refused = PostgresServer()
        with pytest.raises(PostgresError, match='invalid value for parameter "max_connections": "many"'):
            refused.start()
        with pytest.raises(PostgresError, match="not started"):
            _ = refused.address
        parent.rmdir()


class TestBinaries:
    """Where PostgreSQL is taken from."""

    def test_named_folder_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wheel = binaries_of("wheel")
        monkeypatch.setenv(BINARIES_VARIABLE, str(wheel))
        assert postgres.find_binaries() == wheel

    def test_named_folder_without_postgres_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
        with pytest.raises(PostgresError, match="holds no PostgreSQL 15 to 18"):
            postgres.find_binaries()

    def test_link_on_the_path_is_followed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        wheel = binaries_of("wheel")
        (tmp_path / "postgres").symlink_to(wheel / "postgres")
        monkeypatch.delenv(BINARIES_VARIABLE, raising=False)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert postgres.find_binaries() == wheel

    def test_too_old_postgres_is_passed_over(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for program in ("initdb", "pg_ctl", "postgres"):
            (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
            (tmp_path / program).chmod(0o755)
        assert binaries_major(tmp_path) == 14
        monkeypatch.delenv(BINARIES_VARIABLE, raising=False)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert postgres.find_binaries() != tmp_path

    @needs_root
    def test_binaries_out_of_reach_are_copied(self, tmp_path: Path) -> None:
        installation = binaries_of("wheel").parent
        package = tmp_path / "private" / installation.parent.name
        libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
        for part in ("bin", "lib", "share"):
            shutil.copytree(installation / part, package / installation.name / part)
        shutil.copytree(libraries, package.with_name(libraries.name))
        package.parent.chmod(0o700)
        with PostgresServer(package / installation.name / "bin") as started:
            program = Path(f"/proc/{started.pid}/exe").readlink()
            assert program.is_relative_to(started.address.folder)
            assert value(started, "postgres", "SELECT 1") == 1
        assert package.parent.stat().st_mode & 0o777 == 0o700


class TestDatabases:
    """The databases that tests work in."""

    def test_two_databases_are_apart(self, server: PostgresServer) -> None:
        with databases.temporary_database(server) as one, databases.temporary_database(server) as other:
            with psycopg.connect(server.conninfo(one)) as connection:
                connection.execute("CREATE TABLE leads (key text)")
            assert value(server, one, "SELECT to_regclass('leads') IS NOT NULL") is True
            assert value(server, other, "SELECT to_regclass('leads') IS NULL") is True

    def test_template_is_built_once_and_copied(self, server: PostgresServer) -> None:
        built: list[str] = []

        def build(url: str) -> None:
            built.append(url)
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE leads AS SELECT 7 AS answer")

        def prepare() -> str:
            with contextlib.closing(databases.DatabaseMaker(server)) as maker:
                return maker.prepare_template("leads", build)

        with ThreadPoolExecutor(3) as workers:
            asked = [workers.submit(prepare) for _ in range(3)]
        assert [answer.result() for answer in asked] == ["leads"] * 3
        assert len(built) == 1
        with databases.temporary_database(server, template="leads") as name:
            assert value(server, name, "SELECT answer FROM leads") == 7

    def test_template_that_cannot_be_built_is_no_template(self, server: PostgresServer) -> None:
        def fail(url: str) -> None:
            raise LookupError(url)

        with contextlib.closing(databases.DatabaseMaker(server)) as maker:
            with pytest.raises(LookupError):
                maker.prepare_template("second_try", fail)
            assert maker.prepare_template("second_try", lambda _url: None) == "second_try"

    def test_dropped_database_takes_its_connections_along(self, server: PostgresServer) -> None:
        databases.create_database(server, "short_lived")
        with psycopg.connect(server.conninfo("short_lived"), autocommit=True) as connection:
            databases.drop_database(server, "short_lived")
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        databases.drop_database(server, "short_lived")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            value(server, "short_lived", "SELECT 1")


SAMPLE_TESTS = """
import os, time
from pathlib import Path
import psycopg, pytest
from tests.support.databases import temporary_database

HERE = Path(__file__).parent

@pytest.mark.parametrize("number", range(2))
def test_asks_late(request, number):
    server = request.getfixturevalue("postgres_server")
    with temporary_database(server) as name:
        (HERE / f"{os.getpid()}.seen").write_text(f"{server.folder} {name}")
        psycopg.connect(server.conninfo(name)).close()
        deadline = time.monotonic() + 30
        while len(list(HERE.glob("*.seen"))) < WORKERS and time.monotonic() < deadline:
            time.sleep(0.01)

def test_asks_for_nothing():
    pass
"""


class TestPlugin:
    """One server for a run, whoever asks."""

    def run(self, folder: Path, workers: int, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the sample tests in a process of their own."""
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_sample.py").write_text(SAMPLE_TESTS.replace("WORKERS", str(workers or 1)))
        plugins = ["-p", "xdist", "-p", "tests.support.plugin"]
        command = [sys.executable, "-m", "pytest", *plugins, "-n", str(workers), "-q"]
        return subprocess.run(
            [*command, *options],
            cwd=folder,
            env=python_environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **env),
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )

    @pytest.mark.parametrize("workers", [0, 2])
    def test_workers_share_one_server_until_the_end(self, tmp_path: Path, workers: int) -> None:
        run = self.run(tmp_path, workers)
        assert "3 passed" in run.stdout, run.stdout + run.stderr
        seen = [path.read_text().split() for path in tmp_path.glob("*.seen")]
        assert len(seen) == max(workers, 1)
        assert len({folder for folder, _ in seen}) == 1
        assert len({name for _, name in seen}) == len(seen)
        assert not Path(seen[0][0]).exists()

    def test_run_that_asks_for_nothing_starts_nothing(self, tmp_path: Path) -> None:
        nothing = {BINARIES_VARIABLE: str(tmp_path)}
        run = self.run(tmp_path, 2, "-k", "nothing", **nothing)
        assert "1 passed" in run.stdout, run.stdout + run.stderr

    def test_worker_learns_why_there_is_no_server(self, tmp_path: Path) -> None:
        nothing = {BINARIES_VARIABLE: str(tmp_path)}
        run = self.run(tmp_path, 2, **nothing)
        assert "1 passed" in run.stdout, run.stdout + run.stderr
        assert "holds no PostgreSQL 15 to 18" in run.stdout


FAKE_LEADYARD = """
import http.server, json, os, signal, subprocess, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(7))
child = subprocess.Popen(["sleep", "600"])
print(json.dumps({"child": child.pid, "env": dict(os.environ), "group": os.getpgrp()}), flush=True)
if sys.argv[1] == "serve":
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
sys.exit("nothing to do")
"""


class TestProcesses:
    """Leadyard in a process of its own; here a stand-in of the same name, which has a child."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder in which `python -m leadyard` finds the stand-in before anything installed."""
        (tmp_path / "leadyard.py").write_text(FAKE_LEADYARD)
        return tmp_path

    def test_process_starts_clean_and_terminates(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LEADYARD_SECRET_KEY", "of the caller")
        monkeypatch.setenv("PGHOST", "elsewhere")
        port = free_port()
        with run_leadyard("serve", str(port), env={"LEADYARD_DATA_DIR": "x"}, folder=folder) as process:
            process.wait_until_ready(f"http://127.0.0.1:{port}")
            report = json.loads(process.log().splitlines()[0])
            assert set(report["env"]) - {"LC_CTYPE"} <= {"PATH", "HOME", "LEADYARD_DATA_DIR"}
            assert report["group"] == process.pid != os.getpgrp()
            assert process.returncode is None
            assert process.terminate(10) == 7
            assert becomes_true(lambda: not alive(report["child"]))
        assert process.returncode == 7

    def test_killed_process_takes_its_children_along(self, folder: Path) -> None:
        port = free_port()
        with run_leadyard("serve", str(port), env={}, folder=folder) as process:
            process.wait_until_ready(f"http://127.0.0.1:{port}")
            child = json.loads(process.log().splitlines()[0])["child"]
            assert process.kill() == -signal.SIGKILL
        assert becomes_true(lambda: not alive(child))

    def test_process_that_ends_early_shows_its_log(self, folder: Path) -> None:
        with run_leadyard("doctor", env={}, folder=folder) as process:
            with pytest.raises(ProcessError, match="nothing to do"):
                process.wait_until_ready("http://127.0.0.1:9")
            assert process.wait(5) == 1

    def test_second_process_has_its_own_log(self, folder: Path) -> None:
        with (
            run_leadyard("one", env={}, folder=folder) as one,
            run_leadyard("two", env={}, folder=folder) as two,
        ):
            assert one.log_path != two.log_path

    def test_other_settings_are_refused(self, folder: Path) -> None:
        with pytest.raises(ValueError, match="not PGHOST"):
            run_leadyard("serve", env={"PGHOST": "x"}, folder=folder)

    def test_process_and_child_are_gone_after_the_parent_was_killed(self, folder: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from tests.support.processes import *\n"
            "port = free_port()\n"
            "process = run_leadyard('serve', str(port), env={}, folder=Path(sys.argv[1]))\n"
            "process.wait_until_ready(f'http://127.0.0.1:{port}')\n"
            "report = {'pid': str(process.pid), 'log': process.log().splitlines()[0]}"
        )
        with starter(code, str(folder)) as (parent, report):
            pid, child = int(report["pid"]), json.loads(report["log"])["child"]
            assert alive(pid)
            assert alive(child)
            os.kill(parent.pid, signal.SIGKILL)
            parent.wait()
            assert becomes_true(lambda: not alive(pid) and not alive(child))

    def test_process_outlives_the_thread_that_started_it(self, tmp_path: Path) -> None:
        started: list[TetheredProcess] = []

        def start() -> None:
            command = ["/bin/sleep", "600"]
            started.append(TetheredProcess(command, env={}, folder=tmp_path, log_path=tmp_path / "log"))

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        assert not started[0].wait(0.3)
        assert started[0].finish() == -signal.SIGKILL

    @pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
    def test_free_port_can_be_bound(self, kind: socket.SocketKind) -> None:
        with socket.socket(type=kind) as listener:
            listener.bind(("127.0.0.1", free_port()))

    def test_free_port_is_none_that_the_system_gives_away(self) -> None:
        given = Path("/proc/sys/net/ipv4/ip_local_port_range")
        lowest = int(given.read_text().split()[0]) if given.exists() else 0
        if lowest < 32_768:
            pytest.skip("this system gives away lower ports, too, or does not tell")
        assert all(free_port() < lowest for _ in range(100))
