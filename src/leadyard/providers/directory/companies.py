"""Companies of the directory, by their domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.people import Company
from leadyard.domain.providers import CompanyAnswer, CompanyQuery, FoundCompany, Unavailable
from leadyard.providers.directory.client import BATCH_SIZE, CONCURRENCY, NAME


class CompanyLookups(Protocol):
    """What the provider asks the directory. Raises DatabaseAway."""

    async def find_companies(self, domains: Sequence[str]) -> dict[str, Company]:
        """Companies by registrable domain; one that is not known is left out."""


class DirectoryCompanies:
    """Finds companies of the directory of the installation."""

    name = NAME
    batch_size = BATCH_SIZE
    concurrency = CONCURRENCY

    def __init__(self, lookups: CompanyLookups) -> None:
        self._lookups = lookups

    async def find_companies(self, queries: Sequence[CompanyQuery]) -> list[CompanyAnswer]:
        """One answer a query, in the same order; without a domain nothing is found."""
        domains = [query.domain for query in queries if query.domain]
        try:
            known = await self._lookups.find_companies(domains) if domains else {}
        except DatabaseAway:
            return [Unavailable("the database is away")] * len(queries)
        return [_to_answer(query.domain, known) for query in queries]


def _to_answer(domain: str | None, known: dict[str, Company]) -> FoundCompany | None:
    if domain is None or domain not in known:
        return None
    # The same each time, and the same as any other installation would give.
    company_id = known[domain].id or str(uuid5(NAMESPACE_DNS, domain))
    return FoundCompany(msgspec.structs.replace(known[domain], id=company_id))
