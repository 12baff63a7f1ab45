"""The user's own people and companies."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, text

from leadyard.storage.tables.metadata import KeyText, RowId, metadata

directory_companies = Table(
    "directory_companies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", KeyText, nullable=False, unique=True),
    Column("domain", KeyText),
    Column("company", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("page_key", KeyText),
    Index("ix_directory_companies_domain", "domain"),
    Index("ix_directory_companies_page_key", "page_key"),
)

# No foreign key: checking it for each of the two dozen keys of a company makes a load noticeably slower, and
# companies are not deleted.

directory_company_keys = Table(
    "directory_company_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

directory_people = Table(
    "directory_people",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("public_id", KeyText, nullable=False, unique=True),
    Column("company_id", ForeignKey("directory_companies.id")),
    Column("key", KeyText, nullable=False, unique=True),
    Column("linkedin_key", KeyText),
    Column("email_key", KeyText),
    Column("title_key", KeyText),
    Column("person", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("mailbox_key", KeyText),
    # Whoever was loaded with a profile has it in the key as well, which has an index already.
    Index(
        "ix_directory_people_later_profile",
        "linkedin_key",
        sqlite_where=text("linkedin_key IS NOT NULL AND key <> 'linkedin:' || linkedin_key"),
        postgresql_where=text("linkedin_key IS NOT NULL AND key <> 'linkedin:' || linkedin_key"),
    ),
    Index("ix_directory_people_mailbox_key", "mailbox_key"),
    Index("ix_directory_people_company", "company_id", "title_key"),
    Index("ix_directory_people_updated_at", "updated_at", "id"),
)
