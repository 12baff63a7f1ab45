"""Apollo: a company by its domain."""

from __future__ import annotations

from leadyard.domain.providers import CompanyQuery, PaidCompanyAnswer
from leadyard.providers.answers import found_company
from leadyard.providers.apollo.client import Options, require_answer
from leadyard.providers.apollo.mapping import NAME, company_of
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import amount, member

COMPANY_CREDITS = 1.0


class ApolloCompanies:
    """Asks Apollo for one company a call, by its domain only. One that is found costs a credit."""

    name = NAME
    batch_size = 1
    concurrency = 4
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._endpoint = Endpoint(transport, options.base_url, {"x-api-key": api_key})

    def most_cost(self, query: CompanyQuery) -> float:
        """One credit, if there is a domain."""
        return COMPANY_CREDITS if query.domain else 0.0

    async def find_company(self, query: CompanyQuery) -> PaidCompanyAnswer:
        """The company of a query; None is a company not found. Raises CallFailed."""
        params = {"domain": query.domain or ""}
        reply = await self._endpoint.get("/organizations/enrich", params, can_buy=True)
        if reply.is_no_match:
            return None
        answer = require_answer(reply)
        organization = answer.get("organization")
        if "organization" not in answer or not isinstance(organization, dict | None):
            raise reply.garbled()
        if not organization:
            return None
        spent = amount(member(answer, "credits_consumed"))
        return found_company(query, company_of(organization), COMPANY_CREDITS if spent is None else spent)
