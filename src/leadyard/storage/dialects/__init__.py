"""What differs between SQLite and PostgreSQL, under the same names.

Each dialect is a module with these functions: one set-based statement or one COPY each, never one a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leadyard.domain.directory import Position
from leadyard.domain.leads import LeadDraft
from leadyard.storage.dialects.results import Result, Statement


class Dialect(Protocol):
    """The functions that every dialect module has."""

    def make_writer(self, url: URL, statement_seconds: float | None = None) -> AsyncEngine:
        """The engine that transactions which change something run on.

        A server ends a statement that takes longer than `statement_seconds`.
        """

    def make_reader(self, url: URL, writer: AsyncEngine) -> AsyncEngine:
        """The engine that transactions which only read run on."""

    def is_away(self, error: BaseException | None) -> bool:
        """Whether an error of the driver says that the database cannot be reached or used just now."""

    def has_given_up(self, error: BaseException | None) -> bool:
        """Whether an error of the driver says that a statement took too long, or was canceled."""

    def is_full(self, error: BaseException | None) -> bool:
        """Whether an error of the driver says that the database has no room left on its disk."""

    def is_duplicate(self, error: BaseException | None) -> bool:
        """Whether an error of the driver says that a unique index has such a row already."""

    def find_broken_check(self, error: BaseException) -> str | None:
        """The name of the CHECK constraint that an error of the driver tells of, if it does."""

    def rows_from(self, parameter: str, columns: dict[str, str]) -> str:
        """A table expression over a parameter that holds a JSON array of objects.

        `columns` maps names to the type they have in PostgreSQL.
        """

    def numbers_from(self, parameter: str) -> str:
        """A table expression, with a column `number`, over a parameter that holds a JSON array of them."""

    def texts_from(self, parameter: str) -> str:
        """A table expression, with a column `text`, over a parameter that holds a JSON array of them."""

    def utf8(self, text: str) -> str:
        """The bytes of a text: what reads JSON would make them of it again, and takes longest for that."""

    def has_heard_since(self, findings: str, moment: str) -> str:
        """Whether the findings in a column name a source, or an enrichment, of a moment or later.

        The moment is a parameter: a text to the second, as findings have it.
        """

    def contains(self, column: str, parameter: str) -> str:
        """Whether a text holds another, letter for letter."""

    def lower_ascii(self, text: str) -> str:
        """A text in lower case, as far as it is plain ASCII."""

    def is_plain_ascii(self, text: str) -> str:
        """Whether a text has nothing but ASCII."""

    async def fetch_rows(
        self, conn: AsyncConnection, statement: str, parameters: dict[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """The rows of a query, in the way that costs least for thousands of small ones."""

    async def run_each(self, conn: AsyncConnection, statements: Sequence[Statement]) -> list[Result]:
        """Runs statements one after the other, sent together; what each came to.

        It costs a third of what SQLAlchemy takes for them. The first that fails raises the driver's error.
        """

    async def read_at_once(self, reader: AsyncEngine, statements: Sequence[Statement]) -> list[Result]:
        """Runs statements that only read in a transaction of their own, sent together with it.

        They see one state of the database. It spares most of what SQLAlchemy takes to lend a connection.
        """

    async def run_with_rows(
        self,
        conn: AsyncConnection,
        statement: str,
        columns: Mapping[str, str],
        rows: Sequence[tuple[Any, ...]],
        parameters: Mapping[str, Any],
    ) -> Sequence[Sequence[Any]]:
        """Runs a statement over a table `r` of these rows; what it returns.

        There is one row at least, and 16,000 values at most. `columns` maps names to the type they have in
        PostgreSQL.
        """

    async def list_positions(
        self, conn: AsyncConnection, company_row_ids: Collection[int]
    ) -> Mapping[int, Sequence[Position]]:
        """Who of the directory works at these companies, in no order."""

    async def tune_for_loading(self, conn: AsyncConnection, *, on: bool) -> None:
        """Lets a connection write much into large indexes, or sets it back to what suits small changes."""

    def lock_clause(self) -> str:
        """What a SELECT ends with to lock its rows against other writers until the commit."""

    def lock_leads_statements(self, list_id: int) -> list[Statement]:
        """What locks the leads of a list until the commit, and not the list: others can add to it.

        An erasure waits for whoever has them. It is nothing where only one transaction writes at a time.
        """

    def removal_clause(self) -> str:
        """What a SELECT ends with to lock rows that are about to be deleted, also against `keep_clause`."""

    def keep_clause(self) -> str:
        """What a SELECT ends with so that its rows may be changed by others, but not deleted."""

    async def insert_entries(
        self,
        conn: AsyncConnection,
        list_id: int,
        first_sequence: int,
        parts: Iterable[Sequence[LeadDraft]],
    ) -> None:
        """Stores drafts as the entries of a list, numbered from `first_sequence` in their order.

        The caller has locked the list. The next part, of 1,000 at most and maybe of none, is asked for while
        the database stores those before it. Raises what that raises; an error that `is_duplicate` comes of a
        key that is there already.
        """

    async def find_sequences(
        self, conn: AsyncConnection, list_id: int, parts: Iterable[Sequence[str]]
    ) -> dict[str, int]:
        """Which of these keys the list has already, and the sequence of each.

        They come some at a time, and may be made as they are asked for. Raises what making them raises.
        """

    async def try_lock_key(self, conn: AsyncConnection, workspace_id: int, key: str) -> bool:
        """Takes an idempotency key until the commit; False when another process has it."""


def load_dialect(*, is_sqlite: bool) -> Dialect:
    """The dialect module of a database, and with it its driver: the other one's is not needed."""
    if is_sqlite:
        from leadyard.storage.dialects import sqlite  # noqa: PLC0415

        return sqlite
    from leadyard.storage.dialects import postgresql  # noqa: PLC0415

    return postgresql
