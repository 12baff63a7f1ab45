"""The schema that migrations make, and making it more than once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from tests.support.databases import temporary_database
from tests.support.installation import make_settings
from tests.support.postgres import ServerAddress

from leadyard.app import Leadyard, build
from leadyard.domain.leads import ListType
from leadyard.domain.providers import CompanyQuery, FoundCompany, FoundPerson, PersonQuery
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.storage import migrations
from leadyard.storage.database import Database
from leadyard.storage.directory import DirectoryStore
from leadyard.storage.migrate import (
    DatabaseTooNew,
    find_revision,
    known_revisions,
    latest_revision,
    migrate,
    upgrade,
)
from leadyard.storage.tables import metadata
from leadyard.storage.tables.lead_lists import chunks

FOREIGN = ("alembic_version", "procrastinate_")
"""How the names of tables begin that are not ours to describe."""


@pytest.fixture
async def empty(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[list[Leadyard]]:
    """Three installations over one database that has nothing in it, not even a schema."""
    async with AsyncExitStack() as stack:
        url = None
        if database_kind == "postgresql":
            server: ServerAddress = request.getfixturevalue("postgres_server")
            url = server.url(stack.enter_context(temporary_database(server)))
        installations = [build(make_settings(tmp_path, url)) for _ in range(3)]
        for installation in installations:
            stack.push_async_callback(installation.database.close)
        yield installations


def test_revisions_are_those_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    in_order = [script.revision for script in scripts.walk_revisions()]
    assert list(known_revisions()) == in_order[::-1]
    assert latest_revision() == scripts.get_current_head()


def tables_of(database: Database) -> list[Any]:
    """The tables that this database has."""
    return [table for table in metadata.sorted_tables if database.is_sqlite or table is not chunks]


def in_words(value: Any) -> Any:
    """What an inspector returns, comparable: mappings as text, types and clauses as SQL."""
    if isinstance(value, dict):
        return str({str(name): in_words(part) for name, part in value.items()})
    return [in_words(part) for part in value] if isinstance(value, list) else str(value)


async def describe(database: Database) -> dict[str, Any]:
    """Everything that the database tells of its tables."""

    def look(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        found: dict[str, Any] = {}
        for table in inspector.get_table_names():
            if not table.startswith(FOREIGN):
                found[table] = {
                    "columns": in_words(inspector.get_columns(table)),
                    "primary key": in_words(inspector.get_pk_constraint(table)),
                    "unique": sorted(in_words(inspector.get_unique_constraints(table))),
                    "checks": sorted(in_words(inspector.get_check_constraints(table))),
                    "foreign keys": sorted(in_words(inspector.get_foreign_keys(table))),
                    "indexes": sorted(in_words(inspector.get_indexes(table))),
                    "options": in_words(inspector.get_table_options(table)),
                }
        return found

    async with database.read() as tx:
        return await tx.conn.run_sync(look)


async def test_migrating_again_changes_nothing(empty: list[Leadyard]) -> None:
    database = empty[0].database
    assert await find_revision(database) is None
    assert await migrate(database) == (None, latest_revision())
    schema = await describe(database)
    assert await migrate(database) == (latest_revision(), latest_revision())
    assert await describe(database) == schema


async def test_several_can_migrate_at_once(empty: list[Leadyard]) -> None:
    results = await asyncio.gather(*(migrate(each.database) for each in empty))
    assert sorted(before is None for before, _ in results) == [False, False, True]
    assert await find_revision(empty[0].database) == latest_revision()


async def test_several_can_set_up_an_empty_database_at_once(empty: list[Leadyard]) -> None:
    await migrate(empty[0].database)
    await asyncio.gather(*(each.prepare() for each in empty))
    async with empty[0].database.read() as tx:
        for table, expected in (("accounts", 1), ("workspaces", 2), ("api_keys", 1), ("credit_entries", 4)):
            count = await tx.conn.execute(text(f"SELECT count(*) FROM {table}"))
            assert (table, count.scalar_one()) == (table, expected)


async def test_database_newer_than_the_code_is_refused(empty: list[Leadyard]) -> None:
    database = empty[0].database
    await migrate(database)
    async with database.write() as tx:
        await tx.conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="at revision 9999"):
        await migrate(database)
    with pytest.raises(DatabaseTooNew):
        await find_revision(database)


async def test_migrations_make_what_tables_describe(empty: list[Leadyard]) -> None:
    database = empty[0].database
    await migrate(database)

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_object": lambda item, name, kind, *_: (
                    not str(name).startswith(FOREIGN) and (database.is_sqlite or name != "chunks")
                    if kind == "table"
                    else True
                ),
            },
        )
        return list(compare_metadata(context, metadata))

    async with database.read() as tx:
        assert await tx.conn.run_sync(compare) == []
    migrated = await describe(database)

    async with database.write() as tx:
        for table in reversed(tables_of(database)):
            await tx.conn.execute(text(f"DROP TABLE {table.name}"))
        await tx.conn.run_sync(lambda conn: metadata.create_all(conn, tables_of(database)))
    described = await describe(database)
    assert set(migrated) == set(described)
    for name, table in described.items():
        assert migrated[name] == table, name


async def test_chunks_are_a_table_on_sqlite_only(empty: list[Leadyard], database_kind: str) -> None:
    database = empty[0].database
    await migrate(database)
    assert ("chunks" in await describe(database)) is (database_kind == "sqlite")


async def test_directory_loaded_before_is_found_by_all_new_keys(empty: list[Leadyard]) -> None:
    database = empty[0].database
    async with database.write() as tx:
        await tx.conn.run_sync(lambda connection: upgrade(connection, "0001"))
        await tx.conn.execute(
            text(
                "INSERT INTO directory_companies (id, key, domain, name_key, company, updated_at) VALUES "
                "(1, 'domain:acme.example', 'acme.example', 'acme steel', :acme, 1), "
                "(2, 'domain:bare.example', 'bare.example', NULL, '{}', 1)"
            ),
            {"acme": '{"name":"Acme Steel GmbH","linkedin_url":"https://linkedin.com/company/Acme"}'},
        )
        await tx.conn.execute(
            text(
                "INSERT INTO directory_people "
                "(public_id, company_id, key, email_key, title_key, person, updated_at) VALUES "
                "('p1', 1, 'email:a+x@acme.example', 'a+x@acme.example', 'ceo', :anna, 1), "
                "('p2', NULL, 'linkedin:bert', NULL, NULL, :anna, 1)"
            ),
            {"anna": '{"id":"","title":"CEO"}'},
        )
    await migrate(database)
    provider = DirectoryProvider(DirectoryStore(database))
    by_email, by_slip = (
        PersonQuery("key", ListType.EMAIL, None, "a@acme.example", None, None, None),
        PersonQuery("key", ListType.TITLES_AND_COMPANY, None, None, "CEO", "Acme Stele", None),
    )
    people = await provider.find_people([by_email, by_slip])
    assert [each.person.id for each in people if isinstance(each, FoundPerson)] == ["p1", "p1"]
    (company,) = await provider.find_companies([CompanyQuery(linkedin_url="linkedin.com/company/acme")])
    assert isinstance(company, FoundCompany)
    assert company.company.name == "Acme Steel GmbH"
