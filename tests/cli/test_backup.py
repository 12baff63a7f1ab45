"""Backups taken while the service runs, restored elsewhere, compared row by row, and worked on."""

from __future__ import annotations

import asyncio
import os
import stat
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.command_line import CommandLine
from tests.support.installation import (
    LIVE_KEY,
    TEST_KEY,
    Service,
    add_leads,
    create_list,
    make_settings,
)
from tests.support.postgres_binaries import find_binaries
from tests.support.rows import read_all_rows

from leadyard.app import build
from leadyard.settings import Settings
from leadyard.storage.dialects.sqlite import PAGE_BYTES

ALL_STEPS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
LEADS = 40
OTHER_SECRET = "another-secret-than-before-" + "o" * 32


@pytest.fixture(autouse=True)
def postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore are found beside the server of the tests, if nowhere else."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{find_binaries()}")


@pytest.fixture
def elsewhere(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> CommandLine:
    """The commands where nothing is yet: an empty folder, or an empty database as well."""
    url = request.getfixturevalue("empty_database") if database_kind == "postgresql" else None
    return CommandLine(make_settings(tmp_path / "elsewhere", url))


@asynccontextmanager
async def run_service(settings: Settings) -> AsyncIterator[Service]:
    installation = build(settings)
    service = Service(installation)
    yield service
    await service.rest()
    await installation.database.close()


def linkedin(*slugs: str) -> list[dict[str, str]]:
    return [{"linkedin_url": f"linkedin.com/in/{slug}", "note": "Ünïcode 😀"} for slug in slugs]


async def call(cli: CommandLine, *arguments: str) -> str:
    return await asyncio.to_thread(cli.do, *arguments)


def refused(cli: CommandLine, *arguments: str, **changed: Any) -> str:
    """The sentence that a command refuses with."""
    result = cli.run(*arguments, **changed)
    assert result.exit_code == 1, result.output
    (sentence,) = result.stderr.splitlines()
    return sentence.removeprefix("Error: ")


async def add_and_process(service: Service, rounds: int) -> None:
    """Lists that are filled and processed at the same time. One lead of each addition waits for seconds."""
    await service.work()
    async with service.client(TEST_KEY) as client:
        made = [await create_list(client, "linkedin", name=str(each), options=ALL_STEPS) for each in range(3)]
        for turn in range(rounds):
            names = [f"unavailable-{turn}", *(f"lead-{turn}-{number}" for number in range(LEADS - 1))]
            into = made[turn % 3]["id"]
            answer = await add_leads(
                client, into, "linkedin", linkedin(*names), Idempotency_Key=f"add-{turn}"
            )
            assert answer.status_code == 202


async def test_backup_under_way_is_of_one_moment_and_goes_on_from_there(
    cli: CommandLine, elsewhere: CommandLine, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.zip")
    async with run_service(cli.settings) as service:
        adding = asyncio.create_task(add_and_process(service, 1_000))
        while not await service.query_one("SELECT count(*) FROM idempotency_keys"):
            await asyncio.sleep(0.01)
        printed = await call(cli, "backup", file)
        assert not adding.done()
        adding.cancel()
        await asyncio.wait([adding])
    assert "NOT in it" in printed
    await call(elsewhere, "restore", file)
    await call(elsewhere, "reconcile")
    async with run_service(elsewhere.settings) as service:
        async with service.client(TEST_KEY) as client:
            begun = (await client.get("/lead-lists")).json()["lead_lists"]
            assert [each for each in begun if each["status"] != "completed"] != []
            answers = await service.query_one("SELECT count(*) FROM idempotency_keys")
            assert sum(each["progress"]["total"] for each in begun) == LEADS * answers > 0
            for each in begun:
                ended = await service.until_completed(client, each["id"])
                assert ended["progress"]["done"] == ended["progress"]["total"]
        await service.finish()
    await call(elsewhere, "reconcile")


async def test_every_row_of_every_table_is_restored(
    cli: CommandLine, elsewhere: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    async with run_service(cli.settings) as service:
        await add_and_process(service, 2)
        await service.rest()
        async with service.client(TEST_KEY) as client:
            await create_list(client, "email", [{"email": "ann@acme.example"}])
            await client.post("/excluded-domains", json={"excluded_domains": ["other.example"]})
            assert (await client.post("/erasures", json={"email": "zoe@acme.example"})).status_code == 200
    before = read_all_rows(cli.settings)
    assert sum(map(len, before.values())) > 100
    printed = await call(cli, "backup", str(file))
    assert f"{sum(map(len, before.values())):,} rows" in printed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_all_rows(cli.settings) == before
    await call(elsewhere, "restore", str(file))
    assert read_all_rows(elsewhere.settings) == before
    async with run_service(elsewhere.settings) as service, service.client(LIVE_KEY) as client:
        assert (await client.get("/credits")).status_code == 200
        await service.finish()


@pytest.fixture
def own_secret(tmp_path: Path) -> CommandLine:
    """An installation on SQLite whose secret is a file in its folder."""
    cli = CommandLine(make_settings(tmp_path / "own", SECRET_KEY=""))
    cli.do("users", "add", "ben@acme.example")
    return cli


def test_secret_in_the_data_folder_goes_along(own_secret: CommandLine, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.zip")
    assert "The secret key is in it" in own_secret.do("backup", file)
    there = tmp_path / "there"
    own_secret.do("restore", file, data_dir=there)
    for name in ("secret.key", "leadyard.db"):
        assert stat.S_IMODE((there / name).stat().st_mode) == 0o600
    assert (there / "secret.key").read_bytes() == (own_secret.settings.data_path / "secret.key").read_bytes()
    listed = own_secret.do("keys", "list", data_dir=there)
    assert listed == own_secret.do("keys", "list")


def test_restoring_needs_the_secret_that_the_backup_was_made_with(
    embedded: CommandLine, tmp_path: Path
) -> None:
    file, there = str(tmp_path / "backup.zip"), tmp_path / "there"
    embedded.do("backup", file)
    told = refused(embedded, "restore", file, data_dir=there, secret_key="")
    assert told.startswith("The secret key is not in the backup: set LEADYARD_SECRET_KEY to what it was.")
    told = refused(embedded, "restore", file, data_dir=there, secret_key=OTHER_SECRET)
    assert told.startswith("LEADYARD_SECRET_KEY is not the secret key that the backup was made with")
    assert not (there / "leadyard.db").exists()
    result = embedded.run("restore", file, "--lost-secret", data_dir=there, secret_key=OTHER_SECRET)
    assert (result.exit_code, "Make new API keys" in result.stdout) == (0, True)


def test_backup_and_restore_overwrite_nothing(embedded: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    embedded.do("backup", str(file))
    written = file.read_bytes()
    assert "is there already" in refused(embedded, "backup", str(file))
    assert file.read_bytes() == written
    database = embedded.settings.sqlite_path.read_bytes()
    assert "There is a database at" in refused(embedded, "restore", str(file))
    assert embedded.settings.sqlite_path.read_bytes() == database


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_database_with_tables_is_not_restored_into(cli: CommandLine, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.zip")
    cli.do("backup", file)
    before = read_all_rows(cli.settings)
    assert refused(cli, "restore", file) == (
        "The PostgreSQL database has tables already: name an empty database."
    )
    assert read_all_rows(cli.settings) == before


def test_file_that_is_not_as_it_was_written_is_refused(embedded: CommandLine, tmp_path: Path) -> None:
    file, there = tmp_path / "backup.zip", tmp_path / "there"
    embedded.do("backup", str(file))
    whole = file.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for content, sentence in (
        (bytes(changed), "is damaged: it is not as it was written."),
        (whole[:-100], "is no backup of Leadyard, or it was cut off."),
        (b"", "is no backup of Leadyard, or it was cut off."),
    ):
        file.write_bytes(content)
        assert refused(embedded, "restore", str(file), data_dir=there).endswith(sentence)
        assert not (there / "leadyard.db").exists()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("other.txt", "")
    assert refused(embedded, "restore", str(file), data_dir=there).endswith("is no backup of Leadyard.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"revision": "9999"}, "The database is at revision 9999, which this version of Leadyard does not"),
        ({"format": 2}, "was made by a newer Leadyard: install that version, or a newer one."),
        ({"rows": {"accounts": 3}}, "The restored database has not the rows of the backup: accounts."),
        (
            {"kind": "postgresql"},
            "The backup is of PostgreSQL, and the settings name SQLite: restore it with",
        ),
    ],
)
def test_backup_that_does_not_fit_is_refused(
    embedded: CommandLine, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    file, other, there = tmp_path / "backup.zip", tmp_path / "other.zip", tmp_path / "there"
    embedded.do("backup", str(file))
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = msgspec.json.encode({**msgspec.json.decode(content), **changes})
            target.writestr(name, content)
    assert sentence in refused(embedded, "restore", str(other), data_dir=there)
    assert not (there / "leadyard.db").exists()


def test_what_cannot_be_backed_up_leaves_no_file(embedded: CommandLine, tmp_path: Path) -> None:
    file, none = tmp_path / "backup.zip", tmp_path / "none"
    none.mkdir()
    assert "There is no secret key" in refused(embedded, "backup", str(file), data_dir=none, secret_key="")
    assert "cannot be read as a SQLite database" in refused(embedded, "backup", str(file), data_dir=none)
    database = embedded.settings.sqlite_path
    with database.open("r+b") as raw:
        raw.seek(3 * PAGE_BYTES)
        raw.write(os.urandom(PAGE_BYTES))
    assert "damaged" in refused(embedded, "backup", str(file))
    assert not file.exists()
    assert list(tmp_path.glob(".leadyard-*")) == []


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_program(folder: Path, name: str, version: int, script: str) -> None:
    file = folder / name
    told = f'[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}.1" && exit 0'
    file.write_text(f"#!/bin/sh\n{told}\n{script}\n")
    file.chmod(0o700)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_pg_dump_must_be_there_and_as_new_as_the_server(
    cli: CommandLine, programs: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.zip")
    told = refused(cli, "backup", file)
    assert told == "pg_dump is not on the PATH: install PostgreSQL's client programs."
    write_program(programs, "pg_dump", 9, "exit 1")
    assert "pg_dump is of PostgreSQL 9, the server is" in refused(cli, "backup", file)
    write_program(programs, "pg_dump", 99, "echo 'pg_dump: error: no such thing' >&2; echo row >&2; exit 1")
    assert refused(cli, "backup", file) == "pg_dump: error: no such thing"
    assert not Path(file).exists()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_pg_restore_must_be_as_new_as_pg_dump_was(
    cli: CommandLine, elsewhere: CommandLine, programs: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.zip")
    write_program(programs, "pg_dump", 99, "echo dump")
    cli.do("backup", file)
    assert "pg_restore is not on the PATH" in refused(elsewhere, "restore", file)
    write_program(programs, "pg_restore", 98, "")
    assert "The backup was made by PostgreSQL 99's pg_dump" in refused(elsewhere, "restore", file)
    write_program(programs, "pg_restore", 99, "echo 'pg_restore: error: not this' >&2; exit 1")
    assert refused(elsewhere, "restore", file) == "pg_restore: error: not this"


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_password_is_not_on_the_command_line(cli: CommandLine, programs: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    write_program(programs, "pg_dump", 99, f'echo "$@" >{told}; echo "$PGPASSWORD" >>{told}')
    url = (cli.settings.database_url or "").replace("@", ":pass-word@", 1)
    cli.do("backup", str(tmp_path / "backup.zip"), database_url=url)
    arguments, password = told.read_text().splitlines()
    assert "pass-word" not in arguments
    assert "--dbname=" in arguments
    assert password == "pass-word"
