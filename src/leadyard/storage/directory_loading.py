"""Filling the directory, a batch of people and their companies at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.company_matching import exact_keys, nearby_keys, read_company_name
from leadyard.domain.directory import (
    MAX_KEY_CHARACTERS,
    DirectoryCompany,
    DirectoryPerson,
    KnownPerson,
    Roster,
    merge,
)
from leadyard.domain.mailboxes import mailbox_key
from leadyard.domain.people import Company
from leadyard.storage.database import Database, Tx
from leadyard.storage.directory import BY_EMAIL, BY_KEY, BY_LINKEDIN, encode, find_people
from leadyard.storage.ids import new_id

_PERSON_COLUMNS = {
    "public_id": "text",
    "company_id": "bigint",
    "key": "text",
    "linkedin_key": "text",
    "email_key": "text",
    "mailbox_key": "text",
    "title_key": "text",
    "person": "text",
}
_COMPANY_COLUMNS = {"key": "text", "domain": "text", "page_key": "text", "company": "text"}
_NAME_KEY_COLUMNS = {"key": "bigint", "company_id": "bigint"}

_decode_company = msgspec.json.Decoder(Company).decode


@asynccontextmanager
async def tuned_for_loading(database: Database) -> AsyncIterator[None]:
    """Sets the writing connection up for large batches while the block runs. Raises DatabaseAway."""
    async with database.write() as tx:
        await tx.dialect.tune_for_loading(tx.conn, on=True)
    yield
    async with database.write() as tx:
        await tx.dialect.tune_for_loading(tx.conn, on=False)


async def refresh_statistics(database: Database) -> None:
    """Lets PostgreSQL know at once how the tables have grown.

    It would notice by itself within a minute or two, and until then read whole tables for a look-up.
    """
    if not database.is_sqlite:
        async with database.write() as tx:
            tables = "directory_companies, directory_company_keys, directory_people"
            await tx.conn.execute(text(f"ANALYZE {tables}"))


async def upsert_people(tx: Tx, people: Sequence[DirectoryPerson], loaded_at: int) -> tuple[int, int]:
    """Stores a batch with its companies; returns how many people and companies were new to this load.

    `loaded_at`, in milliseconds since 1970, is the same for all batches of a load and for no other load.
    A person known already keeps their id. What a row leaves out stays as it was. Rows are written in the
    order of their keys, so that two loads at once wait for each other and do not deadlock.
    """
    companies = [person.company for person in people if person.company is not None]
    company_ids, company_count = await _upsert_companies(tx, companies, loaded_at)
    known = await _find_known_people(tx, people)
    roster = Roster(known)
    for person in people:
        roster.add(person)
    now_ms = tx.now_ms
    rows = [_person_row(person, company_ids, now_ms) for person in roster.list_changed()]
    await _write_people(tx, rows, loaded_at)
    counted = {person.key for person in known if person.updated_at == loaded_at}
    return len(roster.changed - counted), company_count


async def _write_people(tx: Tx, rows: Sequence[Mapping[str, Any]], loaded_at: int) -> None:
    rows_from = tx.dialect.rows_from("rows", _PERSON_COLUMNS)
    columns = ", ".join(_PERSON_COLUMNS)
    statement = text(
        f"INSERT INTO directory_people AS p ({columns}, updated_at) "
        f"SELECT {columns}, :loaded_at FROM (SELECT * FROM {rows_from}) AS r WHERE true ORDER BY r.key "
        "ON CONFLICT (key) DO UPDATE SET "
        "company_id = coalesce(excluded.company_id, p.company_id), "
        "title_key = coalesce(excluded.title_key, p.title_key), "
        "linkedin_key = excluded.linkedin_key, email_key = excluded.email_key, "
        "mailbox_key = excluded.mailbox_key, person = excluded.person, updated_at = excluded.updated_at"
    )
    await tx.conn.execute(statement, {"rows": encode(rows), "loaded_at": loaded_at})


async def _find_known_people(tx: Tx, people: Sequence[DirectoryPerson]) -> list[KnownPerson]:
    """Whom the directory has of these: by profile, else by e-mail, and by key those without a profile."""
    profiles = {person.linkedin_key for person in people if person.linkedin_key}
    known = await _find_each(tx, BY_LINKEDIN, profiles)
    found = {each.linkedin_key for each in known}
    unknown = [person for person in people if person.linkedin_key not in found]
    known += await _find_each(tx, BY_EMAIL, {person.email_key for person in unknown if person.email_key})
    known += await _find_each(tx, BY_KEY, {person.key for person in unknown if not person.linkedin_key})
    return known


async def _find_each(tx: Tx, matches: str, keys: Collection[str]) -> list[KnownPerson]:
    found = await find_people(tx, matches, list(keys)) if keys else []
    return list(chain.from_iterable(found))


async def _upsert_companies(
    tx: Tx, companies: Sequence[DirectoryCompany], loaded_at: int
) -> tuple[dict[str, int], int]:
    """Stores companies, each once, and what they are looked up by.

    Returns their numbers by key, and how many were new to this load.
    """
    told: dict[str, DirectoryCompany] = {}
    for new in companies:
        before = told.get(new.key)
        if before is None:
            told[new.key] = new
        elif before != new:
            told[new.key] = _merge_companies(before, new)
    known = await _find_known_companies(tx, list(told))
    rows = []
    names = {}
    count = 0
    for key, new in told.items():
        row = known.get(key)
        old = None if row is None else _decode_company(row.company)
        merged = new if row is None or old is None else _merge_companies(_to_company(row, old), new)
        is_counted = row is not None and row.updated_at == loaded_at
        count += not is_counted
        if not is_counted or merged.company != old:
            rows.append({**merged._asdict(), "company": encode(merged.company)})
            if merged.company.name != (name := None if old is None else old.name):
                names[key] = (name, merged.company.name)
    written = await _write_companies(tx, rows, loaded_at)
    await _write_name_keys(tx, [(written[key], *each) for key, each in names.items()])
    return {key: row.id for key, row in known.items()} | written, count


async def _find_known_companies(tx: Tx, keys: Sequence[str]) -> dict[str, Row[Any]]:
    rows_from = tx.dialect.rows_from("rows", {"key": "text"})
    statement = text(
        "SELECT c.id, c.key, c.domain, c.page_key, c.company, c.updated_at "
        f"FROM (SELECT * FROM {rows_from}) AS r JOIN directory_companies AS c ON c.key = r.key"
    )
    found = await tx.conn.execute(statement, {"rows": encode([{"key": key} for key in keys])})
    return {row.key: row for row in found}


async def _write_companies(tx: Tx, rows: Sequence[Mapping[str, Any]], loaded_at: int) -> dict[str, int]:
    """Writes rows; returns the number of each by its key."""
    if not rows:
        return {}
    rows_from = tx.dialect.rows_from("rows", _COMPANY_COLUMNS)
    statement = text(
        "INSERT INTO directory_companies (key, domain, page_key, company, updated_at) "
        "SELECT r.key, r.domain, r.page_key, r.company, :loaded_at "
        f"FROM (SELECT * FROM {rows_from}) AS r WHERE true ORDER BY r.key ON CONFLICT (key) DO UPDATE SET "
        "page_key = excluded.page_key, company = excluded.company, updated_at = excluded.updated_at "
        "RETURNING id, key"
    )
    written = await tx.conn.execute(statement, {"rows": encode(rows), "loaded_at": loaded_at})
    return {row.key: row.id for row in written}


async def _write_name_keys(tx: Tx, changes: Sequence[tuple[int, str | None, str | None]]) -> None:
    """Writes what companies are looked up by, given the number, the old and the new name of each."""
    gone, new = set(), set()
    for row_id, old_name, new_name in changes:
        before, after = name_keys(old_name), name_keys(new_name)
        gone |= {(each, row_id) for each in before - after}
        new |= {(each, row_id) for each in after - before}
    rows = f"(SELECT * FROM {tx.dialect.rows_from('rows', _NAME_KEY_COLUMNS)}) AS r"
    if gone:
        condition = f"(key, company_id) IN (SELECT r.key, r.company_id FROM {rows})"
        statement = text(f"DELETE FROM directory_company_keys WHERE {condition}")
        await tx.conn.execute(statement, {"rows": _encode_name_keys(gone)})
    if new:
        statement = text(
            "INSERT INTO directory_company_keys (key, company_id) "
            f"SELECT r.key, r.company_id FROM {rows} WHERE true ON CONFLICT DO NOTHING"
        )
        await tx.conn.execute(statement, {"rows": _encode_name_keys(new)})


def _encode_name_keys(keys: Collection[tuple[int, int]]) -> str:
    """In the order of the index, so that neighbors are written together."""
    return encode([{"key": key, "company_id": row_id} for key, row_id in sorted(keys)])


def name_keys(name: str | None) -> set[int]:
    """Everything that a company of this name is looked up by."""
    parts = read_company_name(name) if name and len(name) <= MAX_KEY_CHARACTERS else None
    return exact_keys(parts) | nearby_keys(parts) if parts else set()


def _person_row(person: DirectoryPerson, company_ids: Mapping[str, int], now_ms: int) -> Mapping[str, Any]:
    stored = person.person
    if stored.id:
        stored = msgspec.structs.replace(stored, id="", company=Company())
    return {
        "public_id": new_id(now_ms),
        "company_id": None if person.company is None else company_ids[person.company.key],
        "key": person.key,
        "linkedin_key": person.linkedin_key,
        "email_key": person.email_key,
        "mailbox_key": mailbox_key(person.email_key) if person.email_key else None,
        "title_key": person.title_key,
        "person": encode(stored),
    }


def _merge_companies(known: DirectoryCompany, new: DirectoryCompany) -> DirectoryCompany:
    company = known.company if known.company == new.company else merge(known.company, new.company)
    return DirectoryCompany(known.key, known.domain, new.page_key or known.page_key, company)


def _to_company(row: Row[Any], company: Company) -> DirectoryCompany:
    return DirectoryCompany(row.key, row.domain, row.page_key, company)
