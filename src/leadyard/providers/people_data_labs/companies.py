"""People Data Labs: a company by its domain or its page on LinkedIn."""

from __future__ import annotations

from leadyard.domain.providers import CompanyQuery, PaidCompanyAnswer
from leadyard.providers.answers import found_company
from leadyard.providers.people_data_labs.client import Options, credits_spent, failure_of
from leadyard.providers.people_data_labs.mapping import LIKELIHOOD_SCALE, NAME, company_of
from leadyard.providers.transport import Endpoint, Transport
from leadyard.providers.values import member, number

COMPANY_CREDITS = 1.0


class PeopleDataLabsCompanies:
    """Asks People Data Labs for one company a call. One that is found costs a credit."""

    name = NAME
    batch_size = 1
    concurrency = 4
    repeats_are_free = False

    def __init__(self, api_key: str, options: Options, transport: Transport) -> None:
        self.rate = options.rate
        self._endpoint = Endpoint(transport, options.base_url, {"X-Api-Key": api_key})

    def most_cost(self, query: CompanyQuery) -> float:
        """One credit, if there is a domain or a page."""
        return COMPANY_CREDITS if query.domain or query.linkedin_url else 0.0

    async def find_company(self, query: CompanyQuery) -> PaidCompanyAnswer:
        """The company of a query; None is a company not found. Raises CallFailed."""
        params = {"titlecase": "true"}
        if query.domain:
            params["website"] = query.domain
        if query.linkedin_url:
            params["profile"] = query.linkedin_url
        reply = await self._endpoint.get("/company/enrich", params, can_buy=True)
        if reply.is_no_match:
            return None
        if reply.status != 200:
            raise failure_of(reply)
        record = reply.json()
        if member(record, "error"):
            raise failure_of(reply)
        if not isinstance(record, dict):
            raise reply.garbled()
        status = number(record.get("status"))
        if status == 404:
            return None
        if status is None or status != 200:
            raise failure_of(reply)
        spent = credits_spent(reply)
        cost = COMPANY_CREDITS if spent is None else spent
        likelihood = number(record.get("likelihood"))
        confidence = 1.0 if likelihood is None else likelihood / LIKELIHOOD_SCALE
        return found_company(query, company_of(record), cost, confidence)
