from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import text
from tests.cli.command_line import PASSWORD, CommandLine
from tests.support.databases import create_database, drop_database
from tests.support.installation import (
    ADMIN_EMAIL,
    LIVE_KEY,
    PATIENCE_SECONDS,
    TEST_KEY,
    Client,
    Service,
    add_leads,
    create_list,
    make_settings,
)
from tests.support.postgres import ServerAddress
from tests.support.processes import free_port
from tests.support.served import serve

from leadyard.actions.move import move_installation
from leadyard.app import Leadyard, build
from leadyard.cli.main import MOVED_MARK
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import CHUNK_SIZE, Chunk
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage.move import COPY_TYPES, TABLES
from leadyard.storage.tables import metadata

ALL_STEPS = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}


@asynccontextmanager
async def run_service(url: str | None, folder: Path) -> AsyncIterator[Service]:
    """The API and a worker that is not started, on one of the two databases."""
    installation = build(make_settings(folder, url))
    service = Service(installation)
    yield service
    await service.rest()
    await installation.database.close()


def linkedin(*slugs: str) -> list[dict[str, str]]:
    return [{"linkedin_url": f"linkedin.com/in/{slug}", "note": "Ünïcode \x00 😀"} for slug in slugs]


async def leave_processing(installation: Leadyard, name: str) -> None:
    """Claims the first two leads of a list, as a worker does that is killed right afterwards."""
    async with installation.database.write() as tx:
        row = (
            await tx.conn.execute(text("SELECT id FROM lead_lists WHERE name = :name"), {"name": name})
        ).one()
        lead_list = await list_rows.lock_list(tx, row.id)
        addition = (
            await tx.conn.execute(text("SELECT id FROM additions WHERE list_id = :id"), {"id": row.id})
        ).one()
        _, claimed = await lead_rows.claim_entries(tx, lead_list, Chunk(row.id, addition.id, 1, 2))
        await list_rows.count_claimed(tx, row.id, claimed)


async def fill(cli: CommandLine, service: Service, client: Client) -> None:
    """Lists in every state, and something in every table."""
    people = cli.settings.data_path / "people.csv"
    await asyncio.to_thread(people.write_text, "email,company_name,first_name\nann@acme.example,Acme,Ann\n")
    await asyncio.to_thread(cli.do, "directory", "load", str(people))
    await asyncio.to_thread(cli.do, "users", "add", "ben@acme.example")
    await asyncio.to_thread(cli.do, "users", "link", "ben@acme.example")
    leads = linkedin("jane-doe", "jane-doe", "nina-notfound")
    done = await create_list(client, "linkedin", leads, name="completed", options=ALL_STEPS)
    await service.until_completed(client, done["id"])
    waiting = await create_list(
        client, "linkedin", linkedin("una-unavailable"), name="waiting", options=ALL_STEPS
    )
    await until_waiting(client, service, waiting["id"])
    made = await create_list(client, "linkedin", [], name="queued", options=ALL_STEPS)
    many = linkedin(*(f"person-{number}" for number in range(MANY)))
    await add_leads(client, made["id"], "linkedin", many[: CHUNK_SIZE + 1])
    await add_leads(client, made["id"], "linkedin", many, Idempotency_Key="once")
    await create_list(client, "email", [{"email": "ann@acme.example"}] * 2, name="plain", shared=False)
    await create_list(client, "linkedin", linkedin("a", "b", "c"), name="processing", options=ALL_STEPS)
    await leave_processing(service.installation, "processing")
    await create_list(client, "linkedin", [], name="empty", visible=False)
    await send_file(client)
    await client.post("/excluded-domains", json={"excluded_domains": ["other.example"]})
    assert (await client.post("/erasures", json={"email": "zoe@acme.example"})).status_code == 200
    for name in ("canceled", "deleted"):
        made = await create_list(client, "linkedin", linkedin("x", "y"), name=name, options=ALL_STEPS)
        if name == "canceled":
            await client.patch(f"/lead-lists/{made['id']}", json={"status": "canceled"})
        else:
            await client.delete(f"/lead-lists/{made['id']}")


async def send_file(client: Client) -> None:
    """A file that is to be imported, with its columns mapped."""
    content, headers = b"email\nann@acme.example\n", {"Content-Type": "text/csv"}
    sent = await client.post("/imports?file_name=people.csv", content=content, headers=headers)
    assert (await client.patch(f"/imports/{sent.json()['id']}", json={})).status_code == 200


async def until_waiting(client: Client, service: Service, list_id: str) -> None:
    """Lets the worker run until the first attempt of a list's lead has failed."""
    await service.work()
    statement = "SELECT count(*) FROM lead_list_entries WHERE not_before IS NOT NULL"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await service.query_one(statement):
            await asyncio.sleep(0.01)
    await service.rest()
    assert (await client.get(f"/lead-lists/{list_id}")).json()["progress"]["queued"] == 1


@pytest.fixture
async def filled(embedded: CommandLine) -> CommandLine:
    """The commands on a SQLite installation that has been used."""
    async with run_service(None, embedded.settings.data_path) as service:
        async with service.client(TEST_KEY) as client:
            await fill(embedded, service, client)
        await service.require_sound_ledger()
        await _fill_providers(service)
    return embedded


MANY = CHUNK_SIZE + 60
"""Leads of a list that has been added to twice: the first time in two chunks."""
NEW_CALL = (
    "INSERT INTO provider_calls (workspace_id, provider, groups, asked, state, reserved, created_at) "
    "SELECT id, 'paid', 'email', 1, 'settled', 1, 1 FROM workspaces"
)


def new_session(name: str) -> str:
    """A statement that signs a browser in."""
    return (
        "INSERT INTO sessions (public_id, user_id, digest, mode, browser, created_at, seen_at) "
        f"SELECT '{name}', min(id), '{name}', 'live', 'b', 1, 1 FROM users"
    )


def new_webhook(name: str) -> tuple[str, ...]:
    """Statements that make a webhook and a message which reached it."""
    return (
        "INSERT INTO webhook_endpoints "
        "(public_id, workspace_id, url, events, sealed_secret, next_turn_at, created_at, updated_at) "
        f"SELECT '{name}', min(id), 'https://hooks.example', '[]', 's', 1, 1, 1 FROM workspaces",
        "INSERT INTO webhook_messages (public_id, workspace_id, type, payload, created_at) "
        f"SELECT 'msg_{name}', min(id), 'ping', '{{}}', 1 FROM workspaces",
        "INSERT INTO webhook_deliveries (message_id, endpoint_id, status) "
        "SELECT m.id, e.id, 'delivered' FROM webhook_messages m, webhook_endpoints e "
        f"WHERE m.public_id = 'msg_{name}' AND e.public_id = '{name}'",
    )


async def _fill_providers(service: Service) -> None:
    """Rows of the tables that only providers and receivers of webhooks fill."""
    values = "SELECT id, 'paid'"
    for statement in (
        "INSERT INTO provider_settings (workspace_id, name, kind, options, credit_price, updated_at) "
        f"{values}, 'hunter', '{{}}', 0.3, 1 FROM workspaces",
        f"INSERT INTO provider_gates (workspace_id, provider) {values} FROM workspaces",
        NEW_CALL,
        "INSERT INTO provider_answers "
        "(workspace_id, provider, key, call_id, place, state, query, fetched_at) "
        "SELECT workspace_id, provider, 'k', id, 0, 'missing', '{}', 1 FROM provider_calls",
        "INSERT INTO person_keys (workspace_id, key, person_id) SELECT id, 'k', 'p' FROM workspaces",
        *new_webhook("first"),
        new_session("first"),
        "INSERT INTO sign_in_tries (digest, full_at) VALUES ('k', 1)",
        "INSERT INTO provider_shares (workspace_id, provider, holder, slots, wanted, renewed_at) "
        "VALUES (1, 'paid', 'h', 1, 1, 0)",
        "INSERT INTO mail_host_places (host, place, token, held_until) VALUES ('mx.example', 1, 't', 1)",
    ):
        async with service.installation.database.write() as tx:
            await tx.conn.execute(text(statement))


async def move(cli: CommandLine, url: str) -> str:
    return await asyncio.to_thread(cli.do, "move", "--to", url)


def read_sqlite(cli: CommandLine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the chunks, as the driver has them."""
    with sqlite3.connect(cli.settings.data_path / "leadyard.db") as connection:
        return {
            name: sorted(map(tuple, connection.execute(f"SELECT {_columns(name)} FROM {name}")), key=repr)
            for name in metadata.tables
            if name != "chunks"
        }


def read_postgresql(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """The same from PostgreSQL, with 0 and 1 for booleans."""
    with psycopg.connect(url) as server:
        return {
            name: sorted(
                (
                    tuple(int(value) if isinstance(value, bool) else value for value in row)
                    for row in server.execute(f"SELECT {_columns(name)} FROM {name}")
                ),
                key=repr,
            )
            for name in metadata.tables
            if name != "chunks"
        }


def _columns(name: str) -> str:
    return ", ".join(f'"{column.name}"' for column in metadata.tables[name].columns)


def count_rows(url: str) -> int:
    """Rows in all tables of PostgreSQL, jobs included."""
    with psycopg.connect(url) as server:
        names = [name for name in metadata.tables if name != "chunks"] + ["procrastinate_jobs"]
        counts = [server.execute(f"SELECT count(*) FROM {name}").fetchone() for name in names]
        return sum(count[0] for count in counts if count)


def find_marks(cli: CommandLine) -> list[Path]:
    return list(cli.settings.data_path.glob(MOVED_MARK))


async def test_every_row_arrives_and_sqlite_stays_as_it_was(filled: CommandLine, empty_database: str) -> None:
    before = read_sqlite(filled)
    # Requests are counted in the database only where several processes count them.
    assert [name for name, rows in before.items() if not rows] == ["request_windows"]
    with sqlite3.connect(filled.settings.data_path / "leadyard.db") as connection:
        statuses = connection.execute("SELECT DISTINCT status FROM lead_list_entries").fetchall()
    assert {status for (status,) in statuses} == {"queued", "processing", "done", "canceled"}
    printed = await move(filled, empty_database)
    after = read_postgresql(empty_database)
    assert read_sqlite(filled) == before
    for name, rows in before.items():
        # A list without leads has nothing to wait for: it is completed there and then.
        assert [row for row in after[name] if "empty" not in row] == [
            row for row in rows if "empty" not in row
        ], name
        assert f"{len(rows):,}" == dict(line.split() for line in printed.splitlines()[:-3])[name]


async def test_unfinished_lists_are_finished_on_postgresql(filled: CommandLine, empty_database: str) -> None:
    printed = await move(filled, empty_database)
    # waiting 1, queued 2, plain 1, processing 1
    assert "Jobs made for unfinished lists: 5." in printed
    async with run_service(empty_database, filled.settings.data_path) as service:
        async with service.client(TEST_KEY) as client:
            found = (await client.get("/lead-lists")).json()["lead_lists"]
            states = {each["name"]: each["status"] for each in found}
            assert states == {
                "completed": "completed",
                "waiting": "processing",
                "queued": "queued",
                "plain": "queued",
                "processing": "processing",
                "empty": "completed",
                "canceled": "canceled",
            }
            for each in found:
                ended = await service.until_completed(client, each["id"])
                assert ended["progress"]["queued"] == ended["progress"]["processing"] == 0
                assert ended["progress"]["failed"] == 0
            (queued,) = [each["id"] for each in found if each["name"] == "queued"]
            read = (await client.get(f"/lead-lists/{queued}?page[size]=1000")).json()
            assert [lead["email"] is not None for lead in read["leads"]] == [True] * MANY
        await service.finish()


async def test_keys_balances_ledger_and_answers_are_those_of_before(
    filled: CommandLine, empty_database: str
) -> None:
    paths = ("/credits", "/credits/entries?page[size]=1000", "/users")
    async with run_service(None, filled.settings.data_path) as service, service.client(TEST_KEY) as client:
        before = [(await client.get(path)).json() for path in paths]
        listed = (await client.get("/lead-lists?name=queued")).json()["lead_lists"][0]["id"]
    assert before[0]["email"]["held"] > 0
    keys = await asyncio.to_thread(filled.do, "keys", "list")
    await move(filled, empty_database)
    there = {"database_url": empty_database}
    assert await asyncio.to_thread(filled.do, "keys", "list", **there) == keys
    async with run_service(empty_database, filled.settings.data_path) as service:
        async with service.client(TEST_KEY) as client:
            assert [(await client.get(path)).json() for path in paths] == before
            leads = linkedin(*(f"person-{number}" for number in range(MANY)))
            again = await add_leads(client, listed, "linkedin", leads, Idempotency_Key="once")
            assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
        async with service.client(LIVE_KEY) as client:
            assert (await client.get("/credits")).status_code == 200
        await service.require_sound_ledger()


async def test_ids_go_on_behind_the_moved_ones(filled: CommandLine, empty_database: str) -> None:
    before = read_sqlite(filled)
    await move(filled, empty_database)
    there = {"database_url": empty_database}
    await asyncio.to_thread(filled.do, "users", "add", "new@acme.example", **there)
    await asyncio.to_thread(filled.do, "users", "link", "new@acme.example", **there)
    await asyncio.to_thread(filled.do, "keys", "create", **there)
    await asyncio.to_thread(filled.do, "credits", "grant", "email", "1", "--mode", "test", **there)
    people = filled.settings.data_path / "people.csv"
    await asyncio.to_thread(people.write_text, "email,company_name\nnew@new.example,New\n")
    await asyncio.to_thread(filled.do, "directory", "load", str(people), **there)
    await asyncio.to_thread(filled.do, "providers", "set", "apollo", told="a-key-of-apollo", **there)
    async with run_service(empty_database, filled.settings.data_path) as service:
        async with service.client(TEST_KEY) as client:
            await send_file(client)
            made = await create_list(client, "linkedin", linkedin("jane-doe"), options=ALL_STEPS)
            await service.until_completed(client, made["id"])
            await client.post("/excluded-emails", json={"excluded_emails": ["new@new.example"]})
            # Known by the tombstone, which was moved too: nothing is stored.
            zoe = await client.post("/excluded-emails", json={"excluded_emails": ["zoe@acme.example"]})
            assert zoe.json() == {"zoe@acme.example": "duplicated"}
            assert (await client.post("/erasures", json={"email": "zoe@acme.example"})).is_success
        async with service.installation.database.write() as tx:
            for statement in (NEW_CALL, *new_webhook("second"), new_session("second")):
                await tx.conn.execute(text(statement))
        await service.require_sound_ledger()
    after = read_postgresql(empty_database)
    for table in TABLES:
        if "id" in table.columns and table.name not in ("accounts", "workspaces"):
            newest = max(row[0] for row in before[table.name])
            assert max(row[0] for row in after[table.name]) > newest, table.name


async def test_sqlite_data_is_not_worked_on_after_the_move(filled: CommandLine, empty_database: str) -> None:
    printed = await move(filled, empty_database)
    (mark,) = find_marks(filled)
    told = mark.read_text()
    assert "PostgreSQL" in told
    for said in (told, printed):
        assert "LEADYARD_DATABASE_URL" in said
        assert PASSWORD not in said
        assert TEST_KEY not in said
    assert "LEADYARD_SECRET_KEY" in printed
    for words in (["serve"], ["worker"], ["keys", "list"], ["migrate"], ["move", "--to", empty_database]):
        result = await asyncio.to_thread(filled.run, *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "LEADYARD_DATABASE_URL" in result.stderr
    assert "Usage" in await asyncio.to_thread(filled.do, "serve", "--help")
    mark.unlink()
    assert await asyncio.to_thread(filled.do, "keys", "list")


def test_advice_names_the_secret_file_where_the_secret_is_in_one(
    embedded: CommandLine, empty_database: str
) -> None:
    printed = embedded.do("move", "--to", empty_database, secret_key="")
    secret = embedded.settings.data_path / "secret.key"
    assert str(secret) in printed
    assert secret.read_text().strip() not in printed


def tamper(url: str, table: str, change: str) -> None:
    """Lets PostgreSQL store something else than what it is sent."""
    with psycopg.connect(url) as server:
        server.execute(
            f"CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {change}; END $$"
        )
        server.execute(
            f"CREATE TRIGGER tamper BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION tamper()"
        )


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("lead_list_entries", "IF NEW.sequence = 100 THEN NEW.lead = NEW.lead || ' '; END IF; RETURN NEW"),
        ("lead_list_entries", "IF NEW.sequence = 100 THEN RETURN NULL; END IF; RETURN NEW"),
        ("lead_lists", "NEW.shared = NOT NEW.shared; RETURN NEW"),
        ("credit_balances", "NEW.balance = NEW.balance + 1; RETURN NEW"),
        ("additions", "NEW.key_id = NULL; RETURN NEW"),
        (
            "person_charges",
            "IF NEW.person_id <> 'x' THEN INSERT INTO person_charges VALUES (NEW.workspace_id, 'x', 0) "
            "ON CONFLICT DO NOTHING; END IF; RETURN NEW",
        ),
    ],
    ids=["text", "row-lost", "boolean", "amount", "null", "row-added"],
)
async def test_copy_that_differs_is_found_out_and_not_kept(
    filled: CommandLine, empty_database: str, table: str, change: str
) -> None:
    before = read_sqlite(filled)
    await asyncio.to_thread(filled.do, "migrate", database_url=empty_database)
    tamper(empty_database, table, change)
    result = await asyncio.to_thread(filled.run, "move", "--to", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"The rows of {table} did not arrive" in result.stderr
    assert count_rows(empty_database) == 0
    assert find_marks(filled) == []
    assert read_sqlite(filled) == before
    with psycopg.connect(empty_database) as server:
        server.execute(f"DROP TRIGGER tamper ON {table}")
    await move(filled, empty_database)


async def test_row_that_postgresql_refuses_stops_the_move_without_telling_its_values(
    filled: CommandLine, empty_database: str
) -> None:
    with sqlite3.connect(filled.settings.data_path / "leadyard.db") as connection:
        connection.execute("UPDATE users SET name = 'Ann' || char(0) || 'Lee' WHERE email = ?", [ADMIN_EMAIL])
    result = await asyncio.to_thread(filled.run, "move", "--to", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: PostgreSQL does not take a row of users (CharacterNotInRepertoire).\n"
    assert count_rows(empty_database) == 0


@asynccontextmanager
async def both(cli: CommandLine, url: str) -> AsyncIterator[tuple[Leadyard, Leadyard]]:
    old, new = build(cli.settings), build(msgspec.structs.replace(cli.settings, database_url=url))
    yield old, new
    await old.database.close()
    await new.database.close()


async def move_with(cli: CommandLine, url: str, interfere: Callable[[], None]) -> None:
    """Moves, and does something in the midst of it."""
    async with both(cli, url) as (old, new):
        interfered: list[bool] = []

        def on_progress(_done: int, _total: int) -> None:
            if not interfered:
                interfered.append(True)
                interfere()

        await move_installation(old.database, new.database, on_progress, lambda: None)
        assert interfered


async def test_nothing_can_be_written_to_sqlite_during_the_move(
    filled: CommandLine, empty_database: str
) -> None:
    def write() -> None:
        connection = sqlite3.connect(filled.settings.data_path / "leadyard.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("UPDATE accounts SET name = 'late'")
        connection.close()

    await move_with(filled, empty_database, write)


async def test_nobody_can_set_the_database_up_during_the_move(
    filled: CommandLine, empty_database: str
) -> None:
    first: list[asyncio.Future[None]] = []

    def set_up() -> None:
        settings = msgspec.structs.replace(filled.settings, database_url=empty_database)

        async def prepare() -> None:
            installation = build(settings)
            await installation.prepare()
            await installation.database.close()

        first.append(asyncio.get_running_loop().run_in_executor(None, asyncio.run, prepare()))

    await move_with(filled, empty_database, set_up)
    await first[0]
    assert len(read_postgresql(empty_database)["accounts"]) == 1


async def test_connection_lost_in_the_midst_leaves_nothing_behind(
    filled: CommandLine, empty_database: str
) -> None:
    def cut() -> None:
        with psycopg.connect(empty_database, autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(DatabaseAway):
        await move_with(filled, empty_database, cut)
    assert count_rows(empty_database) == 0
    await move(filled, empty_database)


def test_installation_that_is_served_is_not_moved(tmp_path: Path, empty_database: str) -> None:
    with serve(tmp_path):
        cli = CommandLine(make_settings(tmp_path / "data"))
        result = cli.run("move", "--to", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Another Leadyard process" in result.stderr
    assert find_marks(cli) == []


def test_database_with_an_account_is_not_moved_to(embedded: CommandLine, empty_database: str) -> None:
    embedded.do("keys", "list", database_url=empty_database)
    before = read_postgresql(empty_database)
    result = embedded.run("move", "--to", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "has data of Leadyard already" in result.stderr
    assert read_postgresql(empty_database) == before
    assert find_marks(embedded) == []


def test_database_with_a_job_is_not_moved_to(embedded: CommandLine, empty_database: str) -> None:
    embedded.do("migrate", database_url=empty_database)
    with psycopg.connect(empty_database) as server:
        server.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('leads', 'x', '{}')"
        )
    assert "has data of Leadyard already" in embedded.run("move", "--to", empty_database).stderr


def test_database_of_another_program_is_not_moved_to(embedded: CommandLine, empty_database: str) -> None:
    with psycopg.connect(empty_database) as server:
        server.execute("CREATE TABLE accounts (id int)")
    result = embedded.run("move", "--to", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "tables of another program" in result.stderr


def test_database_of_a_newer_version_is_not_moved_to(embedded: CommandLine, empty_database: str) -> None:
    embedded.do("migrate", database_url=empty_database)
    with psycopg.connect(empty_database) as server:
        server.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "9999" in embedded.run("move", "--to", empty_database).stderr


def test_database_of_another_encoding_is_not_moved_to(
    embedded: CommandLine, postgres_server: ServerAddress
) -> None:
    with psycopg.connect(postgres_server.conninfo("postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        result = embedded.run("move", "--to", postgres_server.url("latin"))
    finally:
        drop_database(postgres_server, "latin")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "UTF8" in result.stderr


def test_user_who_may_not_make_tables_is_told_so(
    embedded: CommandLine, postgres_server: ServerAddress
) -> None:
    url = create_database(postgres_server, "of_somebody_else")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE ROLE guest LOGIN")
    try:
        result = embedded.run("move", "--to", url.replace("//leadyard@", "//guest@"))
    finally:
        drop_database(postgres_server, "of_somebody_else")
        with psycopg.connect(postgres_server.conninfo("postgres"), autocommit=True) as server:
            server.execute("DROP ROLE guest")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "may not make tables" in result.stderr


def test_database_that_is_away_is_told_without_its_password(embedded: CommandLine) -> None:
    result = embedded.run(
        "move", "--to", f"postgresql://leadyard:{PASSWORD}@127.0.0.1:{free_port()}/leadyard"
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be reached" in result.stderr
    assert PASSWORD not in result.stderr


@pytest.mark.parametrize(
    "url", ["sqlite:///x", "postgres", f"postgresql://u:{PASSWORD}@[::1/x", "mysql://h/x"]
)
def test_address_that_is_none_of_postgresql_is_a_usage_fault(embedded: CommandLine, url: str) -> None:
    result = embedded.run("move", "--to", url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert PASSWORD not in result.stderr


def test_only_sqlite_is_moved(embedded: CommandLine, empty_database: str) -> None:
    result = embedded.run("move", "--to", empty_database, database_url=empty_database)
    assert result.exit_code == 2


def test_nothing_is_moved_where_there_is_nothing(embedded: CommandLine, empty_database: str) -> None:
    folder = embedded.settings.data_path / "new"
    folder.mkdir()
    for is_there in (False, True):
        if is_there:
            (folder / "leadyard.db").touch()
        result = embedded.run("move", "--to", empty_database, data_dir=folder)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "nothing to move" in result.stderr
        assert (folder / "leadyard.db").exists() == is_there


def test_every_column_has_a_type_that_can_be_copied() -> None:
    assert {type(column.type) for table in TABLES for column in table.columns} <= set(COPY_TYPES)
    assert {table.name for table in TABLES} == set(metadata.tables) - {"chunks"}
