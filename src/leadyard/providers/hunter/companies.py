"""Hunter: a company by its domain."""

from __future__ import annotations

from collections.abc import Sequence

from leadyard.domain.providers import CompanyQuery, Missing, PaidCompanyAnswer, Unavailable
from leadyard.providers.answers import found_company
from leadyard.providers.hunter.client import (
    ERASED,
    PENDING,
    PENDING_PAUSES_SECONDS,
    Api,
    Options,
    read_data,
)
from leadyard.providers.hunter.mapping import ENRICHMENT_CREDITS, NAME, company_of
from leadyard.providers.transport import Transport


class HunterCompanies:
    """Asks Hunter for one company a call, by its domain only. One that is found costs a fifth of a credit."""

    name = NAME
    batch_size = 1
    concurrency = 8
    repeats_are_free = False

    def __init__(
        self,
        api_key: str,
        options: Options,
        transport: Transport,
        *,
        pauses: Sequence[float] = PENDING_PAUSES_SECONDS,
    ) -> None:
        """`pauses` are in seconds."""
        self.rate = options.rate
        self._api = Api(api_key, options, transport, pauses)

    def most_cost(self, query: CompanyQuery) -> float:
        """A fifth of a credit, if there is a domain."""
        return ENRICHMENT_CREDITS if query.domain else 0.0

    async def find_company(self, query: CompanyQuery) -> PaidCompanyAnswer:
        """The company of a query; None is a company not found. Raises CallFailed."""
        reply = await self._api.ask("/companies/find", {"domain": query.domain or ""}, can_buy=True)
        if reply.is_no_match:
            return None
        if reply.status == ERASED:
            return Missing(is_erased=True)
        if reply.status == PENDING:
            return Unavailable("pending")
        return found_company(query, company_of(read_data(reply)), ENRICHMENT_CREDITS)
