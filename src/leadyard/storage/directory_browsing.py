"""The directory as people look at it: how much there is, how old it is, and who is found by what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from leadyard.domain.directory import DirectoryCounts, KnownPerson
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx
from leadyard.storage.directory import BY_LINKEDIN, BY_MAILBOX, PERSON_COLUMNS, find_people, to_known_person

_COUNTS = text(
    "SELECT (SELECT count(*) FROM directory_people) AS people, "
    "(SELECT count(*) FROM directory_companies) AS companies, "
    "(SELECT count(*) FROM directory_people WHERE updated_at < :before) AS stale"
)
_PEOPLE = (
    f"SELECT {PERSON_COLUMNS} FROM directory_people p LEFT JOIN directory_companies c ON c.id = p.company_id"
)
_NEWEST = text(f"{_PEOPLE} ORDER BY p.updated_at DESC, p.id DESC LIMIT :most")
_OLDEST = text(f"{_PEOPLE} WHERE p.updated_at < :before ORDER BY p.updated_at, p.id LIMIT :most")
_AT_DOMAIN = text(f"{_PEOPLE} WHERE c.domain = :domain ORDER BY p.title_key, p.id LIMIT :most")


async def count_directory(tx: Tx, stale_before: datetime) -> DirectoryCounts:
    """How many people and companies there are, and how many people were not loaded again since a moment."""
    row = (await tx.conn.execute(_COUNTS, {"before": to_ms(stale_before)})).one()
    return DirectoryCounts(row.people, row.companies, row.stale)


async def list_newest(tx: Tx, most: int) -> list[KnownPerson]:
    """Those who were loaded last."""
    return _to_people((await tx.conn.execute(_NEWEST, {"most": most})).all())


async def list_oldest(tx: Tx, before: datetime, most: int) -> list[KnownPerson]:
    """Those who were not loaded again since a moment, the oldest first."""
    values = {"before": to_ms(before), "most": most}
    return _to_people((await tx.conn.execute(_OLDEST, values)).all())


async def list_at_domain(tx: Tx, domain: str, most: int) -> list[KnownPerson]:
    """Who works at the companies of a domain."""
    return _to_people((await tx.conn.execute(_AT_DOMAIN, {"domain": domain, "most": most})).all())


async def list_at_companies(tx: Tx, company_row_ids: Sequence[int], most: int) -> list[KnownPerson]:
    """Who works at these companies."""
    statement = text(
        f"{_PEOPLE} JOIN {tx.dialect.numbers_from('rows')} AS r ON r.number = p.company_id "
        "ORDER BY p.title_key, p.id LIMIT :most"
    )
    rows = "[" + ",".join(map(str, company_row_ids)) + "]"
    return _to_people((await tx.conn.execute(statement, {"rows": rows, "most": most})).all())


async def find_by_profile(tx: Tx, linkedin_key: str) -> list[KnownPerson]:
    """Who has this profile."""
    return (await find_people(tx, BY_LINKEDIN, [linkedin_key]))[0]


async def find_by_mailbox(tx: Tx, email_key: str) -> list[KnownPerson]:
    """Who has this mailbox."""
    return (await find_people(tx, BY_MAILBOX, [email_key]))[0]


def _to_people(rows: Sequence[Row[Any]]) -> list[KnownPerson]:
    return [to_known_person(tuple(row)) for row in rows]
