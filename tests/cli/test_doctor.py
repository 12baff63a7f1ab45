from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from tests.cli.command_line import NOBODY, PASSWORD, CommandLine
from tests.support.databases import drop_database
from tests.support.dns_server import DnsServer, Manner, serve_dns
from tests.support.installation import TEST_KEY, Service, create_list, make_settings
from tests.support.postgres import ServerAddress
from tests.support.processes import free_port

from leadyard.app import build, make_probing
from leadyard.cli import checks
from leadyard.cli.checks import Finding, Level, Outside
from leadyard.cli.main import MOVED_MARK
from leadyard.domain.lead_lists import CHUNK_SIZE
from leadyard.settings import load_settings
from leadyard.storage.diagnosis import Diagnosis

HOUR_MS = 3_600_000


def findings(
    cli: CommandLine, *, status: int = 0, outside: Outside = NOBODY, **changed: Any
) -> dict[str, Any]:
    """What the doctor found, by the name of the check; of two disks the worse one."""
    result = cli.run("doctor", "--json", outside=outside, **changed)
    assert (result.exit_code, result.stderr) == (status, "")
    found: dict[str, Any] = {}
    for each in json.loads(result.stdout)["checks"]:
        if each["check"] not in found or found[each["check"]].level is Level.OK:
            found[each["check"]] = Finding(**{**each, "level": Level(each["level"])})
    return found


def level(found: dict[str, Finding], check: str) -> str:
    """How well a thing is; what is not well comes with advice."""
    finding = found[check]
    assert (finding.advice is None) == (finding.level is Level.OK)
    return finding.level


def execute(cli: CommandLine, statement: str, *values: Any) -> None:
    """Changes the database behind the service's back."""
    if cli.settings.is_sqlite:
        with sqlite3.connect(cli.settings.data_path / "leadyard.db") as connection:
            connection.execute(statement, values)
    else:
        with psycopg.connect(cli.settings.database_url or "") as server:
            server.execute(statement.replace("?", "%s"), values)


@asynccontextmanager
async def open_service(cli: CommandLine) -> AsyncIterator[Service]:
    """The API on the commands' database."""
    installation = build(cli.settings)
    yield Service(installation)
    await installation.database.close()


@contextmanager
def listening() -> Iterator[int]:
    """A port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def silent() -> Iterator[int]:
    """A port of this machine that neither takes connections nor refuses them: its queue is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = server.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address[1]


def test_sound_installation_is_ok_throughout(cli: CommandLine) -> None:
    with listening() as port:
        outside = replace(NOBODY, mail_port=port)
        found = findings(cli, outside=outside)
        told = cli.run("doctor", outside=outside)
    assert {level(found, check) for check in found} == {"ok"}
    names = ["database", "migrations", "jobs", "clock", "disk", "secret key", "dns", "port 25", "smtp probe"]
    assert [name for name in found if name != "sqlite"] == names
    assert [line.split()[0] for line in told.stdout.splitlines()] == ["ok"] * len(found)
    assert told.stderr == "Faults: 0, warnings: 0.\n"


def test_database_is_named_with_version_and_size(cli: CommandLine) -> None:
    found = findings(cli)["database"].found
    if cli.settings.is_sqlite:
        assert found.startswith(f"SQLite {sqlite3.sqlite_version} in {cli.settings.data_dir}/leadyard.db, ")
    else:
        assert found.startswith("PostgreSQL 1")
    assert found.endswith(("kB.", "MB."))


def test_before_the_first_start_there_is_nothing_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    cli = CommandLine(make_settings(tmp_path / "data", SECRET_KEY=""))
    found = findings(cli)
    assert level(found, "database") == "warning"
    assert level(found, "disk") == "ok"
    assert level(found, "secret key") == "ok"
    assert list(tmp_path.iterdir()) == []


def test_doctor_changes_nothing_and_waits_for_nobody_who_writes(embedded: CommandLine) -> None:
    folder = embedded.settings.data_path
    writer = sqlite3.connect(folder / "leadyard.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE accounts SET name = 'Acme'")
    before = _digests(folder)
    started = time.monotonic()
    found = findings(embedded)
    assert time.monotonic() - started < 5
    assert level(found, "database") == level(found, "jobs") == "ok"
    assert _digests(folder) == before
    writer.close()


def test_what_a_killed_process_left_in_the_log_is_read_and_left_there(
    embedded: CommandLine, tmp_path: Path
) -> None:
    file, left = embedded.settings.data_path / "leadyard.db", tmp_path / "left"
    left.mkdir()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    for path in (file, file.with_name("leadyard.db-wal")):
        shutil.copy(path, left)
    connection.close()
    before = _digests(left)
    assert level(findings(embedded, status=1, data_dir=left), "migrations") == "fault"
    assert _digests(left) == before


def test_sqlite_file_in_another_journal_mode_is_read_and_left_in_it(embedded: CommandLine) -> None:
    file = embedded.settings.data_path / "leadyard.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    before = file.read_bytes()
    assert level(findings(embedded), "migrations") == "ok"
    assert file.read_bytes() == before


def _digests(folder: Path) -> dict[str, str]:
    """The files of a folder, but for the shared memory that SQLite's readers meet in."""
    files = (path for path in folder.iterdir() if not path.name.endswith("-shm"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_newer_database_is_a_fault(cli: CommandLine) -> None:
    execute(cli, "UPDATE alembic_version SET version_num = '9999'")
    found = findings(cli, status=1)
    assert level(found, "migrations") == "fault"
    assert "jobs" not in found
    line = next(line for line in cli.run("doctor").stdout.splitlines() if "migrations" in line)
    assert line.startswith("FAULT ")


def test_empty_database_is_a_warning(embedded: CommandLine, empty_database: str) -> None:
    found = findings(embedded, database_url=empty_database)
    assert (level(found, "database"), level(found, "migrations")) == ("ok", "warning")


def test_older_database_is_a_warning() -> None:
    older = Diagnosis(True, "3.45.0", True, "UTF8", 1_000, "0000", False, None)
    assert checks.check_migrations(older).level is Level.WARNING


@pytest.mark.parametrize(
    "url", ["postgresql://leadyard:{}@127.0.0.1:{}/leadyard", "postgresql://u:{}@[::1/{}"]
)
def test_postgresql_that_is_away_is_a_fault_that_shows_no_password(embedded: CommandLine, url: str) -> None:
    url = url.format(PASSWORD, free_port())
    assert level(findings(embedded, status=1, database_url=url), "database") == "fault"
    assert PASSWORD not in embedded.run("doctor", database_url=url).output


def test_old_postgresql_is_a_fault() -> None:
    good = Diagnosis(False, "15.0", True, "UTF8", 1_000, None, False, None)
    assert checks.check_database(good, None).level is Level.OK
    assert checks.check_database(replace(good, is_supported=False), None).level is Level.FAULT


@pytest.mark.parametrize(
    "content", [b"not a database, and long enough to be one" * 100, b"SQLite format 3\0"]
)
def test_file_that_is_no_database_is_a_fault(embedded: CommandLine, content: bytes) -> None:
    (embedded.settings.data_path / "leadyard.db").write_bytes(content)
    assert level(findings(embedded, status=1), "database") == "fault"


def test_postgresql_in_another_encoding_is_a_fault(
    embedded: CommandLine, postgres_server: ServerAddress
) -> None:
    with psycopg.connect(postgres_server.conninfo("postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    try:
        found = findings(embedded, status=1, database_url=postgres_server.url("ascii"))
    finally:
        drop_database(postgres_server, "ascii")
    assert level(found, "database") == "fault"
    assert "SQL_ASCII" in found["database"].found


def test_data_that_was_moved_is_a_fault_while_sqlite_is_set(
    embedded: CommandLine, empty_database: str
) -> None:
    (embedded.settings.data_path / MOVED_MARK).touch()
    assert level(findings(embedded, status=1), "database") == "fault"
    assert level(findings(embedded, database_url=empty_database), "database") == "ok"


async def test_unfinished_lists_are_counted_and_are_stuck_without_jobs(
    cli: CommandLine, service: Service
) -> None:
    async with service.client(TEST_KEY) as client:
        leads = [{"email": f"{number}@acme.example"} for number in range(CHUNK_SIZE + 1)]
        await create_list(client, "email", leads)
        await create_list(client, "email", [])

    def look(*, hours: float = 0) -> Finding:
        old = int((time.time() - 3_600 * hours) * 1_000)
        execute(cli, "UPDATE lead_lists SET updated_at = ?", old)
        found: Finding = findings(cli)["jobs"]
        return found

    fresh = await asyncio.to_thread(look)
    assert fresh == Finding("jobs", Level.OK, "2 lists are not finished, with 3 jobs.")
    still = await asyncio.to_thread(look, hours=1)
    assert still.level is Level.WARNING
    assert still.found.startswith("3 jobs wait, and no list has moved since ")
    table = "chunks" if cli.settings.is_sqlite else "procrastinate_jobs"
    await asyncio.to_thread(execute, cli, f"DELETE FROM {table}")
    stuck = await asyncio.to_thread(look, hours=1)
    assert (stuck.level, stuck.found) == (Level.WARNING, "2 lists have work but no job.")
    await asyncio.to_thread(execute, cli, "UPDATE lead_lists SET status = 'canceled'")
    assert (await asyncio.to_thread(look, hours=1)).found == "Nothing waits."


@pytest.mark.parametrize("table", ["credit_entries", "api_keys", "additions", "lead_lists"])
async def test_clock_behind_what_sqlite_holds_is_a_fault(embedded: CommandLine, table: str) -> None:
    async with open_service(embedded) as service, service.client(TEST_KEY) as client:
        for _ in range(2):
            await create_list(client, "email", [])
    column = "updated_at" if table == "lead_lists" else "created_at"
    tomorrow = int(time.time() * 1_000) + 24 * HOUR_MS + 60_500
    newest = f"UPDATE {table} SET {column} = ? WHERE id = (SELECT max(id) FROM {table})"
    await asyncio.to_thread(execute, embedded, newest, tomorrow)
    found = await asyncio.to_thread(findings, embedded, status=1)
    assert level(found, "clock") == "fault"
    assert found["clock"].found.startswith("The clock is 1 days and 0:0")


@pytest.mark.parametrize("table", ["credit_entries", "api_keys"])
def test_clock_a_second_behind_is_ok(embedded: CommandLine, table: str) -> None:
    soon = int(time.time() * 1_000) + 1_500
    execute(embedded, f"UPDATE {table} SET created_at = ?", soon)
    assert level(findings(embedded), "clock") == "ok"


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(1.9, "ok"), (-1.9, "ok"), (3, "warning"), (-3, "warning"), (61, "fault"), (-61, "fault")],
)
def test_clock_apart_from_the_database_servers_is_told_by_how_far(seconds: float, wanted: str) -> None:
    finding = checks.check_clock(timedelta(seconds=seconds), is_sqlite=False)
    assert finding.level == wanted
    if wanted != "ok":
        assert ("ahead" if seconds > 0 else "behind") in finding.found


def test_folder_that_cannot_be_written_to_is_a_fault(embedded: CommandLine) -> None:
    found = findings(embedded, status=1, data_dir="/proc/leadyard", secret_key="s" * 32)
    assert level(found, "disk") == "fault"
    assert level(findings(embedded, status=1, data_dir="/dev/null"), "disk") == "fault"


def test_folder_of_the_sqlite_file_is_checked_too(embedded: CommandLine) -> None:
    found = findings(embedded, status=1, database_url="sqlite:////proc/leadyard.db")
    assert level(found, "disk") == "fault"


def test_little_space_is_a_warning(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert checks.check_disk(tmp_path, free // 2).level is Level.OK
    assert checks.check_disk(tmp_path, free * 2).level is Level.WARNING
    assert list(tmp_path.iterdir()) == []


def test_secret_key_from_a_file_is_its_owners_only(embedded: CommandLine) -> None:
    file = embedded.settings.data_path / "secret.key"
    assert level(findings(embedded, status=1, secret_key=""), "secret key") == "fault"  # gone, and needed
    file.write_text("s" * 64 + "\n")
    file.chmod(0o640)
    found = findings(embedded, secret_key="")
    assert level(found, "secret key") == "warning"
    assert f"chmod 600 {file}" in found["secret key"].advice
    file.chmod(0o600)
    assert level(findings(embedded, secret_key=""), "secret key") == "ok"
    file.write_text("\n")
    assert level(findings(embedded, status=1, secret_key=""), "secret key") == "fault"
    assert level(findings(embedded), "secret key") == "ok"  # the setting stands before the file


def test_old_sqlite_is_a_fault() -> None:
    assert checks.check_sqlite((3, 36, 9)).level is Level.FAULT
    assert checks.check_sqlite((3, 37, 0)).level is Level.OK


def test_blocked_port_25_is_a_warning_that_says_what_it_means(embedded: CommandLine) -> None:
    with silent() as waiting:
        for port in (free_port(), waiting):
            found = findings(embedded, outside=replace(NOBODY, mail_port=port))
            assert level(found, "port 25") == "warning"
            assert "SMTP" in found["port 25"].found
            assert "no address is called bad" in found["port 25"].advice


async def check_dns(server: DnsServer, name: str) -> str:
    finding = await checks.check_dns(True, server.address, replace(NOBODY, dns_name=name))
    return finding.level


async def test_dns_server_that_answers_is_ok_and_one_that_does_not_a_warning() -> None:
    async with serve_dns() as server:
        server.add("known.example", "NS", "ns.example.")
        server.treat("broken.example", Manner.SERVFAIL)
        server.treat("silent.example", Manner.SILENT)
        assert await check_dns(server, "known.example.") == "ok"
        assert await check_dns(server, "unknown.example.") == "ok"  # "no" is an answer too
        assert await check_dns(server, "broken.example.") == "warning"
        assert await check_dns(server, "silent.example.") == "warning"


async def test_mail_host_is_looked_up_by_the_dns_servers_that_are_set() -> None:
    async with serve_dns() as server:
        server.add("mx.example", "A", "127.0.0.1")
        server.add_name("nowhere.example")
        with listening() as port:
            outside = replace(NOBODY, mail_host="mx.example", mail_port=port)
            assert (await checks.check_port_25(server.address, outside)).level is Level.OK
            outside = replace(outside, mail_host="nowhere.example")
            assert (await checks.check_port_25(server.address, outside)).level is Level.WARNING


def test_dns_server_that_is_no_address_is_a_fault(embedded: CommandLine) -> None:
    found = findings(embedded, status=1, email_dns="on", dns_servers="nowhere")
    assert level(found, "dns") == "fault"


def test_dns_that_is_off_is_not_asked(embedded: CommandLine) -> None:
    assert findings(embedded)["dns"].found == "Not used: LEADYARD_EMAIL_DNS is off."


async def check_probing(server: DnsServer, outside: Outside) -> Finding:
    settings = load_settings(
        {
            "LEADYARD_SMTP_PROBE": "on",
            "LEADYARD_SMTP_HELO": "probe.example",
            "LEADYARD_SMTP_SENDER": "verify@probe.example",
        }
    )
    return await checks.check_probing(make_probing(settings), server.address, outside)


async def test_probing_is_ok_once_port_name_and_reverse_name_are() -> None:
    async with serve_dns() as server:
        server.add_name("gone.example")
        with listening() as port:
            outside = replace(NOBODY, mail_port=port)
            found = await check_probing(server, outside)
            assert found.found == "The name in LEADYARD_SMTP_HELO has no address in the DNS."
            server.add("probe.example", "A", "192.0.2.9")
            found = await check_probing(server, outside)
            assert found.found == "The address of LEADYARD_SMTP_HELO has no reverse name (PTR)."
            assert found.level is Level.WARNING
            server.add("9.2.0.192.in-addr.arpa", "PTR", "probe.example.")
            assert (await check_probing(server, outside)).level is Level.OK
        blocked = await check_probing(server, outside)
    assert blocked.level is Level.WARNING
    assert "port 25 is blocked" in blocked.found
    assert "verdicts stay unknown" in (blocked.advice or "")


async def test_name_that_the_dns_says_nothing_of_is_no_fault() -> None:
    async with serve_dns() as server:
        server.treat("probe.example", Manner.SERVFAIL)
        with listening() as port:
            assert (await check_probing(server, replace(NOBODY, mail_port=port))).level is Level.OK


@pytest.mark.parametrize(("missing", "name"), [("smtp_helo", "HELO"), ("smtp_sender", "SENDER")])
def test_probing_without_what_it_needs_is_a_fault(embedded: CommandLine, missing: str, name: str) -> None:
    complete: dict[str, Any] = {
        "smtp_helo": "probe.example",
        "smtp_sender": "verify@probe.example",
        "email_dns": "on",
    }
    complete[missing] = ""
    found = findings(embedded, status=1, smtp_probe="on", dns_servers="127.0.0.1:9", **complete)
    assert level(found, "smtp probe") == "fault"
    assert f"LEADYARD_SMTP_{name}" in found["smtp probe"].found
