"""The directory: the installation's own people and companies, loaded in batches and looked up in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.directory import (
    DirectoryCompany,
    DirectoryPerson,
    KnownPerson,
    Roster,
    merge,
    name_key,
)
from leadyard.domain.people import Company, Person
from leadyard.storage.database import Database, Tx
from leadyard.storage.ids import new_id

MAX_CANDIDATES = 5
"""The most people that a look-up answers for one key, the ones loaded first."""

MAX_COLLEAGUES = 1_000
"""The most people of one company that are looked through for a name, the ones loaded first."""

_ALL = 2**31 - 1

_PERSON_COLUMNS = {
    "public_id": "text",
    "company_key": "text",
    "key": "text",
    "linkedin_key": "text",
    "email_key": "text",
    "title_key": "text",
    "person": "text",
}
_COMPANY_COLUMNS = {"key": "text", "domain": "text", "name_key": "text", "company": "text"}

_BY_KEY = "JOIN directory_people AS found ON found.key = r.key"
_BY_LINKEDIN = "JOIN directory_people AS found ON found.linkedin_key = r.key"
_BY_EMAIL = "JOIN directory_people AS found ON found.email_key = r.key"
_BY_PUBLIC_ID = "JOIN directory_people AS found ON found.public_id = r.key"
_THERE = "JOIN directory_people AS found ON found.company_id = employer.id AND found.title_key = r.key"
_BY_DOMAIN = f"JOIN directory_companies AS employer ON employer.domain = r.company {_THERE}"
_BY_NAME = f"JOIN directory_companies AS employer ON employer.name_key = r.company {_THERE}"
_STAFF = "JOIN directory_people AS found ON found.company_id = employer.id"
_STAFF_BY_DOMAIN = f"JOIN directory_companies AS employer ON employer.domain = r.key {_STAFF}"
_STAFF_BY_NAME = f"JOIN directory_companies AS employer ON employer.name_key = r.key {_STAFF}"

_decode_person = msgspec.json.Decoder(Person).decode
_decode_company = msgspec.json.Decoder(Company).decode


class DirectoryStore:
    """Look-ups of the `directory` provider, one statement each.

    Each takes keys and answers a list for each, in the same order: whom the key leads to, the ones loaded
    first before others, at most MAX_CANDIDATES. Raises DatabaseAway.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_by_linkedin(self, linkedin_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the key of their LinkedIn profile."""
        return await self._find(_BY_LINKEDIN, [(key, None) for key in linkedin_keys])

    async def find_by_email(self, email_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the key of their e-mail."""
        return await self._find(_BY_EMAIL, [(key, None) for key in email_keys])

    async def find_by_title_and_domain(self, pairs: Sequence[tuple[str, str]]) -> list[list[KnownPerson]]:
        """People by the key of their title and the registrable domain of their company."""
        return await self._find(_BY_DOMAIN, pairs)

    async def find_by_title_and_company_name(
        self, pairs: Sequence[tuple[str, str]]
    ) -> list[list[KnownPerson]]:
        """People by the keys of their title and of their company's name."""
        return await self._find(_BY_NAME, pairs)

    async def find_by_name_and_domain(self, pairs: Sequence[tuple[str, str]]) -> list[list[KnownPerson]]:
        """People by the key of their name and the registrable domain of their company."""
        return await self._find_colleagues(_STAFF_BY_DOMAIN, pairs)

    async def find_by_name_and_company_name(
        self, pairs: Sequence[tuple[str, str]]
    ) -> list[list[KnownPerson]]:
        """People by the keys of their name and of their company's name."""
        return await self._find_colleagues(_STAFF_BY_NAME, pairs)

    async def _find_colleagues(self, join: str, pairs: Sequence[tuple[str, str]]) -> list[list[KnownPerson]]:
        """Names are not indexed: the staff of each company is read once and looked through."""
        companies = list(dict.fromkeys(company for _, company in pairs))
        async with self._database.read() as tx:
            staffs = await _find_people(tx, join, [(company, None) for company in companies], MAX_COLLEAGUES)
        staff_of = dict(zip(companies, staffs, strict=True))
        return [
            [known for known in staff_of[company] if _name_of(known) == name][:MAX_CANDIDATES]
            for name, company in pairs
        ]

    async def find_companies(self, domains: Sequence[str]) -> dict[str, Company]:
        """Companies by registrable domain, the one loaded first of each."""
        async with self._database.read() as tx:
            return await _find_companies_by_domain(tx, domains)

    async def _find(self, join: str, keys: Sequence[tuple[str, str | None]]) -> list[list[KnownPerson]]:
        async with self._database.read() as tx:
            return await _find_people(tx, join, keys)


async def refresh_statistics(database: Database) -> None:
    """Lets PostgreSQL know at once how the tables have grown.

    It would notice by itself within a minute or two, and until then read whole tables for a look-up.
    """
    if not database.is_sqlite:
        async with database.write() as tx:
            await tx.conn.execute(text("ANALYZE directory_companies, directory_people"))


async def upsert_people(tx: Tx, people: Sequence[DirectoryPerson], loaded_at: int) -> tuple[int, int]:
    """Stores a batch with its companies; returns how many people and companies were new to this load.

    `loaded_at`, in milliseconds since 1970, is the same for all batches of a load and for no other load.
    A person known already keeps their id. What a row leaves out stays as it was. Rows are written in the
    order of their keys, so that two loads at once wait for each other and do not deadlock.
    """
    companies = [person.company for person in people if person.company is not None]
    company_count = await _upsert_companies(tx, companies, loaded_at)
    known = await _find_known_people(tx, people)
    roster = Roster(known)
    for person in people:
        roster.add(person)
    rows_from = tx.dialect.rows_from("rows", _PERSON_COLUMNS)
    statement = text(
        "INSERT INTO directory_people AS p "
        "(public_id, company_id, key, linkedin_key, email_key, title_key, person, updated_at) "
        "SELECT r.public_id, c.id, r.key, r.linkedin_key, r.email_key, r.title_key, r.person, :loaded_at "
        f"FROM (SELECT * FROM {rows_from}) AS r LEFT JOIN directory_companies AS c ON c.key = r.company_key "
        "WHERE true ORDER BY r.key ON CONFLICT (key) DO UPDATE SET "
        "company_id = coalesce(excluded.company_id, p.company_id), "
        "title_key = coalesce(excluded.title_key, p.title_key), "
        "linkedin_key = excluded.linkedin_key, email_key = excluded.email_key, "
        "person = excluded.person, updated_at = excluded.updated_at"
    )
    rows = [_person_row(tx, person) for person in roster.list_changed()]
    await tx.conn.execute(statement, {"rows": _encode(rows), "loaded_at": loaded_at})
    counted = {person.key for person in known if person.updated_at == loaded_at}
    return len(roster.changed - counted), company_count


async def lock_for_loading(tx: Tx) -> None:
    """Before a load looks who was erased: an erasure waits for those that have looked already."""
    if tx.dialect.lock_clause():
        await tx.conn.execute(text("LOCK TABLE directory_people IN ROW EXCLUSIVE MODE"))


async def find_traces(
    tx: Tx, profiles: Collection[str], emails: Collection[str], public_ids: Collection[str]
) -> list[KnownPerson]:
    """The people with one of these profiles, e-mails or ids, each once."""
    found = await _find_each(tx, _BY_LINKEDIN, profiles, _ALL)
    found += await _find_each(tx, _BY_EMAIL, emails, _ALL)
    found += await _find_each(tx, _BY_PUBLIC_ID, public_ids, _ALL)
    return list({known.key: known for known in found}.values())


async def delete_people(tx: Tx, keys: Collection[str]) -> int:
    """Removes people by their keys; their companies stay. Returns how many there were."""
    rows = tx.dialect.rows_from("rows", {"key": "text"})
    statement = text(
        f"DELETE FROM directory_people WHERE key IN (SELECT r.key FROM (SELECT * FROM {rows}) AS r)"
    )
    values = {"rows": _encode([{"key": key} for key in keys])}
    return (await tx.conn.execute(statement, values)).rowcount


async def _find_known_people(tx: Tx, people: Sequence[DirectoryPerson]) -> list[KnownPerson]:
    """Whom the directory has of these: by profile, else by e-mail, and by key those without a profile."""
    profiles = {person.linkedin_key for person in people if person.linkedin_key}
    known = await _find_each(tx, _BY_LINKEDIN, profiles)
    found = {each.linkedin_key for each in known}
    unknown = [person for person in people if person.linkedin_key not in found]
    known += await _find_each(tx, _BY_EMAIL, {person.email_key for person in unknown if person.email_key})
    known += await _find_each(tx, _BY_KEY, {person.key for person in unknown if not person.linkedin_key})
    return known


async def _find_each(
    tx: Tx, join: str, keys: Collection[str], most: int = MAX_CANDIDATES
) -> list[KnownPerson]:
    found = await _find_people(tx, join, [(key, None) for key in keys], most) if keys else []
    return list(chain.from_iterable(found))


async def _upsert_companies(tx: Tx, companies: Sequence[DirectoryCompany], loaded_at: int) -> int:
    """Stores companies, each once; returns how many were new to this load."""
    told: dict[str, DirectoryCompany] = {}
    for new in companies:
        told[new.key] = _merge_companies(told.get(new.key, new), new)
    known = await _find_companies(tx, list(told))
    rows = []
    count = 0
    for key, new in told.items():
        row = known.get(key)
        merged = new if row is None else _merge_companies(_to_company(row), new)
        is_counted = row is not None and row.updated_at == loaded_at
        count += not is_counted
        if row is None or not is_counted or merged != _to_company(row):
            rows.append({**merged._asdict(), "company": _encode(merged.company)})
    rows_from = tx.dialect.rows_from("rows", _COMPANY_COLUMNS)
    statement = text(
        "INSERT INTO directory_companies (key, domain, name_key, company, updated_at) "
        "SELECT r.key, r.domain, r.name_key, r.company, :loaded_at "
        f"FROM (SELECT * FROM {rows_from}) AS r WHERE true ORDER BY r.key ON CONFLICT (key) DO UPDATE SET "
        "name_key = excluded.name_key, company = excluded.company, updated_at = excluded.updated_at"
    )
    await tx.conn.execute(statement, {"rows": _encode(rows), "loaded_at": loaded_at})
    return count


async def _find_companies(tx: Tx, keys: Sequence[str]) -> dict[str, Row[Any]]:
    rows_from = tx.dialect.rows_from("rows", {"key": "text"})
    statement = text(
        "SELECT c.key, c.domain, c.name_key, c.company, c.updated_at "
        f"FROM (SELECT * FROM {rows_from}) AS r JOIN directory_companies AS c ON c.key = r.key"
    )
    found = await tx.conn.execute(statement, {"rows": _encode([{"key": key} for key in keys])})
    return {row.key: row for row in found}


async def _find_companies_by_domain(tx: Tx, domains: Sequence[str]) -> dict[str, Company]:
    rows_from = tx.dialect.rows_from("rows", {"domain": "text"})
    statement = text(
        f"SELECT c.domain, c.company FROM (SELECT * FROM {rows_from}) AS r "
        "JOIN directory_companies AS c ON c.domain = r.domain ORDER BY c.id DESC"
    )
    found = await tx.conn.execute(statement, {"rows": _encode([{"domain": domain} for domain in domains])})
    return {row.domain: _decode_company(row.company) for row in found}


def _name_of(known: KnownPerson) -> str | None:
    return name_key(known.person.first_name, known.person.last_name)


async def _find_people(
    tx: Tx, join: str, keys: Sequence[tuple[str, str | None]], most: int = MAX_CANDIDATES
) -> list[list[KnownPerson]]:
    """For each pair of keys the people that `join` leads to, at most so many, the ones loaded first."""
    columns = {"place": "integer", "key": "text", "company": "text"}
    statement = text(
        "SELECT m.place, p.key, p.linkedin_key, p.email_key, p.public_id, p.person, p.updated_at, c.company "
        "FROM (SELECT r.place, found.id, "
        "row_number() OVER (PARTITION BY r.place ORDER BY found.id) AS number "
        f"FROM (SELECT * FROM {tx.dialect.rows_from('rows', columns)}) AS r {join}) AS m "
        "JOIN directory_people AS p ON p.id = m.id LEFT JOIN directory_companies AS c ON c.id = p.company_id "
        "WHERE m.number <= :most ORDER BY m.place, m.id"
    )
    rows = [{"place": place, "key": key, "company": company} for place, (key, company) in enumerate(keys)]
    found: defaultdict[int, list[KnownPerson]] = defaultdict(list)
    for row in await tx.conn.execute(statement, {"rows": _encode(rows), "most": most}):
        found[row.place].append(_to_known_person(row))
    return [found[place] for place in range(len(keys))]


def _person_row(tx: Tx, person: DirectoryPerson) -> Mapping[str, str | None]:
    stored = msgspec.structs.replace(person.person, id="", company=Company())
    return {
        "public_id": new_id(tx.now_ms),
        "company_key": None if person.company is None else person.company.key,
        "key": person.key,
        "linkedin_key": person.linkedin_key,
        "email_key": person.email_key,
        "title_key": person.title_key,
        "person": _encode(stored),
    }


def _merge_companies(known: DirectoryCompany, new: DirectoryCompany) -> DirectoryCompany:
    return DirectoryCompany(
        known.key, known.domain, new.name_key or known.name_key, merge(known.company, new.company)
    )


def _to_company(row: Row[Any]) -> DirectoryCompany:
    return DirectoryCompany(row.key, row.domain, row.name_key, _decode_company(row.company))


def _to_known_person(row: Row[Any]) -> KnownPerson:
    company = Company() if row.company is None else _decode_company(row.company)
    person = msgspec.structs.replace(_decode_person(row.person), id=row.public_id, company=company)
    return KnownPerson(row.key, row.linkedin_key, row.email_key, person, row.updated_at)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
