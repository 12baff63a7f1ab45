"""The directory: the installation's own people and companies, looked up in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from leadyard.domain.directory import KnownCompany, KnownPerson, Position, company_id
from leadyard.domain.mailboxes import mailbox_key
from leadyard.domain.people import Company, Person
from leadyard.storage.database import Database, Tx

MAX_CANDIDATES = 5
"""The most people that a look-up answers for one key, the ones loaded first."""
MAX_COMPANIES = 200
"""The most companies that a look-up answers for one name, the ones loaded first."""

_PEOPLE = "SELECT r.place, r.key, p.id, p.email_key FROM rows AS r JOIN directory_people AS p ON"
BY_KEY = f"{_PEOPLE} p.key = r.key"
BY_LINKEDIN = (
    f"{_PEOPLE} p.key = 'linkedin:' || r.key UNION ALL "
    f"{_PEOPLE} p.linkedin_key = r.key AND p.key <> 'linkedin:' || p.linkedin_key"
)
BY_MAILBOX = f"{_PEOPLE} p.mailbox_key = r.mailbox"
BY_EMAIL = f"{BY_MAILBOX} AND p.email_key = r.key"
BY_PUBLIC_ID = f"{_PEOPLE} p.public_id = r.key"

PERSON_COLUMNS = (
    "p.key, p.linkedin_key, p.email_key, p.public_id, p.person, p.updated_at, c.key AS company_key, c.company"
)

_decode_person = msgspec.json.Decoder(Person).decode
_decode_company = msgspec.json.Decoder(Company).decode


class DirectoryStore:
    """Opens the directory for look-ups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DirectoryReader]:
        """Look-ups in one state of the directory. Raises DatabaseAway, inside the block as well."""
        async with self._database.read() as tx:
            yield DirectoryReader(tx)


class DirectoryReader:
    """Look-ups of the `directory` provider, one statement each, at most a batch of leads at a time.

    Those that take keys answer a list for each, in the same order: what the key leads to, loaded first before
    others.
    """

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def find_by_linkedin(self, linkedin_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the key of their LinkedIn profile, at most MAX_CANDIDATES each."""
        return await find_people(self._tx, BY_LINKEDIN, linkedin_keys)

    async def find_by_email(self, email_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """People by the mailbox of an e-mail, at most MAX_CANDIDATES each, first those with that very key."""
        return await find_people(self._tx, BY_MAILBOX, email_keys)

    async def find_companies_by_domain(self, domains: Sequence[str]) -> list[list[KnownCompany]]:
        """Companies by their registrable domain."""
        return await self._find_companies("domain", domains)

    async def find_companies_by_page(self, page_keys: Sequence[str]) -> list[list[KnownCompany]]:
        """Companies by the key of their page on LinkedIn."""
        return await self._find_companies("page_key", page_keys)

    async def find_companies_by_name_keys(self, keys: Sequence[Collection[int]]) -> list[list[KnownCompany]]:
        """Companies that have one of these keys of names, at most MAX_COMPANIES each."""
        statement = (
            f"SELECT k.key, c.id, c.key, c.company FROM {self._tx.dialect.numbers_from('rows')} AS r "
            "JOIN directory_company_keys AS k ON k.key = r.number "
            "JOIN directory_companies AS c ON c.id = k.company_id"
        )
        by_key: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for name_key, *company in await _fetch(
            self._tx, statement, list({key for each in keys for key in each})
        ):
            by_key[name_key].append(tuple(company))
        found = []
        for each in keys:
            companies = {company for key in each for company in by_key.get(key, ())}
            found.append([_to_company(*company) for company in sorted(companies)[:MAX_COMPANIES]])
        return found

    async def list_positions(self, company_row_ids: Collection[int]) -> Mapping[int, Sequence[Position]]:
        """Who works at these companies, in no order."""
        return await self._tx.dialect.list_positions(self._tx.conn, company_row_ids)

    async def get_people(self, person_row_ids: Collection[int]) -> Mapping[int, KnownPerson]:
        """These people, whole."""
        statement = (
            f"SELECT p.id, {PERSON_COLUMNS} FROM {self._tx.dialect.numbers_from('rows')} AS r "
            "JOIN directory_people AS p ON p.id = r.number "
            "LEFT JOIN directory_companies AS c ON c.id = p.company_id"
        )
        rows = await _fetch(self._tx, statement, list(person_row_ids))
        return {row[0]: to_known_person(row[1:]) for row in rows}

    async def _find_companies(self, column: str, keys: Sequence[str]) -> list[list[KnownCompany]]:
        columns = {"place": "integer", "key": "text"}
        statement = (
            f"SELECT r.place, c.id, c.key, c.company FROM {_rows_from(self._tx, columns)} "
            f"JOIN directory_companies AS c ON c.{column} = r.key ORDER BY r.place, c.id"
        )
        rows = [{"place": place, "key": key} for place, key in enumerate(keys)]
        found: defaultdict[int, list[KnownCompany]] = defaultdict(list)
        for place, *company in await _fetch(self._tx, statement, rows):
            found[place].append(_to_company(*company))
        return [found[place] for place in range(len(keys))]


async def find_people(
    tx: Tx, matches: str, keys: Sequence[str], most: int = MAX_CANDIDATES
) -> list[list[KnownPerson]]:
    """For each key the people that `matches` has, at most so many.

    The right e-mail comes first, then the ones loaded first.
    """
    columns = {"place": "integer", "key": "text", "mailbox": "text"}
    is_by_email = matches in (BY_EMAIL, BY_MAILBOX)
    order = "found.email_key <> found.key, found.id" if is_by_email else "found.id"
    statement = (
        f"WITH rows AS (SELECT * FROM {tx.dialect.rows_from('rows', columns)}), found AS ({matches}) "
        f"SELECT m.place, {PERSON_COLUMNS} FROM (SELECT found.place, found.id, "
        f"row_number() OVER (PARTITION BY found.place ORDER BY {order}) AS number FROM found) AS m "
        "JOIN directory_people AS p ON p.id = m.id LEFT JOIN directory_companies AS c ON c.id = p.company_id "
        f"WHERE m.number <= {most:d} ORDER BY m.place, m.number"
    )
    rows = [
        {"place": place, "key": key, "mailbox": mailbox_key(key) if is_by_email else None}
        for place, key in enumerate(keys)
    ]
    found: defaultdict[int, list[KnownPerson]] = defaultdict(list)
    for row in await _fetch(tx, statement, rows):
        found[row[0]].append(to_known_person(row[1:]))
    return [found[place] for place in range(len(keys))]


def _rows_from(tx: Tx, columns: dict[str, str]) -> str:
    return f"(SELECT * FROM {tx.dialect.rows_from('rows', columns)}) AS r"


async def _fetch(tx: Tx, statement: str, rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
    return await tx.dialect.fetch_rows(tx.conn, statement, {"rows": encode(rows)})


def _to_company(row_id: int, key: str, stored: str) -> KnownCompany:
    return KnownCompany(row_id, key, _decode_company(stored))


def to_known_person(row: Sequence[Any]) -> KnownPerson:
    """A person from the columns of PERSON_COLUMNS."""
    key, linkedin_key, email_key, public_id, stored, updated_at, company_key, company = row
    employer = Company()
    if company_key and company:
        employer = msgspec.structs.replace(_decode_company(company), id=company_id(company_key))
    person = msgspec.structs.replace(_decode_person(stored), id=public_id, company=employer)
    return KnownPerson(key, linkedin_key, email_key, person, updated_at)


def encode(value: Any) -> str:
    """JSON as the database is given it."""
    return msgspec.json.encode(value).decode()
