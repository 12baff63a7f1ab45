"""Prospeo: a company by its domain or its page on LinkedIn."""

from __future__ import annotations

from leadyard.domain.providers import CompanyQuery, PaidCompanyAnswer
from leadyard.providers.answers import found_company
from leadyard.providers.prospeo.client import Options, require_answer
from leadyard.providers.prospeo.mapping import NAME, company_of
from leadyard.providers.transport import Endpoint, Transport

COMPANY_CREDITS = 1.0


class ProspeoCompanies:
    """Asks Prospeo for one company a call. One that is found costs a credit, the first time."""

    name = NAME
    batch_size = 1
    concurrency = 4
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._endpoint = Endpoint(transport, options.base_url, {"X-KEY": api_key})

    def most_cost(self, query: CompanyQuery) -> float:
        """One credit, if there is a domain or a page."""
        return COMPANY_CREDITS if query.domain or query.linkedin_url else 0.0

    async def find_company(self, query: CompanyQuery) -> PaidCompanyAnswer:
        """The company of a query; None is a company not found. Raises CallFailed."""
        clues = {"company_website": query.domain, "company_linkedin_url": query.linkedin_url}
        data = {name: clue for name, clue in clues.items() if clue}
        reply = await self._endpoint.post("/enrich-company", {"data": data}, can_buy=True)
        answer = require_answer(reply)
        if answer.get("total_cost") == 0:
            return None
        if not isinstance(answer.get("company"), dict):
            raise reply.garbled()
        cost = 0.0 if answer.get("free_enrichment") is True else COMPANY_CREDITS
        return found_company(query, company_of(answer["company"]), cost)
