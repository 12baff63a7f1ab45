"""The databases of a PostgreSQL that tests and benchmarks work in: made, copied and dropped."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql
from tests.support.postgres import Server


class DatabaseMaker:
    """Makes and drops databases until it is closed, over one connection.

    A connection takes the server a third of what a database takes.
    """

    def __init__(self, server: Server) -> None:
        """Connects to the database that no test uses, outside of any transaction."""
        self._server = server
        self._connection = psycopg.connect(server.conninfo("postgres"), autocommit=True)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, as a copy of `template` if given; its URL."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        self._connection.execute(statement)
        return self._server.url(name)

    def drop(self, name: str) -> None:
        """Drop a database together with the connections to it; silent if there is none of the name."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._connection.execute(statement.format(sql.Identifier(name)))

    def prepare_template(self, name: str, build: Callable[[str], None]) -> str:
        """Make the template database `name` once for all test workers: `build(url)` fills it; its name.

        Workers that come later wait for the first one. A build that fails leaves no template behind.
        """
        draft = f"{name}_draft"
        self._connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        try:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if self._connection.execute(known, [name]).fetchone():
                return name
            self.drop(draft)
            build(self.create(draft))
            for statement in ("ALTER DATABASE {} ALLOW_CONNECTIONS false", "ALTER DATABASE {} RENAME TO {}"):
                self._connection.execute(
                    sql.SQL(statement).format(sql.Identifier(draft), sql.Identifier(name))
                )
        finally:
            self._connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
        return name


def create_database(server: Server, name: str, template: str | None = None) -> str:
    """Create a database as `DatabaseMaker.create` does."""
    with closing(DatabaseMaker(server)) as maker:
        return maker.create(name, template)


def drop_database(server: Server, name: str) -> None:
    """Drop a database as `DatabaseMaker.drop` does."""
    with closing(DatabaseMaker(server)) as maker:
        maker.drop(name)


@contextmanager
def temporary_database(server: Server, template: str | None = None, prefix: str = "test") -> Iterator[str]:
    """A database of a name that no other test has, dropped afterwards; its name."""
    name = f"{prefix}_{uuid.uuid4().hex[:16]}"
    with closing(DatabaseMaker(server)) as maker:
        maker.create(name, template)
        try:
            yield name
        finally:
            maker.drop(name)
