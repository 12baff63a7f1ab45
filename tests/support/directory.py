"""Look-ups in the directory, one at a time."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.company_matching import exact_keys, read_company_name
from leadyard.domain.directory import KnownCompany, KnownPerson
from leadyard.storage.directory import DirectoryReader, DirectoryStore


class Lookups(DirectoryStore):
    """A directory that is opened for each question."""

    async def find_by_linkedin(self, linkedin_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """As `DirectoryReader` has it."""
        async with self.open() as reader:
            return await reader.find_by_linkedin(linkedin_keys)

    async def find_by_email(self, email_keys: Sequence[str]) -> list[list[KnownPerson]]:
        """As `DirectoryReader` has it."""
        async with self.open() as reader:
            return await reader.find_by_email(email_keys)

    async def at_domain(self, title_key: str, domain: str) -> list[KnownPerson]:
        """Who has that very title at the company of that domain, loaded first first."""
        async with self.open() as reader:
            (companies,) = await reader.find_companies_by_domain([domain])
            return await _holders(reader, companies, title_key)

    async def at_company(self, title_key: str, name: str) -> list[KnownPerson]:
        """Who has that very title at companies that are found by that name."""
        parts = read_company_name(name)
        assert parts is not None
        async with self.open() as reader:
            (companies,) = await reader.find_companies_by_name_keys([exact_keys(parts)])
            return await _holders(reader, companies, title_key)


async def _holders(
    reader: DirectoryReader, companies: Sequence[KnownCompany], title_key: str
) -> list[KnownPerson]:
    positions = await reader.list_positions([company.row_id for company in companies])
    row_ids = [row_id for some in positions.values() for row_id, title in some if title == title_key]
    people = await reader.get_people(row_ids)
    return [people[row_id] for row_id in sorted(row_ids)]
