"""GET /companies/find: one company, while the caller waits."""

from __future__ import annotations

from litestar import Response, get

from leadyard.actions.companies import find_company as find
from leadyard.api.call import open_call
from leadyard.api.parameters import read_texts
from leadyard.api.person_views import company_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.company_pages import company_page_key, company_page_url
from leadyard.domain.errors import Refused, missing_parameter, unsupported_parameter
from leadyard.domain.identity import InvalidIdentity, registrable_domain
from leadyard.domain.providers import CompanyQuery


@get("/companies/find")
async def find_company(request: ApiRequest) -> Response[bytes]:
    """The company with a domain or a LinkedIn page; costs nothing."""
    call = await open_call(request, Scope.PEOPLE_WRITE)
    query = _read_query(read_texts(request, ("domain", "linkedin_url")))
    company = await find(call.services.find_company, call.caller, query)
    return json_response(request, company_view(company))


def _read_query(given: dict[str, str]) -> CompanyQuery:
    """Raises Refused, at the parameter that is missing or cannot be used."""
    if not given:
        raise Refused(missing_parameter("domain"))
    domain = page = None
    if "domain" in given:
        try:
            domain = registrable_domain(given["domain"])
        except InvalidIdentity:
            raise Refused(unsupported_parameter("domain")) from None
    if "linkedin_url" in given:
        try:
            page = company_page_url(company_page_key(given["linkedin_url"]))
        except InvalidIdentity:
            raise Refused(unsupported_parameter("linkedin_url")) from None
    return CompanyQuery(domain=domain, linkedin_url=page)
