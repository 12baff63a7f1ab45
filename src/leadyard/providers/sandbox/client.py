"""The provider behind test keys: nothing leaves the machine, and equal questions get equal answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.providers import (
    CompanyQuery,
    FoundCompany,
    FoundPerson,
    FoundPhones,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.sandbox.mapping import (
    find_company,
    find_person,
    is_slow,
    reveal_phone,
    validate_email,
)

SLOW_SECONDS = 0.2


class SandboxProvider:
    """Finds, reveals and validates by the words in the question (contract §4).

    A chunk a call: those that are asked together with a slow one wait with it.
    """

    name = "sandbox"
    batch_size = 100
    concurrency = 256

    async def find_people(self, queries: Sequence[PersonQuery]) -> list[FoundPerson | Unavailable | None]:
        """One answer a query, in the same order; after SLOW_SECONDS if one of them is slow."""
        if any(map(is_slow, queries)):
            await asyncio.sleep(SLOW_SECONDS)
        return [find_person(query) for query in queries]

    async def find_companies(
        self, queries: Sequence[CompanyQuery]
    ) -> list[FoundCompany | Unavailable | None]:
        """One answer a query, in the same order."""
        return [find_company(query) for query in queries]

    async def reveal_phones(self, queries: Sequence[PersonQuery]) -> list[FoundPhones | Unavailable | None]:
        """One answer a query, in the same order."""
        return [reveal_phone(query) for query in queries]

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> list[EmailVerdict | Unavailable]:
        """One verdict an address, in the same order."""
        return [validate_email(email) for email in emails]
