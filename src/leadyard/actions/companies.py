"""Finding one company while the caller waits."""

from __future__ import annotations

import asyncio

from leadyard.domain.errors import NotFound, ProviderAway
from leadyard.domain.people import Company
from leadyard.domain.providers import CompanyProvider, CompanyQuery, FoundCompany, Unavailable

ANSWER_SECONDS = 10.0


async def find_company(provider: CompanyProvider, query: CompanyQuery) -> Company:
    """The company that a query leads to; costs nothing.

    Raises NotFound for none, or more than one, and ProviderAway if no answer comes in time.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            [answer] = await provider.find_companies([query])
    except TimeoutError:
        raise ProviderAway from None
    if isinstance(answer, Unavailable):
        raise ProviderAway
    if not isinstance(answer, FoundCompany):
        raise NotFound("company")
    return answer.company
