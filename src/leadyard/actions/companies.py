"""Finding one company while the caller waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from leadyard.domain.accounts import Caller
from leadyard.domain.errors import NotFound, ProviderAway
from leadyard.domain.people import Company
from leadyard.domain.providers import CompanyAnswer, CompanyQuery, FoundCompany, Unavailable

ANSWER_SECONDS = 10.0

FindCompany = Callable[[int, CompanyQuery], Awaitable[CompanyAnswer]]
"""Asks the providers of a workspace for a company."""


async def find_company(find: FindCompany, caller: Caller, query: CompanyQuery) -> Company:
    """The company that a query leads to; costs no credits.

    Raises NotFound for none, or more than one, and ProviderAway if no answer comes in time.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await find(caller.workspace_id, query)
    except TimeoutError:
        raise ProviderAway from None
    if isinstance(answer, Unavailable):
        raise ProviderAway
    if not isinstance(answer, FoundCompany):
        raise NotFound("company")
    return answer.company
