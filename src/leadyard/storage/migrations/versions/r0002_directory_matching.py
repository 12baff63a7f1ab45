"""What the directory is searched by: names of companies with a slip, their pages, and mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from leadyard.domain.company_pages import company_page_key
from leadyard.domain.directory import find_key
from leadyard.domain.mailboxes import mailbox_key
from leadyard.storage.dialects import postgresql, sqlite
from leadyard.storage.directory_loading import name_keys

revision = "0002"
down_revision = "0001"

BATCH_ROWS = 2_000
LATER_PROFILE = "linkedin_key IS NOT NULL AND key <> 'linkedin:' || linkedin_key"
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds columns and a table, and fills them for whoever is in the directory already."""
    op.create_table(
        "directory_company_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "company_id", name=op.f("pk_directory_company_keys")),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_directory_companies_name_key", "directory_companies")
    op.drop_column("directory_companies", "name_key")
    op.add_column("directory_companies", sa.Column("page_key", KEY, nullable=True))
    op.drop_index("ix_directory_people_email_key", "directory_people")
    op.drop_index("ix_directory_people_linkedin_key", "directory_people")
    op.add_column("directory_people", sa.Column("mailbox_key", KEY, nullable=True))
    _fill_companies()
    _fill_people()
    op.create_index("ix_directory_companies_page_key", "directory_companies", ["page_key"], unique=False)
    op.create_index("ix_directory_people_mailbox_key", "directory_people", ["mailbox_key"], unique=False)
    op.create_index(
        "ix_directory_people_later_profile",
        "directory_people",
        ["linkedin_key"],
        unique=False,
        sqlite_where=sa.text(LATER_PROFILE),
        postgresql_where=sa.text(LATER_PROFILE),
    )


def _fill_companies() -> None:
    for rows in _batches("SELECT id, company FROM directory_companies"):
        companies = [(row.id, msgspec.json.decode(row.company)) for row in rows]
        keys = [
            {"key": key, "company_id": row_id}
            for row_id, company in companies
            for key in name_keys(company.get("name"))
        ]
        _execute(
            "INSERT INTO directory_company_keys (key, company_id) SELECT r.key, r.company_id FROM {rows}",
            {"key": "bigint", "company_id": "bigint"},
            keys,
        )
        pages = [
            {"id": row_id, "page_key": page}
            for row_id, company in companies
            if (page := find_key(company_page_key, company.get("linkedin_url")))
        ]
        _execute(
            "UPDATE directory_companies AS c SET page_key = r.page_key FROM {rows} WHERE c.id = r.id",
            {"id": "bigint", "page_key": "text"},
            pages,
        )


def _fill_people() -> None:
    for rows in _batches("SELECT id, email_key FROM directory_people"):
        _execute(
            "UPDATE directory_people AS p SET mailbox_key = r.mailbox_key FROM {rows} WHERE p.id = r.id",
            {"id": "bigint", "mailbox_key": "text"},
            [{"id": row.id, "mailbox_key": mailbox_key(row.email_key)} for row in rows if row.email_key],
        )


def _batches(query: str) -> Iterator[Sequence[Any]]:
    """The rows of a table in the order of their ids, a few at a time, so that memory stays what it is."""
    statement = sa.text(f"{query} WHERE id > :last ORDER BY id LIMIT {BATCH_ROWS}")
    last = 0
    while rows := op.get_bind().execute(statement, {"last": last}).all():
        yield rows
        last = rows[-1].id


def _execute(statement: str, columns: dict[str, str], rows: Sequence[dict[str, Any]]) -> None:
    """One statement over rows, which stand for {rows} in it as r."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    rows_from: Callable[[str, dict[str, str]], str] = (sqlite if is_sqlite else postgresql).rows_from
    if rows:
        source = f"(SELECT * FROM {rows_from('rows', columns)}) AS r"
        values = {"rows": msgspec.json.encode(rows).decode()}
        op.get_bind().execute(sa.text(statement.format(rows=source)), values)
